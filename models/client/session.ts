import type { RequestId } from "../kernel/index.ts";
import { type ErrorCode, type ErrorResponse, OUTCOME_UNKNOWN, type StoreResponse } from "../store/types.ts";
import { isRead, later, NOTHING_IN_MIND, send, workOf } from "./calls.ts";
import { hintedEndpoint, nextEndpoint } from "./endpoints.ts";
import { note } from "./notes.ts";
import type { Turn, WorkRequest } from "./recipe.ts";
import { recipeOf } from "./recipes.ts";
import { updateSession, updateWork, withSession } from "./state.ts";
import type { ClientState, Work } from "./types.ts";

/** Errors that say that nothing happened, and that another member, or the same later, may do it. */
const REFUSALS: readonly ErrorCode[] = ["noLeader", "notLeader", "tooManyRequests"];

/** Work for the session; it waits for what came before. */
export function enqueueWork(state: ClientState, turn: Turn, id: RequestId, request: WorkRequest): ClientState {
  const session = state.sessions[turn.at]!;
  if (session.work !== null) turn.effects.push(note.workQueued);
  return withSession(state, turn.at, updateSession(session, { queue: [...session.queue, { id, request }] }));
}

/** Begins what is next, where the session has nothing to do. */
export function beginNext(state: ClientState, turn: Turn): ClientState {
  let next = state;
  for (;;) {
    const session = next.sessions[turn.at]!;
    if (session.work !== null || session.queue.length === 0) return next;
    const { id, request } = session.queue[0]!;
    const work: Work = {
      id,
      request,
      step: "",
      call: null,
      attempts: 0,
      failures: 0,
      code: null,
      memo: NOTHING_IN_MIND,
      doubtful: false,
    };
    next = withSession(next, turn.at, updateSession(session, { work, queue: session.queue.slice(1) }));
    next = recipeOf(work).begin(next, turn, work);
  }
}

/** The call of the session is answered. */
export function callAnswered(state: ClientState, turn: Turn, answer: StoreResponse): ClientState {
  const work = workOf(state, turn.at);
  if (answer.kind !== "error") return recipeOf(work).answered(state, turn, work, answer);
  if (OUTCOME_UNKNOWN.includes(answer.code)) return outcomeUnknown(state, turn, answer);
  if (REFUSALS.includes(answer.code)) return refused(state, turn, answer);
  return recipeOf(work).failed(state, turn, work, answer);
}

/** It is certain that nothing happened: the same call again, to whom the member names, or to the next. */
function refused(state: ClientState, turn: Turn, error: ErrorResponse): ClientState {
  const { endpoint } = state.sessions[turn.at]!;
  turn.effects.push(note.callRefused);
  const hinted = hintedEndpoint(state.config, endpoint, error.leaderHint);
  const followed = state.config.endpoints[hinted] === error.leaderHint;
  const moved = moveTo(state, turn, hinted, followed ? note.callHintFollowed : note.callEndpointSwitched);
  return later(moved, turn, failedBy(workOf(state, turn.at), error.code));
}

/** A read is tried again, at the next member; what follows for a write is for its recipe to say. */
function outcomeUnknown(state: ClientState, turn: Turn, error: ErrorResponse | null): ClientState {
  const { endpoint } = state.sessions[turn.at]!;
  const moved = moveTo(state, turn, nextEndpoint(state.config, endpoint), note.callEndpointSwitched);
  const work = failedBy(workOf(state, turn.at), error === null ? null : error.code);
  if (isRead(work.call!)) return later(moved, turn, work);
  turn.effects.push(note.callOutcomeUnknown);
  return recipeOf(work).unknown(moved, turn, work, error);
}

/** A call that is for one member stays with it. */
function moveTo(state: ClientState, turn: Turn, endpoint: number, noted: typeof note.callRefused): ClientState {
  const session = state.sessions[turn.at]!;
  const { request } = workOf(state, turn.at);
  if (request.kind === "call" && request.endpoint !== null) return state;
  if (endpoint === session.endpoint) return state;
  turn.effects.push(noted);
  return withSession(state, turn.at, updateSession(session, { endpoint }));
}

function failedBy(work: Work, code: ErrorCode | null): Work {
  return updateWork(work, { code });
}

/** No answer came in time, the backoff is over, or the session has held for long enough what it holds. */
export function workTimeout(state: ClientState, turn: Turn): ClientState {
  const { work, attempt } = state.sessions[turn.at]!;
  if (work === null) return state;
  if (attempt !== null) {
    turn.effects.push(note.callTimedOut);
    return outcomeUnknown(state, turn, null);
  }
  if (work.call === null) return recipeOf(work).held(state, turn, work);
  if (work.attempts >= state.config.attemptsMax) {
    turn.effects.push(note.workGaveUp);
    return recipeOf(work).gaveUp(state, turn, work, work.code);
  }
  turn.effects.push(note.callRetried);
  return send(state, turn, work);
}
