import { commitAndApply } from "./apply.ts";
import { configurationsUpTo, configurationsWith } from "./configuration.ts";
import { findConflictByTerm, holds, lastIndex, replaceFrom, termAt } from "./log.ts";
import { note } from "./notes.ts";
import { becomeFollower } from "./roles.ts";
import { advance, update } from "./state.ts";
import { electionTimer } from "./timers.ts";
import type { Application, Effects, Entry, Index, MemberId, RaftMessage, RaftState, Term } from "./types.ts";

type AppendEntries = Extract<RaftMessage<unknown>, { kind: "appendEntries" }>;

/** Raft fig. 2, AppendEntries 1: "Reply false if term < currentTerm", which deposes the sender. */
export function refuseStaleAppend<App>(
  state: RaftState<App>,
  from: MemberId,
  message: AppendEntries,
  effects: Effects<App>,
): RaftState<App> {
  effects.push(note.appendRefusedStaleTerm);
  // The sender may lead again, in the current term: a round of its old one must not pass for one of the new.
  replyAppend(state.currentTerm, from, false, message.prevLogIndex, 0, 0, 0, effects);
  return state;
}

/** Raft fig. 2, AppendEntries, from a leader of the current term. */
export function handleAppendEntries<App>(
  application: Application<App>,
  state: RaftState<App>,
  from: MemberId,
  message: AppendEntries,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  if (state.role === "leader") {
    // Election safety is broken. To say so is for the property that watches it; this leader only keeps its log.
    effects.push(note.appendFromSecondLeader);
    return state;
  }
  const follower = followLeader(state, from, effects);
  effects.push(electionTimer(state.config));
  const { log, currentTerm } = follower;
  const { prevLogIndex, round } = message;
  if (prevLogIndex < log.prevIndex) return replyCommitted(follower, from, round, now, effects);
  if (!holds(log, prevLogIndex, message.prevLogTerm)) return refuseMismatch(follower, from, message, now, effects);
  const appended = appendNew(follower, prevLogIndex + 1, message.entries, now, effects);
  const lastNew = prevLogIndex + message.entries.length;
  replyAppend(currentTerm, from, true, lastNew, 0, 0, round, effects);
  return advanceFollowerCommit(application, appended, message.leaderCommit, lastNew, now, effects);
}

/**
 * Raft 5.2: a candidate that receives an append from a leader whose "term is at least as large as the candidate's current
 * term [...] recognizes the leader as legitimate and returns to follower state".
 */
export function followLeader<App>(state: RaftState<App>, leaderId: MemberId, effects: Effects<App>): RaftState<App> {
  if (state.role === "follower" && state.leaderId === leaderId) return state;
  return becomeFollower(state, state.currentTerm, leaderId, effects);
}

/** What an old append is about is compacted here, so it is committed and matches (etcd raft, handleAppendEntries). */
function replyCommitted<App>(
  state: RaftState<App>,
  to: MemberId,
  round: number,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  effects.push(note.appendBelowCompacted);
  replyAppend(state.currentTerm, to, true, state.commitIndex, 0, 0, round, effects);
  return update(state, { leaderContactAt: now });
}

/**
 * Raft fig. 2, AppendEntries 2: "Reply false if log doesn't contain an entry at prevLogIndex whose term matches
 * prevLogTerm". The answer names where the logs may agree, so that the leader can skip the entries of later terms (Raft
 * 5.3; etcd raft, handleAppendEntries: RejectHint and LogTerm).
 */
function refuseMismatch<App>(
  state: RaftState<App>,
  to: MemberId,
  message: AppendEntries,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  effects.push(note.appendMismatch);
  const { log, currentTerm, config } = state;
  const { prevLogIndex, prevLogTerm, round } = message;
  const hintIndex = config.fastBackup ? findConflictByTerm(log, prevLogIndex, prevLogTerm) : prevLogIndex - 1;
  const hintTerm = config.fastBackup ? termAt(log, hintIndex) : 0;
  replyAppend(currentTerm, to, false, prevLogIndex, hintIndex, hintTerm, round, effects);
  return update(state, { leaderContactAt: now });
}

/**
 * Raft fig. 2, AppendEntries 3: "If an existing entry conflicts with a new one (same index but different terms), delete
 * the existing entry and all that follow it". 4: "Append any new entries not already in the log".
 *
 * Only a conflict truncates: an append may be old and short, and what follows it in the log acknowledged and committed.
 */
export function appendNew<App>(
  state: RaftState<App>,
  firstIndex: Index,
  entries: readonly Entry[],
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  if (entries.length === 0) return state;
  const { log } = state;
  const last = lastIndex(log);
  let known = 0;
  while (known < entries.length && termAt(log, firstIndex + known) === entries[known]!.term) known++;
  if (known === entries.length) {
    effects.push(note.appendDuplicate);
    return state;
  }
  const index = firstIndex + known;
  const fresh = known === 0 ? entries : entries.slice(known);
  effects.push({ kind: "persist", record: { kind: "entries", firstIndex: index, entries: fresh }, sync: true });
  const kept = index <= last ? truncated(state, index - 1, effects) : state;
  const { commitIndex, lastApplied, application, leader, pendingProposals } = kept;
  const appended = replaceFrom(log, index, fresh);
  const next = advance(kept, appended, commitIndex, lastApplied, application, leader, pendingProposals, now);
  const configurations = configurationsWith(kept.configurations, index, fresh);
  return configurations === kept.configurations ? next : update(next, { configurations });
}

/** A configuration that is cut off is no longer in force: thesis 4.1, a server "must be prepared to fall back". */
function truncated<App>(state: RaftState<App>, upTo: Index, effects: Effects<App>): RaftState<App> {
  effects.push(note.appendConflictTruncated);
  const configurations = configurationsUpTo(state.configurations, upTo);
  if (configurations === state.configurations) return state;
  effects.push(note.configurationReverted);
  return update(state, { configurations });
}

/**
 * Raft fig. 2, AppendEntries 5: "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new
 * entry)". What lies behind the last new entry has not been compared with the leader's log.
 */
function advanceFollowerCommit<App>(
  application: Application<App>,
  state: RaftState<App>,
  leaderCommit: Index,
  lastNew: Index,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  // A delayed request would move commitIndex back; it never goes back.
  const commitIndex = Math.max(state.commitIndex, Math.min(leaderCommit, lastNew));
  if (commitIndex === state.commitIndex && now === state.leaderContactAt) return state;
  return commitAndApply(application, state, commitIndex, now, effects);
}

function replyAppend<App>(
  term: Term,
  to: MemberId,
  success: boolean,
  matchIndex: Index,
  hintIndex: Index,
  hintTerm: Term,
  round: number,
  effects: Effects<App>,
): void {
  effects.push({
    kind: "send",
    to,
    message: { kind: "appendEntriesReply", term, success, matchIndex, hintIndex, hintTerm, round },
  });
}
