import { configurationsFrom } from "./configuration.ts";
import { compactTo, holds, logAfter, termAt } from "./log.ts";
import { note } from "./notes.ts";
import { followLeader } from "./replication-follower.ts";
import { configurationAt, update } from "./state.ts";
import { electionTimer } from "./timers.ts";
import type { Effects, Index, MemberId, PendingProposal, RaftMessage, RaftState, Snapshot } from "./types.ts";

type InstallSnapshot<App> = Extract<RaftMessage<App>, { kind: "installSnapshot" }>;

/**
 * Raft 7: "Each server takes snapshots independently, covering just the committed entries in its log". It holds "the
 * latest configuration in the log as of last included index". Some entries are kept behind it, so that a follower that is
 * a little slow needs no snapshot (etcd, SnapshotCatchUpEntries).
 */
export function takeSnapshotWhenDue<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const { config, log, lastApplied } = state;
  if (config.snapshotEntries === 0) return state;
  if (lastApplied - (state.snapshot === null ? 0 : state.snapshot.index) < config.snapshotEntries) return state;
  const snapshot: Snapshot<App> = {
    index: lastApplied,
    term: termAt(log, lastApplied),
    configuration: configurationAt(state, lastApplied),
    application: state.application,
  };
  effects.push(note.snapshotTaken, { kind: "persist", record: { kind: "snapshot", snapshot }, sync: true });
  return update(state, {
    snapshot,
    log: compactTo(log, Math.max(log.prevIndex, lastApplied - config.snapshotCatchUpEntries)),
    configurations: configurationsFrom(state.configurations, lastApplied),
  });
}

/** Raft fig. 13, InstallSnapshot 1: "Reply immediately if term < currentTerm". */
export function refuseStaleSnapshot<App>(state: RaftState<App>, from: MemberId, effects: Effects<App>): RaftState<App> {
  effects.push(note.snapshotRefusedStaleTerm);
  return replySnapshot(state, from, 0, 0, effects);
}

/** Raft fig. 13, InstallSnapshot, from a leader of the current term. */
export function handleInstallSnapshot<App>(
  state: RaftState<App>,
  from: MemberId,
  message: InstallSnapshot<App>,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  if (state.role === "leader") {
    effects.push(note.appendFromSecondLeader);
    return state;
  }
  const follower = update(followLeader(state, from, effects), { leaderContactAt: now });
  effects.push(electionTimer(state.config));
  const restored = restore(follower, message.snapshot, effects);
  return replySnapshot(restored, from, restored.commitIndex, message.round, effects);
}

/**
 * Raft fig. 13, InstallSnapshot 6: "If existing log entry has same index and term as snapshot's last included entry,
 * retain log entries following it". 7 and 8: else "discard the entire log" and "reset state machine using snapshot
 * contents (and load snapshot's cluster configuration)".
 */
function restore<App>(state: RaftState<App>, snapshot: Snapshot<App>, effects: Effects<App>): RaftState<App> {
  if (snapshot.index <= state.commitIndex) {
    effects.push(note.snapshotIgnoredStale);
    return state;
  }
  // etcd raft, restore: the log already holds what the snapshot covers: it is committed, and nothing is thrown away.
  if (holds(state.log, snapshot.index, snapshot.term)) {
    effects.push(note.snapshotIgnoredLogMatches);
    return update(state, { commitIndex: snapshot.index });
  }
  effects.push(note.snapshotInstalled, { kind: "persist", record: { kind: "snapshot", snapshot }, sync: true });
  return update(state, {
    log: logAfter(snapshot.index, snapshot.term),
    snapshot,
    commitIndex: snapshot.index,
    lastApplied: snapshot.index,
    application: snapshot.application,
    configurations: [{ index: snapshot.index, configuration: snapshot.configuration }],
    pendingProposals: answerSkipped(state.pendingProposals, snapshot.index, effects),
  });
}

/** What became of a proposal whose index a snapshot covers cannot be told: the entry is not in the log. */
function answerSkipped<App>(
  pending: readonly PendingProposal[],
  upTo: Index,
  effects: Effects<App>,
): readonly PendingProposal[] {
  const left: PendingProposal[] = [];
  for (const proposal of pending) {
    if (proposal.index > upTo) {
      left.push(proposal);
      continue;
    }
    const { id, index, term } = proposal;
    effects.push(note.proposalUnknown, { kind: "reply", id, response: { kind: "unknown", index, term } });
  }
  return left;
}

function replySnapshot<App>(
  state: RaftState<App>,
  to: MemberId,
  matchIndex: Index,
  round: number,
  effects: Effects<App>,
): RaftState<App> {
  const message = { kind: "installSnapshotReply" as const, term: state.currentTerm, matchIndex, round };
  effects.push({ kind: "send", to, message });
  return state;
}
