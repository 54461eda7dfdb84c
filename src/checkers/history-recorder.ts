import type { Input, MachineTypes, ProcessId, RequestId } from "../../models/kernel/index.ts";
import type { Observer, ProcessView } from "../simulator/system.ts";
import type { Call } from "./history.ts";

/** How the calls of clients show in a world. */
export interface CallFormat<T extends MachineTypes, Op> {
  /** Kinds of the messages that may be calls. */
  readonly messages: readonly string[];
  /** The call that a process makes by sending a message, its answer still unknown, or null. */
  invocation(message: T["message"]): { readonly id: RequestId; readonly op: Op } | null;
  /** Visits the calls that a process waited for before a step and no longer waits for after it. */
  ended(before: T["state"], after: T["state"], visit: (id: RequestId) => void): void;
  /** What a process learns about a call from an input: that it returned, that it never happens, or nothing. */
  outcome(id: RequestId, op: Op, input: Input<T>): Outcome<Op>;
}

/** `op`: with its answer. */
export type Outcome<Op> =
  | { readonly kind: "returned"; readonly op: Op }
  | { readonly kind: "never" }
  | { readonly kind: "unknown" };

/** A call as it was seen. */
export interface RecordedCall<Op> extends Call<Op> {
  readonly id: RequestId;
  readonly client: ProcessId;
  /** Who was asked. */
  readonly server: ProcessId;
  readonly status: "open" | Outcome<Op>["kind"];
}

/** Who is told of calls as they are seen. */
export interface CallListener<Op> {
  invoked?(call: RecordedCall<Op>): void;
  returned?(call: RecordedCall<Op>): void;
  /** It is certain that it did not happen and will not. */
  never?(call: RecordedCall<Op>): void;
  /** Nobody waits for the answer any more. */
  unknown?(call: RecordedCall<Op>): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Records the calls of all clients of a run as a history: from when the message goes out to when the client takes the
 * answer that it waits for. An answer that comes when the client has given up is none. Calls under way when a client
 * crashes have an unknown outcome.
 *
 * It is an observer; a monitor that is told of more than calls passes its hooks on to it.
 */
export class HistoryRecorder<T extends MachineTypes, Op> implements Observer<T> {
  readonly #format: CallFormat<T, Op>;
  readonly #listener: CallListener<Op>;
  readonly #calls: Mutable<RecordedCall<Op>>[] = [];
  readonly #open = new Map<RequestId, Mutable<RecordedCall<Op>>>();
  /** By client: names of sequential processes that wait for nothing. A call of unknown outcome takes its name with it. */
  readonly #idle = new Map<ProcessId, string[]>();
  readonly #named = new Map<ProcessId, number>();
  #position = 0;

  constructor(format: CallFormat<T, Op>, listener: CallListener<Op> = {}) {
    this.#format = format;
    this.#listener = listener;
  }

  /** The history so far: what never happened is left out, what is under way counts as unknown. */
  calls(): readonly RecordedCall<Op>[] {
    return this.#calls.filter(({ status }) => status !== "never");
  }

  /** The call of that id, while it is under way. */
  openCall(id: RequestId): RecordedCall<Op> | undefined {
    return this.#open.get(id);
  }

  onSend(process: ProcessView<T>, to: ProcessId, message: T["message"]): void {
    const made = this.#format.invocation(message);
    if (made === null || this.#open.has(made.id)) return;
    const call: Mutable<RecordedCall<Op>> = {
      process: this.#idle.get(process.id)?.pop() ?? this.#newName(process.id),
      op: made.op,
      invokedAt: this.#position++,
      returnedAt: Number.POSITIVE_INFINITY,
      id: made.id,
      client: process.id,
      server: to,
      status: "open",
    };
    this.#calls.push(call);
    this.#open.set(made.id, call);
    this.#listener.invoked?.(call);
  }

  onStep(_process: ProcessView<T>, before: T["state"], after: T["state"], input: Input<T>): void {
    if (this.#open.size === 0) return;
    this.#format.ended(before, after, (id) => {
      const call = this.#open.get(id);
      if (call !== undefined) this.#end(call, this.#format.outcome(id, call.op, input));
    });
  }

  onCrash(process: ProcessView<T>): void {
    for (const call of this.#open.values()) if (call.client === process.id) this.#end(call, UNKNOWN);
  }

  #end(call: Mutable<RecordedCall<Op>>, outcome: Outcome<Op>): void {
    this.#open.delete(call.id);
    call.status = outcome.kind;
    const idle = this.#idle.get(call.client);
    switch (outcome.kind) {
      case "returned":
        call.op = outcome.op;
        call.returnedAt = this.#position++;
        if (idle === undefined) this.#idle.set(call.client, [call.process]);
        else idle.push(call.process);
        this.#listener.returned?.(call);
        return;
      case "never":
        this.#listener.never?.(call);
        return;
      case "unknown":
        this.#listener.unknown?.(call);
    }
  }

  #newName(client: ProcessId): string {
    const number = (this.#named.get(client) ?? 0) + 1;
    this.#named.set(client, number);
    return `${client}/${number}`;
  }
}

const UNKNOWN = { kind: "unknown" } as const;
