import { type ClockReading, type Effect, emptyOrderedMap, type Input, type Step } from "../kernel/index.ts";
import type { RaftMessage, RaftResponse, RaftState, RaftTypes } from "../raft/types.ts";
import { Applying } from "./applying.ts";
import {
  BACKEND_TIMER,
  backendTimer,
  commitWhenDue,
  compactionApplied,
  restoreBackend,
  SCRUB_TIMER,
  scrubTimer,
} from "./backend.ts";
import {
  CALLS_TIMER,
  call,
  expireWaits,
  failWait,
  handleForward,
  handleLeaseAnswer,
  handleLeaseCall,
  OPERATOR,
  takeWait,
} from "./calls.ts";
import {
  LEASE_TIMER,
  leadershipChanged,
  leadershipConfirmed,
  leadershipDoubted,
  leasesApplied,
  leaseTimer,
  renewAfterCheckpoint,
} from "./lessor.ts";
import { note } from "./notes.ts";
import { batchConfirmed, batchRefused, retryReads } from "./reads.ts";
import { type RaftOutcome, Turn } from "./turn.ts";
import type {
  ErrorCode,
  MemberConfig,
  MemberRules,
  MemberState,
  MemberTypes,
  ServerState,
  StoreDurable,
  StoreMessage,
  StoreState,
} from "./types.ts";
import {
  createWatch,
  eventsApplied,
  handleWatchMessage,
  PROGRESS_TIMER,
  progressTimer,
  SYNC_TIMER,
  stateInstalled,
  syncTimer,
} from "./watchers.ts";

/** A member starts: Raft from its disk, the store from the backend, the rest anew. */
export function boot(
  rules: MemberRules,
  durable: StoreDurable,
  config: MemberConfig,
  clock: ClockReading,
): Step<MemberTypes> {
  const { state, effects } = rules.boot(new Applying(rules, []), durable.raft, config.raft, clock);
  const raft = restoreBackend(rules, state, durable.raft, durable.backend);
  const { consistentIndex } = raft.application;
  const server: ServerState = {
    bootedAt: clock.now,
    ids: 0,
    waits: [],
    reads: { asked: null, waiting: [] },
    lessor: { primaryTerm: 0, clocks: [], confirming: null },
    watchers: [],
    forwarded: { term: 0, ids: emptyOrderedMap(), earlier: emptyOrderedMap() },
    committedIndex: durable.backend === null ? 0 : durable.backend.consistentIndex,
    timers: [],
  };
  const turn = new Turn(rules, config, { raft, server }, clock.now, clock.wall);
  for (const effect of effects) turn.effects.push(effect as Effect<MemberTypes>);
  if (raft !== state) turn.note(note.backendRestored);
  if (consistentIndex > raft.lastApplied) turn.note(note.backendAheadOfSnapshot);
  // A compaction that the crash cut short goes on (etcd, restore: scheduledCompact).
  if (turn.store.scrubbedRevision < turn.store.compactRevision) compactionApplied(turn);
  return finish(turn);
}

/** One input. Nearly all are Raft's, and most of those touch nothing else. */
export function step(rules: MemberRules, state: MemberState, input: Input<MemberTypes>): Step<MemberTypes> {
  const { config } = state;
  const forRaft = raftInput(input);
  if (forRaft === null) {
    const turn = new Turn(rules, config, state, input.now, input.wall);
    take(turn, input);
    return finish(turn);
  }
  const before = state.raft;
  const applying = new Applying(rules, state.server.waits);
  const { state: raft, effects } = rules.step(applying, before, forRaft);
  if (raft.application === before.application && sameLeadership(before, raft) && !hasReply(effects))
    return {
      state: { kind: "member", config, raft, server: state.server },
      effects: effects as readonly Effect<MemberTypes>[],
    };
  const turn = new Turn(rules, config, state, input.now, input.wall);
  turn.took(before, raft, effects, applying);
  return finish(turn);
}

function sameLeadership(before: RaftState<StoreState>, after: RaftState<StoreState>): boolean {
  return (before.leader === null) === (after.leader === null) && before.currentTerm === after.currentTerm;
}

function hasReply(effects: readonly Effect<RaftTypes<StoreState>>[]): boolean {
  for (let i = 0; i < effects.length; i++) if (effects[i]!.kind === "reply") return true;
  return false;
}

/** The input, if it is for Raft. */
function raftInput(input: Input<MemberTypes>): Input<RaftTypes<StoreState>> | null {
  switch (input.kind) {
    case "receive":
      return isOfStore(input.message) ? null : (input as Input<RaftTypes<StoreState>>);
    case "timer":
      return isTimerOfStore(input.name) ? null : input;
    case "request":
      return null;
  }
}

function isOfStore(message: StoreMessage): message is Exclude<StoreMessage, RaftMessage<StoreState>> {
  switch (message.kind) {
    case "appendEntries":
    case "appendEntriesReply":
      return false;
    case "call":
    case "answer":
    case "watchCreate":
    case "watchCancel":
    case "watchProgress":
    case "watchAck":
    case "watchResponse":
    case "forward":
    case "leaseCall":
    case "leaseAnswer":
      return true;
    default:
      return false;
  }
}

