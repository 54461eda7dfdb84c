import { assert, type Micros, type ProcessId } from "../kernel/index.ts";
import type { ErrorCode, ErrorResponse, StoreRequest, StoreResponse, TxnOp } from "../store/types.ts";
import { note } from "./notes.ts";
import type { Turn } from "./recipe.ts";
import { nextId, updateSession, updateWork, withSession, withSessionAndId } from "./state.ts";
import { backoffTimer, cancelWork, workTimer } from "./timers.ts";
import type { ClientResponse, ClientState, Session, Work } from "./types.ts";

export type Memo = Work["memo"];

export const NOTHING_IN_MIND: Memo = {};

/** The work that a session does. */
export function workOf(state: ClientState, at: number): Work {
  const { work } = state.sessions[at]!;
  assert(work !== null, `session ${at} has no work`);
  return work;
}

/** Goes on to a step of the work, which makes a call at once. */
export function goOn(
  state: ClientState,
  turn: Turn,
  work: Work,
  step: string,
  memo: Memo,
  call: StoreRequest,
): ClientState {
  const { id, request, attempts, doubtful } = work;
  return send(state, turn, { id, request, step, call, attempts, failures: 0, code: null, memo, doubtful });
}

/** Makes the call of the work: one attempt, under an id of its own. */
export function send(state: ClientState, turn: Turn, work: Work): ClientState {
  const { at, now, effects } = turn;
  const session = state.sessions[at]!;
  const { call } = work;
  assert(call !== null, `session ${at} has nothing to call`);
  const id = nextId(state);
  const endpoint = endpointOf(state, session, work);
  effects.push(
    { kind: "send", to: endpoint, message: { kind: "call", id, request: call } },
    workTimer(at, state.config.requestTimeoutUs),
  );
  const counted = updateWork(work, { attempts: work.attempts + 1 });
  const attempt = { id, endpoint, request: call, sentAt: now };
  return withSessionAndId(state, at, updateSession(session, { work: counted, attempt }));
}

function endpointOf(state: ClientState, session: Session, { request }: Work): ProcessId {
  if (request.kind === "call" && request.endpoint !== null) return request.endpoint;
  return state.config.endpoints[session.endpoint]!;
}

/** The work's call, which got nowhere or is to be made anew, waits for the backoff. */
export function later(state: ClientState, turn: Turn, work: Work): ClientState {
  const failures = work.failures + 1;
  turn.effects.push(backoffTimer(state.config, turn.at, failures));
  const session = state.sessions[turn.at]!;
  const waiting = updateSession(session, { work: updateWork(work, { failures }), attempt: null });
  return withSession(state, turn.at, waiting);
}

/** Goes back to a step of the work, whose call is made when the backoff is over. */
export function goBack(
  state: ClientState,
  turn: Turn,
  work: Work,
  step: string,
  memo: Memo,
  call: StoreRequest,
): ClientState {
  return later(state, turn, updateWork(work, { step, memo, call }));
}

/** Calls nothing for a time, and then goes on by the recipe's `held`. */
export function hold(state: ClientState, turn: Turn, work: Work, us: Micros): ClientState {
  turn.effects.push(workTimer(turn.at, us));
  const holding = updateWork(work, { step: "hold", call: null, failures: 0 });
  return withSession(state, turn.at, updateSession(state.sessions[turn.at]!, { work: holding, attempt: null }));
}

/** Ends the work of the session, and says what came of it. */
export function finish(
  state: ClientState,
  turn: Turn,
  outcome: ClientResponse["outcome"],
  code: ErrorCode | null,
  result: ClientResponse["result"],
  answer: StoreResponse | null,
): ClientState {
  const { at, effects } = turn;
  const session = state.sessions[at]!;
  const { id } = workOf(state, at);
  if (outcome === "unknown") effects.push(note.workUnknown);
  // What comes next sets the timer anew.
  if (session.queue.length === 0) effects.push(cancelWork(at));
  effects.push({ kind: "reply", id, response: { kind: "done", outcome, code, result, answer } });
  return withSession(state, at, updateSession(session, { work: null, attempt: null }));
}

/** The work did what it was for. */
export function succeed(
  state: ClientState,
  turn: Turn,
  result: ClientResponse["result"],
  answer: StoreResponse | null,
): ClientState {
  return finish(state, turn, "ok", null, result, answer);
}

/** The work ends by an error that would come again. */
export function endFailed(state: ClientState, turn: Turn, work: Work, error: ErrorResponse): ClientState {
  return finish(state, turn, work.doubtful ? "unknown" : "failed", error.code, null, error);
}

/** The work ends, as nobody can tell whether its write happened. */
export function endUnknown(state: ClientState, turn: Turn, _work: Work, error: ErrorResponse | null): ClientState {
  return finish(state, turn, "unknown", error === null ? null : error.code, null, error);
}

/** The work ends, as it has made all the calls that it may. */
export function endGaveUp(state: ClientState, turn: Turn, work: Work, code: ErrorCode | null): ClientState {
  return finish(state, turn, work.doubtful ? "unknown" : "failed", code, null, null);
}

/** For recipes that hold nothing. */
export function holdsNothing(state: ClientState, turn: Turn): ClientState {
  assert(false, `session ${turn.at} of ${state.config.id} holds nothing`);
}

/** The answer, which must be of the call's kind: a member that answers otherwise is a fault of its model. */
export function expectKind<Kind extends StoreResponse["kind"]>(
  answer: StoreResponse,
  kind: Kind,
): Extract<StoreResponse, { readonly kind: Kind }> {
  assert(answer.kind === kind, `a ${kind} was answered by a ${answer.kind}`);
  return answer as Extract<StoreResponse, { readonly kind: Kind }>;
}

/** Whether a call changes nothing, so that it may be made again whatever became of it. */
export function isRead(request: StoreRequest): boolean {
  switch (request.kind) {
    case "range":
    case "leaseTimeToLive":
      return true;
    case "txn":
      return request.success.every(isRange) && request.failure.every(isRange);
    default:
      return false;
  }
}

function isRange(op: TxnOp): boolean {
  return op.kind === "range";
}
