import { type Input, NO_EFFECTS, type Step, unreachable } from "../kernel/index.ts";
import { applyCommitted } from "./apply.ts";
import { checkQuorum, electionTimeout } from "./election.ts";
import { finishChange, requestChange, requestLeaveJoint } from "./membership.ts";
import { note } from "./notes.ts";
import { requestPropose } from "./propose.ts";
import { admitWaitingReads, answerReads, handleReadIndex, handleReadIndexReply, requestRead } from "./read.ts";
import { handleAppendEntries, refuseStaleAppend } from "./replication-follower.ts";
import { handleAppendEntriesReply, handleInstallSnapshotReply, heartbeatTimeout } from "./replication-leader.ts";
import { becomeFollower } from "./roles.ts";
import { handleInstallSnapshot, refuseStaleSnapshot, takeSnapshotWhenDue } from "./snapshot.ts";
import { persistHardState } from "./state.ts";
import { CANCEL_ELECTION, CHECK_QUORUM_TIMER, ELECTION_TIMER, HEARTBEAT_TIMER, TRANSFER_TIMER } from "./timers.ts";
import { handleTimeoutNow, requestTransfer, transferTimeout } from "./transfer.ts";
import type { Application, Effects, MemberId, RaftMessage, RaftRequest, RaftState, RaftTypes } from "./types.ts";
import { handleRequestPreVote, handleRequestPreVoteReply, handleRequestVote, handleRequestVoteReply } from "./vote.ts";

/** One input: the rule that it is for, and then what follows for any member from where that has left it. */
export function step<App>(
  application: Application<App>,
  state: RaftState<App>,
  input: Input<RaftTypes<App>>,
): Step<RaftTypes<App>> {
  const effects: Effects<App> = withRoomForFew();
  const taken = take(application, state, input, effects);
  // A step ends only when nothing more follows, so that nothing follows from a state that has not changed.
  const next = taken === state ? state : settle(application, state, taken, input.now, effects);
  return { state: next, effects: effects.length === 0 ? NO_EFFECTS : effects };
}

/** An empty list with room for the effects of most steps. One that grows by `push` from nothing makes room for 17. */
function withRoomForFew<App>(): Effects<App> {
  const effects: Effects<App> = [CANCEL_ELECTION, CANCEL_ELECTION, CANCEL_ELECTION];
  effects.pop();
  effects.pop();
  effects.pop();
  return effects;
}

function take<App>(
  application: Application<App>,
  state: RaftState<App>,
  input: Input<RaftTypes<App>>,
  effects: Effects<App>,
): RaftState<App> {
  switch (input.kind) {
    case "receive":
      return receive(application, state, input.from, input.message, input.now, effects);
    case "timer":
      return timerFired(state, input.name, input.now, effects);
    case "request":
      return request(state, input.id, input.body, input.now, effects);
    default:
      return unreachable(input);
  }
}

function receive<App>(
  application: Application<App>,
  state: RaftState<App>,
  from: MemberId,
  message: RaftMessage<App>,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  // Nearly all messages are these. What is known to be of one kind is read faster than what may be of eleven.
  const { kind } = message;
  if (kind === "appendEntries" && message.term === state.currentTerm)
    return handleAppendEntries(application, state, from, message, now, effects);
  if (kind === "appendEntriesReply" && message.term === state.currentTerm)
    return handleAppendEntriesReply(state, from, message, effects);
  const { term } = message;
  if (term === state.currentTerm) return handle(application, state, from, message, now, effects);
  if (term < state.currentTerm) return refuseStale(application, state, from, message, now, effects);
  const met = meetHigherTerm(state, from, message, effects);
  return handle(application, met, from, message, now, effects);
}

/**
 * Raft fig. 2, all servers: "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to
 * follower". Excepted are pre-votes, whose term is that of an election that may never be held, and requests for a vote,
 * which may have to be ignored, and which write term and vote at once.
 */
