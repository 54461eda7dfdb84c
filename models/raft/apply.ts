import { entryAt, lastIndex } from "./log.ts";
import { note } from "./notes.ts";
import { advance } from "./state.ts";
import type { Application, Effects, Index, PendingProposal, RaftState, Term } from "./types.ts";

const NONE_PENDING: readonly PendingProposal[] = [];

/** Applies what is committed and is not applied yet. */
export function applyCommitted<App>(
  application: Application<App>,
  state: RaftState<App>,
  effects: Effects<App>,
): RaftState<App> {
  return commitAndApply(application, state, state.commitIndex, state.leaderContactAt, effects);
}

/**
 * Raft fig. 2, all servers: "If commitIndex > lastApplied: increment lastApplied, apply log[lastApplied] to state machine".
 *
 * @returns the state with that commitIndex, with what it commits applied, and with `leaderContactAt`
 */
export function commitAndApply<App>(
  application: Application<App>,
  state: RaftState<App>,
  commitIndex: Index,
  leaderContactAt: number,
  effects: Effects<App>,
): RaftState<App> {
  const { log, leader } = state;
  let current = state.application;
  let pending = state.pendingProposals;
  let index = state.lastApplied;
  const end = Math.min(commitIndex, lastIndex(log));
  while (index < end) {
    index++;
    const entry = entryAt(log, index);
    if (entry === undefined) break;
    let result = "";
    if (entry.kind === "command") {
      const awaited = pending.length > 0 && isAwaited(pending, index, entry.term);
      const applied = application.apply(current, entry.command, index, awaited);
      current = applied.state;
      result = applied.result;
    }
    if (pending.length > 0) pending = answerProposals(pending, index, entry.term, result, effects);
  }
  return advance(state, log, commitIndex, index, current, leader, pending, leaderContactAt);
}

function isAwaited(pending: readonly PendingProposal[], index: Index, term: Term): boolean {
  for (let i = 0; i < pending.length; i++) {
    const proposal = pending[i]!;
    if (proposal.index === index && proposal.term === term) return true;
  }
  return false;
}

/**
 * Raft 5.3: "When the entry has been safely replicated, the leader applies the entry to its state machine and returns the
 * result of that execution to the client". A proposal in whose place another entry was committed never happened; this is
 * told by a leader that has been deposed since, too.
 */
function answerProposals<App>(
  pending: readonly PendingProposal[],
  index: Index,
  term: Term,
  result: string,
  effects: Effects<App>,
): readonly PendingProposal[] {
  let answered = 0;
  for (const proposal of pending) {
    if (proposal.index !== index) continue;
    answered++;
    if (proposal.term === term)
      effects.push({ kind: "reply", id: proposal.id, response: { kind: "committed", index, term, result } });
    else effects.push(note.proposalSuperseded, superseded(proposal));
  }
  if (answered === 0) return pending;
  if (answered === pending.length) return NONE_PENDING;
  const left: PendingProposal[] = [];
  for (const proposal of pending) if (proposal.index !== index) left.push(proposal);
  return left;
}

function superseded<App>({ id, index, term }: PendingProposal): Effects<App>[number] {
  return { kind: "reply", id, response: { kind: "superseded", index, term } };
}