function isTimerOfStore(name: string): boolean {
  switch (name) {
    case CALLS_TIMER:
    case LEASE_TIMER:
    case BACKEND_TIMER:
    case SCRUB_TIMER:
    case SYNC_TIMER:
    case PROGRESS_TIMER:
      return true;
    default:
      return false;
  }
}

function take(turn: Turn, input: Input<MemberTypes>): void {
  switch (input.kind) {
    case "receive":
      receive(turn, input.from, input.message);
      return;
    case "timer":
      timerFired(turn, input.name);
      return;
    case "request":
      call(turn, OPERATOR, input.id, input.body);
  }
}

function receive(turn: Turn, from: string, message: StoreMessage): void {
  switch (message.kind) {
    case "call":
      call(turn, { kind: "client", process: from }, message.id, message.request);
      return;
    case "watchCreate":
      createWatch(turn, from, message.watchId, message.create);
      return;
    case "watchCancel":
    case "watchProgress":
    case "watchAck":
      handleWatchMessage(turn, from, message);
      return;
    case "forward":
      handleForward(turn, message);
      return;
    case "leaseCall":
      handleLeaseCall(turn, from, message);
      return;
    case "leaseAnswer":
      handleLeaseAnswer(turn, message);
  }
}

function timerFired(turn: Turn, name: string): void {
  turn.disarmed(name);
  switch (name) {
    case CALLS_TIMER:
      expireWaits(turn);
      retryReads(turn);
      if (turn.server.waits.length > 0 || turn.server.reads.asked !== null)
        turn.arm(CALLS_TIMER, turn.config.readRetryIntervalUs);
      return;
    case LEASE_TIMER:
      leaseTimer(turn);
      return;
    case BACKEND_TIMER:
      backendTimer(turn);
      return;
    case SCRUB_TIMER:
      scrubTimer(turn);
      return;
    case SYNC_TIMER:
      syncTimer(turn);
      return;
    case PROGRESS_TIMER:
      progressTimer(turn);
  }
}

/** Follows up what Raft has done, until nothing more follows, and gives the step. */
function finish(turn: Turn): Step<MemberTypes> {
  for (let i = 0; i < turn.outcomes.length; i++) followUp(turn, turn.outcomes[i]!);
  return {
    state: { kind: "member", config: turn.config, raft: turn.raft, server: turn.server },
    effects: turn.effects,
  };
}

function followUp(turn: Turn, { before, after, replies, outcomes, granted, installed }: RaftOutcome): void {
  if (!sameLeadership(before, after)) leadershipChanged(turn);
  const [old, now] = [before.application, after.application];
  if (now !== old) {
    if (installed) stateInstalled(turn, old);
    else eventsApplied(turn, old, now);
    leasesApplied(turn, old, now, granted);
    // A snapshot may bring back history that was removed here before.
    if (now.compactRevision !== old.compactRevision || now.scrubbedRevision < old.scrubbedRevision)
      compactionApplied(turn);
    commitWhenDue(turn);
  }
  for (const { wait, response } of outcomes) {
    if (takeWait(turn, wait.id) === null) continue;
    if (wait.what === "renewal") renewAfterCheckpoint(turn, wait.asker, wait.id, wait.lease);
    else turn.answer(wait.asker, wait.id, response);
  }
  for (const { id, response } of replies) raftReplied(turn, id, response);
}

function raftReplied(turn: Turn, id: string, response: RaftResponse): void {
  const isConfirmation = turn.server.lessor.confirming === id;
  switch (response.kind) {
    case "committed":
      // Whoever waits for it was answered when it was applied.
      return;
    case "superseded":
    case "unknown":
      turn.note(note.callLeaderChanged);
      failWait(turn, id, "leaderChanged");
      return;
    case "read":
      if (isConfirmation) leadershipConfirmed(turn);
      else batchConfirmed(turn, id);
      return;
    case "transferStarted": {
      const waited = takeWait(turn, id);
      if (waited !== null) turn.answer(waited.asker, id, { kind: "moveLeader", revision: turn.store.revision });
      return;
    }
    case "notLeader":
      if (isConfirmation) leadershipDoubted(turn);
      failWait(turn, id, response.leaderHint === null ? "noLeader" : "notLeader");
      batchRefused(turn, id, response.leaderHint === null ? "noLeader" : readRefusal(turn));
      return;
    case "refused":
      if (isConfirmation) leadershipDoubted(turn);
      failWait(turn, id, isTransfer(turn, id) ? "badTransferee" : "tooManyRequests");
      batchRefused(turn, id, "tooManyRequests");
  }
}

/** Where followers pass reads on, one that was not passed on to its end has lost its leader. Else it was never taken. */
function readRefusal({ config }: Turn): ErrorCode {
  return config.raft.forwardReads ? "leaderChanged" : "notLeader";
}

function isTransfer(turn: Turn, id: string): boolean {
  return turn.server.waits.some((wait) => wait.id === id && wait.what === "transfer");
}
