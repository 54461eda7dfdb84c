import type { RequestId } from "../kernel/index.ts";
import { configurationsWith, memberIds } from "./configuration.ts";
import { appendEntry, lastIndex } from "./log.ts";
import { note } from "./notes.ts";
import { progressFor } from "./progress.ts";
import { sendToAll } from "./replication-leader.ts";
import { advance, inForce, update, updateLeader } from "./state.ts";
import { abortTransferTo } from "./transfer.ts";
import type { Effects, Entry, Index, PendingProposal, RaftState } from "./types.ts";

/** Raft 5.3: "The leader appends the command to its log as a new entry". Others name the leader, as far as they know it. */
export function requestPropose<App>(
  state: RaftState<App>,
  id: RequestId,
  command: string,
  effects: Effects<App>,
): RaftState<App> {
  if (!acceptsProposals(state, id, effects)) return state;
  return appendAsLeader(state, { kind: "command", term: state.currentTerm, command }, id, effects);
}

/** Whether this member is a leader that takes a proposal now. If not, the request is answered. */
export function acceptsProposals<App>(state: RaftState<App>, id: RequestId, effects: Effects<App>): boolean {
  if (state.leader === null) {
    effects.push(note.proposalNotLeader);
    effects.push({ kind: "reply", id, response: { kind: "notLeader", leaderHint: state.leaderId } });
    return false;
  }
  // Thesis 3.10: "The prior leader stops accepting new client requests".
  if (state.leader.leadTransferee !== null) {
    effects.push(note.proposalRefusedTransferring);
    effects.push({ kind: "reply", id, response: { kind: "refused", reason: "leadership is being transferred" } });
    return false;
  }
  if (state.pendingProposals.length >= state.config.pendingProposalsMax) {
    effects.push(note.proposalRefusedBusy);
    effects.push({ kind: "reply", id, response: { kind: "refused", reason: "too many proposals are pending" } });
    return false;
  }
  return true;
}

/**
 * Raft 5.3: the leader "appends the command to its log as a new entry, then issues AppendEntries RPCs in parallel".
 *
 * Thesis 10.2.1: "the leader can write to its disk in parallel with replicating to the followers": the appends go out
 * before its own write. Nothing that counts on that write comes before it: the leader hears of an answer only after the
 * sync is done, and where its own write may complete a quorum it waits for it by a message to itself.
 */
export function appendAsLeader<App>(
  state: RaftState<App>,
  entry: Entry,
  id: RequestId | null,
  effects: Effects<App>,
): RaftState<App> {
  const { commitIndex, lastApplied, application, pendingProposals, leaderContactAt } = state;
  const log = appendEntry(state.log, entry);
  const index = lastIndex(log);
  const before = entry.kind === "configuration" ? adoptConfiguration(state, index, entry, effects) : state;
  const entries = [entry];
  const leader = sendToAll(before, log, before.leader!, commitIndex, entries, effects);
  const pending = id === null ? pendingProposals : withPending(pendingProposals, { id, index, term: entry.term });
  const next = advance(before, log, commitIndex, lastApplied, application, leader, pending, leaderContactAt);
  effects.push({ kind: "persist", record: { kind: "entries", firstIndex: index, entries }, sync: true });
  if (inForce(next).voters.length === 1 || entry.kind === "configuration") awaitOwnWrite(next, effects);
  return next;
}

/** etcd raft, appendEntry: "The leader needs to self-ack the entries just appended once they have been durably persisted". */
function awaitOwnWrite<App>(state: RaftState<App>, effects: Effects<App>): void {
  const { config, currentTerm, log } = state;
  const matchIndex = lastIndex(log);
  const round = state.leader!.round;
  effects.push({
    kind: "send",
    to: config.id,
    message: {
      kind: "appendEntriesReply",
      term: currentTerm,
      success: true,
      matchIndex,
      hintIndex: 0,
      hintTerm: 0,
      round,
    },
  });
}

function withPending(pending: readonly PendingProposal[], added: PendingProposal): readonly PendingProposal[] {
  return pending.length === 0 ? [added] : [...pending, added];
}

/** Raft 6: "Once a given server adds the new configuration entry to its log, it uses that configuration". */
function adoptConfiguration<App>(
  state: RaftState<App>,
  index: Index,
  entry: Entry,
  effects: Effects<App>,
): RaftState<App> {
  const adopted = update(state, { configurations: configurationsWith(state.configurations, index, [entry]) });
  const leader = adopted.leader!;
  const progress = progressFor(memberIds(inForce(adopted)), state.config.id, leader.progress, index);
  return abortTransferTo(update(adopted, { leader: updateLeader(leader, { progress }) }), effects);
}
