import type { Micros, Note } from "../kernel/index.ts";
import type { ApiRequest, ApiResponse, Status } from "../machinery/api.ts";
import { failureOf } from "../machinery/status.ts";
import type { Command, Stage, Work } from "./types.ts";

/** How a command goes on. */
export type Outcome =
  /** It makes a request, after a while where `afterUs` is not 0. */
  | { readonly kind: "ask"; readonly request: ApiRequest; readonly stage: Stage; readonly afterUs: Micros }
  /** The same request once more, after a while. */
  | { readonly kind: "again"; readonly note: Note }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly status: Status };

export const DONE: Outcome = { kind: "done" };

export function ask(request: ApiRequest, stage: Stage, afterUs: Micros = 0): Outcome {
  return { kind: "ask", request, stage, afterUs };
}

/** What the rules of a command are given beside it. */
export interface Context {
  readonly now: Micros;
  readonly wall: Micros;
  readonly evictionRetryUs: Micros;
  readonly drainPollUs: Micros;
  note(note: Note): void;
}

/** The rules of a kind of command: its first request, and what comes of each answer. */
export interface CommandRules<C extends Command = Command> {
  begin(command: C, context: Context): Outcome;
  /** `work.doubtful`: an earlier try of the request may have happened. */
  answered(command: C, work: Work, response: ApiResponse, context: Context): Outcome;
}

/** It worked, or it failed for good. */
export function finished(response: ApiResponse): Outcome {
  const status = failureOf(response);
  return status === null ? DONE : { kind: "failed", status };
}

/**
 * Whether a person tries again, rather than read the error: the server did not get to it, or had to give up on it (client-go
 * rest/request.go and apimachinery api/errors, SuggestsClientDelay and its kin).
 */
export function isTransient(status: Status): boolean {
  switch (status.reason) {
    case "Timeout":
    case "ServerTimeout":
    case "TooManyRequests":
    case "ServiceUnavailable":
    case "InternalError":
      return true;
    default:
      return status.code >= 500;
  }
}
