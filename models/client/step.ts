import { type Input, type Micros, NO_EFFECTS, type RequestId, type Step, unreachable } from "../kernel/index.ts";
import type { StoreMessage } from "../store/types.ts";
import { loseUncertain, renewalAnswered, renewalDue } from "./lease.ts";
import { note } from "./notes.ts";
import { beginNext, callAnswered, enqueueWork, workTimeout } from "./session.ts";
import { type Effects, withSeen } from "./state.ts";
import { EXPIRE_TIMER, RENEW_TIMER, WATCH_END_TIMER, WATCH_TIMER, WORK_TIMER } from "./timers.ts";
import type { ClientRequest, ClientState, ClientTypes } from "./types.ts";
import { beginWatch, watchOver, watchResponse, watchTimeout } from "./watch.ts";

type Answer = Extract<StoreMessage, { readonly kind: "answer" }>;

/** One input: what is no longer certain is let go first; then the rule; then sessions that are free begin what waits. */
export function step(state: ClientState, input: Input<ClientTypes>): Step<ClientTypes> {
  const effects: Effects = [];
  const { now } = input;
  const certain = loseAllUncertain(state, now, effects);
  const taken = take(certain, input, effects);
  const next = taken === state ? state : beginAll(taken, now, effects);
  return { state: next, effects: effects.length === 0 ? NO_EFFECTS : effects };
}

function take(state: ClientState, input: Input<ClientTypes>, effects: Effects): ClientState {
  switch (input.kind) {
    case "receive":
      switch (input.message.kind) {
        case "answer":
          return receiveAnswer(state, input.message, input.now, effects);
        case "watchResponse":
          return watchResponse(withSeen(state, input.message.revision), input.from, input.message, input.now, effects);
        default:
          return state;
      }
    case "timer":
      return timerFired(state, input.name, input.now, effects);
    case "request":
      return request(state, input.id, input.body, input.now, effects);
    default:
      return unreachable(input);
  }
}

/** An answer is taken by the attempt that it is for. If that was given up, it comes too late. */
function receiveAnswer(state: ClientState, { id, response }: Answer, now: Micros, effects: Effects): ClientState {
  const seen = response.kind === "error" ? state : withSeen(state, response.revision);
  const { sessions } = seen;
  for (let at = 0; at < sessions.length; at++) {
    const { attempt, lease } = sessions[at]!;
    if (attempt !== null && attempt.id === id) return callAnswered(seen, { at, now, effects }, response);
    if (lease !== null && lease.renewal !== null && lease.renewal.id === id)
      return renewalAnswered(seen, { at, now, effects }, lease, response);
  }
  effects.push(note.callLateAnswer);
  return seen;
}

function timerFired(state: ClientState, name: string, now: Micros, effects: Effects): ClientState {
  const end = name.indexOf("/") + 1;
  const whose = name.slice(end);
  switch (name.slice(0, end)) {
    case WORK_TIMER:
      return workTimeout(state, { at: Number(whose), now, effects });
    case RENEW_TIMER:
      return renewalDue(state, { at: Number(whose), now, effects });
    case EXPIRE_TIMER:
      // What is held by a lease that is no longer certain was let go before the input was looked at.
      return state;
    case WATCH_TIMER:
      return watchTimeout(state, whose, now, effects);
    case WATCH_END_TIMER:
      return watchOver(state, whose, effects);
    default:
      return state;
  }
}

function request(state: ClientState, id: RequestId, body: ClientRequest, now: Micros, effects: Effects): ClientState {
  const { length } = state.sessions;
  const at = ((body.session % length) + length) % length;
  if (body.kind === "watch") return beginWatch(state, at, id, body, now, effects);
  return enqueueWork(state, { at, now, effects }, id, body);
}

function loseAllUncertain(state: ClientState, now: Micros, effects: Effects): ClientState {
  let next = state;
  for (let at = 0; at < next.sessions.length; at++) {
    const { lease } = next.sessions[at]!;
    if (lease !== null && lease.holds !== null && now >= lease.validUntil)
      next = loseUncertain(next, { at, now, effects });
  }
  return next;
}

function beginAll(state: ClientState, now: Micros, effects: Effects): ClientState {
  let next = state;
  for (let at = 0; at < next.sessions.length; at++) {
    const { work, queue } = next.sessions[at]!;
    if (work === null && queue.length > 0) next = beginNext(next, { at, now, effects });
  }
  return next;
}
