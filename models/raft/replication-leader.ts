import type { Micros } from "../kernel/index.ts";
import { leaderCommitIndex } from "./commit.ts";
import { entriesFrom, lastIndex, termAt } from "./log.ts";
import { note } from "./notes.ts";
import {
  appendSent,
  backedUp,
  heardFrom,
  isPaused,
  matched,
  progressPosition,
  replaceProgress,
  snapshotSent,
  withProgress,
} from "./progress.ts";
import { confirmRounds } from "./read.ts";
import { advanceLeader, updateLeader, withLeader } from "./state.ts";
import { heartbeatTimer } from "./timers.ts";
import { sendTimeoutNowWhenCaughtUp } from "./transfer.ts";
import type { Effects, Entry, Index, LeaderState, Log, MemberId, Progress, RaftMessage, RaftState } from "./types.ts";

type AppendEntriesReply = Extract<RaftMessage<unknown>, { kind: "appendEntriesReply" }>;
type InstallSnapshotReply = Extract<RaftMessage<unknown>, { kind: "installSnapshotReply" }>;

const NO_ENTRIES: readonly Entry[] = [];

/** How many rounds without a quorum are remembered. A round that is forgotten extends no lease: that is safe. */
const ROUNDS_REMEMBERED_MAX = 64;

/**
 * Sends each peer what it lacks, or an append without entries where it is up to date: leaderCommit is news (etcd raft,
 * bcastAppend). Log and commit index need not be in the state yet.
 *
 * @param newest the log's last entries, where there is a list of them already: most peers lack just these
 * @returns the leader state with what was sent
 */
export function sendToAll<App>(
  state: RaftState<App>,
  log: Log,
  leader: LeaderState,
  commitIndex: Index,
  newest: readonly Entry[],
  effects: Effects<App>,
): LeaderState {
  const { progress } = leader;
  let list: Progress[] | null = null;
  for (let position = 0; position < progress.length; position++) {
    const before = progress[position]!;
    const after = sendAppends(state, log, leader, commitIndex, newest, before, true, effects);
    if (after === before) continue;
    if (list === null) list = progress.slice();
    list[position] = after;
  }
  return list === null ? leader : withProgress(leader, list);
}

/** Thesis 10.2.2: with pipelining the leader sends further entries "without waiting for the acknowledgment" of earlier ones. */
function sendAppends<App>(
  state: RaftState<App>,
  log: Log,
  leader: LeaderState,
  commitIndex: Index,
  newest: readonly Entry[],
  progress: Progress,
  evenIfEmpty: boolean,
  effects: Effects<App>,
): Progress {
  const last = lastIndex(log);
  let current = progress;
  let empty = evenIfEmpty;
  while (empty || current.nextIndex <= last) {
    if (isPaused(state.config, current)) {
      if (current.mode === "replicate") effects.push(note.progressWindowFull);
      return current;
    }
    empty = false;
    current = sendAppend(state, log, leader, commitIndex, newest, current, effects);
  }
  return current;
}

/** Raft 5.3: "If last log index >= nextIndex for a follower: send AppendEntries RPC with log entries starting at nextIndex". */
function sendAppend<App>(
  state: RaftState<App>,
  log: Log,
  leader: LeaderState,
  commitIndex: Index,
  newest: readonly Entry[],
  progress: Progress,
  effects: Effects<App>,
): Progress {
  const { nextIndex } = progress;
  // Raft 7: the leader sends a snapshot "when the leader has already discarded the next log entry that it needs to send".
  if (nextIndex <= log.prevIndex) return sendSnapshot(state, leader, progress, effects);
  const entries = entriesToSend(log, nextIndex, newest, state.config.entriesPerAppendMax);
  pushAppend(state, log, leader, commitIndex, progress, entries, effects);
  return appendSent(progress, entries.length);
}

function entriesToSend(log: Log, nextIndex: Index, newest: readonly Entry[], countMax: number): readonly Entry[] {
  const count = lastIndex(log) + 1 - nextIndex;
  if (count <= 0) return NO_ENTRIES;
  return count === newest.length && count <= countMax ? newest : entriesFrom(log, nextIndex, countMax);
}

function pushAppend<App>(
  state: RaftState<App>,
  log: Log,
  leader: LeaderState,
  commitIndex: Index,
  progress: Progress,
  entries: readonly Entry[],
  effects: Effects<App>,
): void {
  const prevLogIndex = progress.nextIndex - 1;
  effects.push({
    kind: "send",
    to: progress.id,
    message: {
      kind: "appendEntries",
      term: state.currentTerm,
      prevLogIndex,
      prevLogTerm: termAt(log, prevLogIndex),
      entries,
      leaderCommit: commitIndex,
      round: leader.round,
    },
  });
}

/** Raft fig. 13, InstallSnapshot, in one message. */
function sendSnapshot<App>(
  state: RaftState<App>,
  leader: LeaderState,
  progress: Progress,
  effects: Effects<App>,
): Progress {
  const { snapshot } = state;
  // A log is compacted only behind a snapshot.
  if (snapshot === null) return progress;
  effects.push(note.snapshotSent);
  if (progress.mode !== "snapshot") effects.push(note.progressToSnapshot);
  effects.push({
    kind: "send",
    to: progress.id,
    message: { kind: "installSnapshot", term: state.currentTerm, snapshot, round: leader.round },
  });
  return snapshotSent(progress, snapshot.index);
}

/**
 * Raft 5.2: "Leaders send periodic heartbeats (AppendEntries RPCs that carry no log entries) to all followers". They
 * carry the position where the leader takes the follower's log to end, so that an append that was lost shows as a
 * refusal, and one whose answer was lost as a success.
 */
