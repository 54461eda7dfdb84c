import type { StoreWorldTypes } from "../../models/client/types.ts";
import { OUTCOME_UNKNOWN, type StoreRequest } from "../../models/store/types.ts";
import type { CallFormat } from "../../src/checkers/history-recorder.ts";
import { isAnswer, isReadRequest, type StoreModelRequest, type StoreOp } from "../../src/checkers/models/store.ts";

/** How the calls show that clients make of a store: those about what it holds. */
export const STORE_CALLS: CallFormat<StoreWorldTypes, StoreOp> = {
  messages: ["call"],
  invocation(message) {
    if (message.kind !== "call") return null;
    const { id, request } = message;
    return isAboutContent(request) ? { id, op: { request, response: null } } : null;
  },
  ended(before, after, visit) {
    if (before.kind !== "client" || after.kind !== "client" || before.sessions === after.sessions) return;
    for (let i = 0; i < before.sessions.length; i++) {
      const waited = before.sessions[i]!.attempt;
      if (waited !== null && waited.id !== after.sessions[i]?.attempt?.id) visit(waited.id);
    }
  },
  outcome(id, { request }, input) {
    if (input.kind !== "receive" || input.message.kind !== "answer" || input.message.id !== id) return UNKNOWN;
    const { response } = input.message;
    if (isAnswer(response)) return { kind: "returned", op: { request, response } };
    return response.kind === "error" && OUTCOME_UNKNOWN.includes(response.code) ? UNKNOWN : NEVER;
  },
};

const UNKNOWN = { kind: "unknown" } as const;
const NEVER = { kind: "never" } as const;

function isAboutContent(request: StoreRequest): request is StoreModelRequest {
  switch (request.kind) {
    case "put":
    case "range":
    case "deleteRange":
    case "txn":
    case "compact":
    case "leaseGrant":
    case "leaseRevoke":
      return true;
    default:
      return false;
  }
}

/** Whether a member may answer from what it has, which may be old. */
export function isSerializable(request: StoreModelRequest): boolean {
  if (request.kind === "range") return request.serializable;
  if (request.kind !== "txn" || !isReadRequest(request)) return false;
  for (const branch of [request.success, request.failure])
    for (const op of branch) if (op.kind !== "range" || !op.serializable) return false;
  return true;
}

/** A request in a few words, for explanations. */
export function describeRequest(request: StoreModelRequest): string {
  switch (request.kind) {
    case "put":
      return `put ${request.key}=${JSON.stringify(request.value)}`;
    case "range":
      return `${request.serializable ? "serializable read" : "read"} of ${describeKeys(request)}`;
    case "deleteRange":
      return `delete of ${describeKeys(request)}`;
    case "txn":
      return isReadRequest(request) ? "read-only transaction" : "transaction";
    case "compact":
      return `compaction to ${request.revision}`;
    case "leaseGrant":
      return `grant of lease ${request.id}`;
    case "leaseRevoke":
      return `revoke of lease ${request.id}`;
  }
}

function describeKeys({ key, rangeEnd }: { key: string; rangeEnd: string }): string {
  if (rangeEnd === "") return key;
  return rangeEnd === "\0" ? `all from ${JSON.stringify(key)}` : `${key}..${rangeEnd}`;
}
