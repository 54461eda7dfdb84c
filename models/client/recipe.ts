import type { Micros } from "../kernel/index.ts";
import type { ErrorCode, ErrorResponse, StoreResponse } from "../store/types.ts";
import type { Effects } from "./state.ts";
import type { ClientRequest, ClientState, Work } from "./types.ts";

/** What a step is about: which session, when by the local monotonic clock, and where its effects go. */
export interface Turn {
  readonly at: number;
  readonly now: Micros;
  readonly effects: Effects;
}

/** What a session works on; watches go on beside it. */
export type WorkRequest = Exclude<ClientRequest, { readonly kind: "watch" }>;

/** A piece of work of one kind. */
export type WorkOf<Kind extends WorkRequest["kind"]> = Work & {
  readonly request: Extract<WorkRequest, { readonly kind: Kind }>;
};

/**
 * How a kind of work is done. What was refused while it is certain that it did not happen, and reads, are tried again
 * before a recipe hears of them.
 */
export interface Recipe<W extends Work> {
  /** Makes the first call, or ends at once. */
  begin(state: ClientState, turn: Turn, work: W): ClientState;
  /** A call was answered, not by an error. */
  answered(state: ClientState, turn: Turn, work: W, answer: Exclude<StoreResponse, ErrorResponse>): ClientState;
  /** A write may have happened, or may still. The code is null where no answer came in time. */
  unknown(state: ClientState, turn: Turn, work: W, error: ErrorResponse | null): ClientState;
  /** A call failed, and would again. */
  failed(state: ClientState, turn: Turn, work: W, error: ErrorResponse): ClientState;
  /** It has made all the calls that it may. `code` is why the last got nowhere. */
  gaveUp(state: ClientState, turn: Turn, work: W, code: ErrorCode | null): ClientState;
  /** It has held what it holds for long enough. */
  held(state: ClientState, turn: Turn, work: W): ClientState;
}