export function meetHigherTerm<App>(
  state: RaftState<App>,
  from: MemberId,
  message: RaftMessage<App>,
  effects: Effects<App>,
): RaftState<App> {
  if (message.kind === "requestPreVote" || message.kind === "requestVote") return state;
  if (message.kind === "requestPreVoteReply" && message.voteGranted) return state;
  effects.push(note.higherTermMet);
  const fromLeader = message.kind === "appendEntries" || message.kind === "installSnapshot";
  const follower = becomeFollower(state, message.term, fromLeader ? from : null, effects);
  persistHardState(state, follower, effects);
  return follower;
}

/** Raft 5.1: "If a server receives a request with a stale term number, it rejects the request". Stale answers say nothing. */
function refuseStale<App>(
  application: Application<App>,
  state: RaftState<App>,
  from: MemberId,
  message: RaftMessage<App>,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  switch (message.kind) {
    case "appendEntries":
      return refuseStaleAppend(state, from, message, effects);
    case "installSnapshot":
      return refuseStaleSnapshot(state, from, effects);
    case "requestVote":
    case "requestPreVote":
    case "requestVoteReply":
    case "requestPreVoteReply":
      return handle(application, state, from, message, now, effects);
    default:
      return state;
  }
}

function handle<App>(
  application: Application<App>,
  state: RaftState<App>,
  from: MemberId,
  message: RaftMessage<App>,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  switch (message.kind) {
    case "appendEntries":
      return handleAppendEntries(application, state, from, message, now, effects);
    case "appendEntriesReply":
      return handleAppendEntriesReply(state, from, message, effects);
    case "requestPreVote":
      return handleRequestPreVote(state, from, message, now, effects);
    case "requestPreVoteReply":
      return handleRequestPreVoteReply(state, from, message, now, effects);
    case "requestVote":
      return handleRequestVote(state, from, message, now, effects);
    case "requestVoteReply":
      return handleRequestVoteReply(state, from, message, now, effects);
    case "installSnapshot":
      return handleInstallSnapshot(state, from, message, now, effects);
    case "installSnapshotReply":
      return handleInstallSnapshotReply(state, from, message, effects);
    case "timeoutNow":
      return handleTimeoutNow(state, effects);
    case "readIndex":
      return handleReadIndex(state, from, message, now, effects);
    case "readIndexReply":
      return handleReadIndexReply(state, message);
    default:
      return unreachable(message);
  }
}

function timerFired<App>(state: RaftState<App>, name: string, now: number, effects: Effects<App>): RaftState<App> {
  switch (name) {
    case ELECTION_TIMER:
      return electionTimeout(state, effects);
    case HEARTBEAT_TIMER:
      return heartbeatTimeout(state, now, effects);
    case CHECK_QUORUM_TIMER:
      return checkQuorum(state, effects);
    case TRANSFER_TIMER:
      return transferTimeout(state, effects);
    default:
      return state;
  }
}

function request<App>(
  state: RaftState<App>,
  id: string,
  body: RaftRequest,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  switch (body.kind) {
    case "propose":
      return requestPropose(state, id, body.command, effects);
    case "read":
      return requestRead(state, id, now, effects);
    case "changeMembership":
      return requestChange(state, id, body, effects);
    case "leaveJoint":
      return requestLeaveJoint(state, id, effects);
    case "transferLeadership":
      return requestTransfer(state, id, body.to, effects);
    default:
      return unreachable(body);
  }
}

/** Applies what is committed, compacts, answers reads, and finishes a change of configuration, until nothing is left. */
function settle<App>(
  application: Application<App>,
  before: RaftState<App>,
  taken: RaftState<App>,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  let state = taken;
  for (;;) {
    if (state.commitIndex > state.lastApplied) state = applyCommitted(application, state, effects);
    if (state.lastApplied > before.lastApplied) state = takeSnapshotWhenDue(state, effects);
    if (state.leader !== null && state.leader.pendingReads.length > 0) state = admitWaitingReads(state, now, effects);
    if (state.forwardedReads.length > 0) state = answerReads(application, state, effects);
    if (state.leader === null) return state;
    const finished = finishChange(state, effects);
    if (finished === state) return state;
    state = finished;
  }
}