export function heartbeatTimeout<App>(state: RaftState<App>, now: number, effects: Effects<App>): RaftState<App> {
  if (state.leader === null) return state;
  effects.push(heartbeatTimer(state.config));
  return confirmRounds(startRound(state, now, effects), effects);
}

/** Only leases ask when a round was sent. */
function remembered(roundSentAt: readonly Micros[], now: Micros): readonly Micros[] {
  return [...roundSentAt.slice(Math.max(0, roundSentAt.length + 1 - ROUNDS_REMEMBERED_MAX)), now];
}

/** Begins a round of heartbeats: one that a quorum answers shows that this member was still leader when it began. */
export function startRound<App>(state: RaftState<App>, now: number, effects: Effects<App>): RaftState<App> {
  const before = state.leader!;
  const roundSentAt = state.config.readMode === "lease" ? remembered(before.roundSentAt, now) : before.roundSentAt;
  const leader = updateLeader(before, { round: before.round + 1, roundSentAt });
  const { progress } = leader;
  let list: Progress[] | null = null;
  for (let position = 0; position < progress.length; position++) {
    const peer = progress[position]!;
    if (peer.nextIndex > state.log.prevIndex) {
      pushAppend(state, state.log, leader, state.commitIndex, peer, NO_ENTRIES, effects);
      continue;
    }
    if (list === null) list = progress.slice();
    list[position] = sendSnapshot(state, leader, peer, effects);
  }
  return withLeader(state, list === null ? leader : withProgress(leader, list));
}

/** The answer to an append, heartbeats included. Its term is the current one. */
export function handleAppendEntriesReply<App>(
  state: RaftState<App>,
  from: MemberId,
  message: AppendEntriesReply,
  effects: Effects<App>,
): RaftState<App> {
  const { leader } = state;
  if (leader === null) return state;
  const position = progressPosition(leader, from);
  if (position < 0) return from === state.config.id ? commitOwnWrite(state, effects) : state;
  const before = leader.progress[position]!;
  const heard = heardFrom(before, message.round);
  if (message.success) {
    const after = matched(heard, message.matchIndex, state.log, effects);
    return acknowledged(state, leader, position, before, after, effects);
  }
  const { matchIndex, hintIndex, hintTerm } = message;
  const retreated = backedUp(heard, matchIndex, hintIndex, hintTerm, state.config, state.log, effects);
  const after =
    retreated === heard
      ? heard
      : sendAppends(state, state.log, leader, state.commitIndex, NO_ENTRIES, retreated, true, effects);
  return acknowledged(state, leader, position, before, after, effects);
}

/** The leader's own write is durable. It may complete a quorum: of a sole voter, or of one that has just shrunk. */
export function commitOwnWrite<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const leader = state.leader!;
  const commitIndex = leaderCommitIndex(state, leader, effects);
  return commitIndex === state.commitIndex ? state : commitAsLeader(state, leader, commitIndex, effects);
}

/**
 * etcd raft, stepLeader: "committed index has progressed for the term, so it is safe to respond to pending read index
 * requests" and to bcastAppend: followers learn of it at once, together with what they lack.
 */
function commitAsLeader<App>(
  state: RaftState<App>,
  leader: LeaderState,
  commitIndex: Index,
  effects: Effects<App>,
): RaftState<App> {
  const sent = sendToAll(state, state.log, leader, commitIndex, NO_ENTRIES, effects);
  return advanceLeader(state, sent, commitIndex);
}

/** The answer to a snapshot. Its term is the current one. */
export function handleInstallSnapshotReply<App>(
  state: RaftState<App>,
  from: MemberId,
  message: InstallSnapshotReply,
  effects: Effects<App>,
): RaftState<App> {
  const { leader } = state;
  if (leader === null) return state;
  const position = progressPosition(leader, from);
  if (position < 0) return state;
  const before = leader.progress[position]!;
  const after = matched(heardFrom(before, message.round), message.matchIndex, state.log, effects);
  return acknowledged(state, leader, position, before, after, effects);
}

/** What follows from a peer's new progress: commitment, further appends, confirmed reads, a transfer that can go on. */
function acknowledged<App>(
  state: RaftState<App>,
  leader: LeaderState,
  position: number,
  before: Progress,
  after: Progress,
  effects: Effects<App>,
): RaftState<App> {
  if (after === before) return state;
  let next = replicateFurther(state, replaceProgress(leader, position, after), position, before, after, effects);
  if (after.ackedRound > before.ackedRound) next = confirmRounds(next, effects);
  if (leader.leadTransferee === after.id) next = sendTimeoutNowWhenCaughtUp(next, effects);
  return next;
}

function replicateFurther<App>(
  state: RaftState<App>,
  leader: LeaderState,
  position: number,
  before: Progress,
  after: Progress,
  effects: Effects<App>,
): RaftState<App> {
  if (after.matchIndex > before.matchIndex && after.matchIndex > state.commitIndex) {
    const commitIndex = leaderCommitIndex(state, leader, effects);
    if (commitIndex > state.commitIndex) return commitAsLeader(state, leader, commitIndex, effects);
  }
  if (after.mode === "probe") return withLeader(state, leader);
  const { log, config, commitIndex } = state;
  // While the window was full or the peer was probed, commitIndex may have gone on without its being told.
  const evenIfEmpty = isPaused(config, before);
  const sent = sendAppends(state, log, leader, commitIndex, NO_ENTRIES, after, evenIfEmpty, effects);
  return withLeader(state, sent === after ? leader : replaceProgress(leader, position, sent));
}
