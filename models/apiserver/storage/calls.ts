import { type Micros, mapDelete, mapEach, mapGet, mapSet, type ProcessId } from "../../kernel/index.ts";
import type { ErrorCode, ErrorResponse, StoreRequest, StoreResponse } from "../../store/types.ts";
import { note } from "../notes.ts";
import type { ServerTurn } from "../turn.ts";
import type { StoreCall } from "../types.ts";

/** What became of a call: the store's answer; null where none came in time, and it may have happened. */
export type CallOutcome = StoreResponse | null;

/** Calls the store, at the member that answered last. */
export function callStore(turn: ServerTurn, kind: StoreCall["kind"], owner: string, request: StoreRequest): void {
  send(turn, kind, owner, request, 0);
}

function send(turn: ServerTurn, kind: StoreCall["kind"], owner: string, request: StoreRequest, refusals: number): void {
  const id = turn.newId();
  const endpoint = turn.config.stores[turn.endpoint]!;
  const deadline = turn.now + turn.config.storeTimeoutUs;
  turn.calls = mapSet(turn.calls, id, { id, kind, owner, endpoint, request, resumeAt: 0, deadline, refusals });
  turn.send(endpoint, { kind: "call", id, request });
  turn.arm(deadline);
}

/**
 * A member answers. Null: nobody waits for it, or the call is made again: it is certain that it did not happen, or it
 * does not matter if it did (clientv3, retry_interceptor.go).
 */
export function callAnswered(turn: ServerTurn, id: string, response: StoreResponse): StoreCall | null {
  const call = mapGet(turn.calls, id);
  if (call === undefined || call.resumeAt !== 0) return null;
  turn.calls = mapDelete(turn.calls, id);
  if (response.kind !== "error") return call;
  return isRepeatable(call.request, response.code) && repeat(turn, call, response) ? null : call;
}

function isRepeatable(request: StoreRequest, code: ErrorCode): boolean {
  switch (code) {
    case "noLeader":
    case "notLeader":
    case "tooManyRequests":
      return true;
    case "leaderChanged":
    case "timeout":
      return request.kind === "range";
    default:
      return false;
  }
}

/** Makes a call again, after a backoff, at the next member or the one that was named. False: it was tried enough. */
function repeat(turn: ServerTurn, call: StoreCall, error: ErrorResponse | null): boolean {
  const { config } = turn;
  if (call.refusals >= 2 * config.stores.length + 2) {
    turn.note(note.storeUnavailable);
    return false;
  }
  turn.note(error === null || call.request.kind === "range" ? note.storeReadRetried : note.storeRefused);
  moveOn(turn, call.endpoint, error?.leaderHint ?? null);
  const resumeAt = turn.now + config.storeBackoffUs * 2 ** Math.min(call.refusals, 5);
  turn.calls = mapSet(turn.calls, call.id, {
    id: call.id,
    kind: call.kind,
    owner: call.owner,
    endpoint: call.endpoint,
    request: call.request,
    resumeAt,
    deadline: call.deadline,
    refusals: call.refusals + 1,
  });
  turn.arm(resumeAt);
  return true;
}

/** Leaves a member that could not help, unless that was done already. */
export function moveOn(turn: ServerTurn, from: ProcessId, hint: ProcessId | null): void {
  const { stores } = turn.config;
  if (stores[turn.endpoint] !== from) return;
  const hinted = hint === null ? -1 : stores.indexOf(hint);
  turn.endpoint = hinted >= 0 ? hinted : (turn.endpoint + 1) % stores.length;
}

/** Calls whose backoff is over are made again; those without an answer have no outcome. */
export function callsDue(turn: ServerTurn): readonly StoreCall[] {
  const lost: StoreCall[] = [];
  const due: StoreCall[] = [];
  mapEach(turn.calls, "", null, (call) => {
    if ((call.resumeAt === 0 ? call.deadline : call.resumeAt) <= turn.now) due.push(call);
  });
  for (const call of due) {
    turn.calls = mapDelete(turn.calls, call.id);
    if (call.resumeAt !== 0) send(turn, call.kind, call.owner, call.request, call.refusals);
    else if (call.request.kind !== "range" || !repeat(turn, call, null)) {
      moveOn(turn, call.endpoint, null);
      turn.note(note.storeOutcomeUnknown);
      lost.push(call);
    }
  }
  return lost;
}

/** When the next call is due. */
export function nextCallDue(turn: ServerTurn): Micros {
  let next = Number.MAX_SAFE_INTEGER;
  mapEach(turn.calls, "", null, (call) => {
    next = Math.min(next, call.resumeAt === 0 ? call.deadline : call.resumeAt);
  });
  return next;
}

/** What it was for is over: nobody waits for its answer. */
export function forgetCalls(turn: ServerTurn, owner: string): void {
  const ids: string[] = [];
  mapEach(turn.calls, "", null, (call) => {
    if (call.kind === "flight" && call.owner === owner) ids.push(call.id);
  });
  for (const id of ids) turn.calls = mapDelete(turn.calls, id);
}
