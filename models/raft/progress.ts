import { findConflictByTerm } from "./log.ts";
import { note } from "./notes.ts";
import type { Effects, Index, LeaderState, Log, MemberId, Progress, RaftConfig, Term } from "./types.ts";

const NONE_IN_FLIGHT: readonly Index[] = [];

/** Every progress is made here: one shape, so that the leader's path stays fast. */
function progressOf(
  id: MemberId,
  matchIndex: Index,
  nextIndex: Index,
  mode: Progress["mode"],
  paused: boolean,
  inflight: readonly Index[],
  pendingSnapshot: Index,
  ackedRound: number,
  recentActive: boolean,
): Progress {
  return { id, matchIndex, nextIndex, mode, paused, inflight, pendingSnapshot, ackedRound, recentActive };
}

/**
 * Raft fig. 2: nextIndex is "initialized to leader last log index + 1", matchIndex "to 0".
 *
 * @param recentActive for a member that has just been added: it counts as heard from until the next check, so that the
 * leader does not step down before it could answer (etcd raft, confchange.Changer.initProgress)
 */
export function newProgress(id: MemberId, nextIndex: Index, recentActive: boolean): Progress {
  return progressOf(id, 0, nextIndex, "probe", false, NONE_IN_FLIGHT, 0, 0, recentActive);
}

/** Where a peer's progress is in the leader's list, or -1. */
export function progressPosition(leader: LeaderState, id: MemberId): number {
  const { progress } = leader;
  for (let position = 0; position < progress.length; position++) if (progress[position]!.id === id) return position;
  return -1;
}

/** The list with one progress replaced. */
export function replaceProgress(leader: LeaderState, position: number, progress: Progress): LeaderState {
  const list = leader.progress.slice();
  list[position] = progress;
  return withProgress(leader, list);
}

/** The leader state with another list of progress. */
export function withProgress(leader: LeaderState, progress: readonly Progress[]): LeaderState {
  return {
    progress,
    round: leader.round,
    roundSentAt: leader.roundSentAt,
    leaseUntil: leader.leaseUntil,
    pendingReads: leader.pendingReads,
    leadTransferee: leader.leadTransferee,
    leaseForfeited: leader.leaseForfeited,
  };
}

/** Whether appends to a peer have to wait for an answer (etcd raft, Progress.IsPaused). Heartbeats do not. */
export function isPaused(config: RaftConfig, progress: Progress): boolean {
  switch (progress.mode) {
    case "probe":
      return progress.paused;
    case "replicate":
      return progress.inflight.length >= (config.pipelining ? config.inflightAppendsMax : 1);
    case "snapshot":
      return true;
  }
}

/** The peer was heard from, in answer to what was sent in `round`. */
export function heardFrom(progress: Progress, round: number): Progress {
  if (progress.recentActive && round <= progress.ackedRound) return progress;
  const ackedRound = Math.max(progress.ackedRound, round);
  const { id, matchIndex, nextIndex, mode, paused, inflight, pendingSnapshot } = progress;
  return progressOf(id, matchIndex, nextIndex, mode, paused, inflight, pendingSnapshot, ackedRound, true);
}

/** Nothing was heard from the peer since this quorum check. */
export function notHeardFrom(progress: Progress): Progress {
  if (!progress.recentActive) return progress;
  const { id, matchIndex, nextIndex, mode, paused, inflight, pendingSnapshot, ackedRound } = progress;
  return progressOf(id, matchIndex, nextIndex, mode, paused, inflight, pendingSnapshot, ackedRound, false);
}

/** An append with `count` entries was sent. In probe the next one waits for its answer; in replicate it is in flight. */
export function appendSent(progress: Progress, count: number): Progress {
  const { id, matchIndex, nextIndex, mode, inflight, pendingSnapshot, ackedRound, recentActive } = progress;
  if (mode === "probe")
    return progressOf(id, matchIndex, nextIndex, mode, true, inflight, pendingSnapshot, ackedRound, recentActive);
  if (count === 0) return progress;
  const next = nextIndex + count;
  const sent = inflight.length === 0 ? [next - 1] : [...inflight, next - 1];
  return progressOf(id, matchIndex, next, mode, false, sent, pendingSnapshot, ackedRound, recentActive);
}

/** A snapshot was sent: nothing follows until it is installed (etcd raft, Progress.BecomeSnapshot). */
export function snapshotSent(progress: Progress, index: Index): Progress {
  const { id, matchIndex, ackedRound, recentActive } = progress;
  return progressOf(id, matchIndex, index + 1, "snapshot", false, NONE_IN_FLIGHT, index, ackedRound, recentActive);
}

/**
 * Raft fig. 2, leaders: "If successful: update nextIndex and matchIndex for follower". An answer that brings nothing
 * new changes nothing, but that in probe it shows where the logs match (etcd raft, stepLeader on MsgAppResp).
 */
export function matched<App>(progress: Progress, matchIndex: Index, log: Log, effects: Effects<App>): Progress {
  const { id, mode, paused, ackedRound, recentActive } = progress;
  if (matchIndex < progress.matchIndex) return progress;
  if (matchIndex === progress.matchIndex && mode !== "probe") return progress;
  if (mode === "probe") {
    effects.push(note.progressProbeToReplicate);
    return progressOf(id, matchIndex, matchIndex + 1, "replicate", false, NONE_IN_FLIGHT, 0, ackedRound, recentActive);
  }
  if (mode === "snapshot") {
    const connected = matchIndex >= log.prevIndex;
    const { nextIndex, inflight, pendingSnapshot } = progress;
    if (!connected)
      return progressOf(id, matchIndex, nextIndex, mode, paused, inflight, pendingSnapshot, ackedRound, recentActive);
    effects.push(note.progressSnapshotToReplicate);
    return progressOf(id, matchIndex, matchIndex + 1, "replicate", false, NONE_IN_FLIGHT, 0, ackedRound, recentActive);
  }
  const nextIndex = Math.max(progress.nextIndex, matchIndex + 1);
  const inflight = stillInFlight(progress.inflight, matchIndex);
  return progressOf(id, matchIndex, nextIndex, mode, false, inflight, 0, ackedRound, recentActive);
}

/**
 * Raft fig. 2, leaders: "If AppendEntries fails because of log inconsistency: decrement nextIndex and retry". A refusal
 * of something older than what the peer is now sent says nothing, and is passed over (etcd raft, Progress.MaybeDecrTo).
 */
export function backedUp<App>(
  progress: Progress,
  refused: Index,
  hintIndex: Index,
  hintTerm: Term,
  config: RaftConfig,
  log: Log,
  effects: Effects<App>,
): Progress {
  const { id, matchIndex, ackedRound, recentActive } = progress;
  if (progress.mode === "replicate") {
    if (refused <= matchIndex) return stale(progress, effects);
    effects.push(note.progressReplicateToProbe);
    return progressOf(id, matchIndex, matchIndex + 1, "probe", false, NONE_IN_FLIGHT, 0, ackedRound, recentActive);
  }
  if (refused !== progress.nextIndex - 1) return stale(progress, effects);
  if (progress.mode === "snapshot") effects.push(note.progressSnapshotLost);
  const agreed = config.fastBackup ? agreedAt(log, hintIndex, hintTerm, effects) : oneBefore(refused, effects);
  const nextIndex = Math.max(Math.min(refused, agreed + 1), matchIndex + 1);
  return progressOf(id, matchIndex, nextIndex, "probe", false, NONE_IN_FLIGHT, 0, ackedRound, recentActive);
}

/**
 * Raft 5.3: "the leader can decrement nextIndex to bypass all of the conflicting entries in that term; one AppendEntries
 * RPC will be required for each term with conflicting entries, rather than one RPC per entry". The leader skips the
 * entries of later terms in its own log as well (etcd raft, stepLeader on a rejected MsgAppResp).
 */
function agreedAt<App>(log: Log, hintIndex: Index, hintTerm: Term, effects: Effects<App>): Index {
  effects.push(note.progressBackedUpFast);
  return hintTerm > 0 ? findConflictByTerm(log, hintIndex, hintTerm) : hintIndex;
}

function oneBefore<App>(refused: Index, effects: Effects<App>): Index {
  effects.push(note.progressBackedUpByOne);
  return refused - 1;
}

function stale<App>(progress: Progress, effects: Effects<App>): Progress {
  effects.push(note.progressRejectionStale);
  return progress;
}

function stillInFlight(inflight: readonly Index[], matchIndex: Index): readonly Index[] {
  const count = inflight.length;
  if (count === 0 || inflight[count - 1]! <= matchIndex) return NONE_IN_FLIGHT;
  let first = 0;
  while (inflight[first]! <= matchIndex) first++;
  return first === 0 ? inflight : inflight.slice(first);
}

/** One progress for each other member, kept where it was known already; `lastLogIndex` is where a new one is probed. */
export function progressFor(
  members: readonly MemberId[],
  self: MemberId,
  known: readonly Progress[],
  lastLogIndex: Index,
): readonly Progress[] {
  const list: Progress[] = [];
  for (const id of members) {
    if (id === self) continue;
    list.push(known.find((progress) => progress.id === id) ?? newProgress(id, lastLogIndex, true));
  }
  return list;
}
