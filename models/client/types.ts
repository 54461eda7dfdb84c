import type { MachineTypes, Micros, ProcessId, RequestId } from "../kernel/index.ts";
import type {
  ErrorCode,
  Key,
  LeaseId,
  MemberTypes,
  Revision,
  StoreEvent,
  StoreMessage,
  StoreRequest,
  StoreResponse,
  WatchCreate,
  WatchId,
} from "../store/types.ts";

/**
 * What a client is asked to do. Each is one piece of work of a session; those of one session follow one another in the
 * order in which they came. `endpoint` null: any, one after the other.
 */
export type ClientRequest =
  /** One call, tried again only while it is certain that it did not happen. */
  | {
      readonly kind: "call";
      readonly session: number;
      readonly request: StoreRequest;
      readonly endpoint: ProcessId | null;
    }
  /** Adds 1 to a number by compare-and-swap on its mod revision, again and again until it succeeds or is unknown. */
  | { readonly kind: "increment"; readonly session: number; readonly key: Key }
  /** Moves an amount from one account to another in one transaction; nothing where there is not enough. */
  | {
      readonly kind: "transfer";
      readonly session: number;
      readonly from: Key;
      readonly to: Key;
      readonly amount: number;
    }
  /** Adds an element to a set that is kept as one key for each element, `set/element`. */
  | { readonly kind: "setAdd"; readonly session: number; readonly set: Key; readonly element: string }
  | { readonly kind: "setRead"; readonly session: number; readonly set: Key }
  /** etcd's queue recipe: values under `queue/`, the one created first comes out first. */
  | { readonly kind: "enqueue"; readonly session: number; readonly queue: Key; readonly value: string }
  | { readonly kind: "dequeue"; readonly session: number; readonly queue: Key }
  /**
   * etcd's concurrency.Mutex and Election: a key `name/lease` on a lease that is kept alive; who has the lowest create
   * revision holds. Held for `holdUs`, then given up by a revoke. With `proclaim`, the holder writes a value to its key
   * by a transaction that compares the create revision.
   */
  | {
      readonly kind: "lock";
      readonly session: number;
      readonly name: Key;
      readonly ttlUs: Micros;
      readonly holdUs: Micros;
      readonly proclaim: string | null;
    }
  /** Grants a lease, attaches keys to it, keeps it alive for `keepUs`, and leaves it to expire. */
  | {
      readonly kind: "leaseHold";
      readonly session: number;
      readonly ttlUs: Micros;
      readonly keys: readonly Key[];
      readonly keepUs: Micros;
    }
  /**
   * Watches for `forUs`, beside the session's other work, and is then answered. With 0 it watches until the end of the
   * run, and is never answered. A stream that breaks is opened again behind what was seen.
   */
  | { readonly kind: "watch"; readonly session: number; readonly create: WatchCreate; readonly forUs: Micros }
  /** Compacts up to the latest revision that the client has seen, less `keep`. */
  | { readonly kind: "compactTo"; readonly session: number; readonly keep: number };

/** What came of it. `unknown`: part of it may have happened, or may still. */
export interface ClientResponse {
  readonly kind: "done";
  readonly outcome: "ok" | "failed" | "unknown";
  /** Why it failed or is unknown, where a store's answer was the reason. */
  readonly code: ErrorCode | null;
  /**
   * What it yielded, or would have where the outcome is unknown: the number (increment), the amount that was moved
   * (transfer; 0: there was not enough), the elements (setRead), the value (dequeue; null: empty), the lock's create
   * revision (lock), the lease (leaseHold), the revision up to which all was seen (watch), the revision (compactTo).
   * Else null.
   */
  readonly result: string | number | readonly string[] | null;
  /** The store's answer that decided it: for a plain call, all that there is. Null where none did. */
  readonly answer: StoreResponse | null;
}

/** A call of a session that is under way at a member. */
export interface Attempt {
  /** Unique in a run. */
  readonly id: RequestId;
  readonly endpoint: ProcessId;
  readonly request: StoreRequest;
  /** Local monotonic time. */
  readonly sentAt: Micros;
}

/** A piece of work of a session. `step` says where in it the session is; what the kinds of work remember differs. */
export interface Work {
  readonly id: RequestId;
  readonly request: ClientRequest;
  readonly step: string;
  /** What the session calls, or will when its backoff is over; null while it calls nothing, but holds. */
  readonly call: StoreRequest | null;
  /** Calls that were made for it. */
  readonly attempts: number;
  /** Calls since the last that got somewhere; decides the backoff. */
  readonly failures: number;
  /** Why the last call got nowhere, where a store's answer was the reason. */
  readonly code: ErrorCode | null;
  /** Revisions and values read on the way, by the recipe's own names. */
  readonly memo: Readonly<Record<string, string | number>>;
  /** An outcome on the way was unknown. */
  readonly doubtful: boolean;
}

/** A lease that a session keeps alive. Times are of the local monotonic clock. */
export interface HeldLease {
  readonly id: LeaseId;
  readonly ttlUs: Micros;
  /**
   * It is certain to live until then: when its last successful renewal, or its grant, was asked for, plus its TTL, less
   * what the clocks may drift apart meanwhile.
   */
  readonly validUntil: Micros;
  /** What the session holds by it, or null: a lock's name. Nothing is held from `validUntil` on. */
  readonly holds: Key | null;
  /** The keep-alive under way, or null. */
  readonly renewal: Attempt | null;
  /** Keep it alive until then; then leave it alone. */
  readonly keepUntil: Micros;
  /** The endpoint that the next renewal goes to: an index into those of the client. */
  readonly endpoint: number;
  /** Renewals that failed since the last that did not. */
  readonly failures: number;
}

/**
 * Where a watch is: its stream is asked for; it is open; it was silent, and is asked how far it is; there is none, and
 * another is asked for when the backoff is over.
 */
export type WatchPhase = "opening" | "open" | "probing" | "waiting";

/** A watch of a session, as it sees it. */
export interface OpenWatch {
  /** Of the stream that is open now; a new one each time. */
  readonly watchId: WatchId;
  readonly phase: WatchPhase;
  readonly endpoint: ProcessId;
  readonly create: WatchCreate;
  /** The work that it is. */
  readonly work: RequestId;
  /** What it asks for when it opens a stream again: behind all that was seen. 0: not known yet. */
  readonly nextRevision: Revision;
  /** The number that the next response must have. */
  readonly sequence: number;
  /** Fragments that wait for the rest. */
  readonly partial: readonly StoreEvent[];
  /** What was handed on last: all events of one or more revisions. */
  readonly batch: readonly StoreEvent[];
  /** How often something was handed on. */
  readonly batches: number;
  /** Local monotonic time of the last response. */
  readonly heardAt: Micros;
  /** A very large number where the watch has no end. */
  readonly endsAt: Micros;
  /** Streams that were asked for in vain since the last that was opened; decides the backoff. */
  readonly failures: number;
}

export interface Session {
  /** The work under way, or null. Watches and leases go on beside it. */
  readonly work: Work | null;
  /** The call under way, or null: then the session waits for its backoff, or does nothing. */
  readonly attempt: Attempt | null;
  readonly queue: readonly { readonly id: RequestId; readonly request: ClientRequest }[];
  /** The endpoint that the next call goes to: an index into those of the client. */
  readonly endpoint: number;
  readonly lease: HeldLease | null;
}

export interface ClientState {
  readonly kind: "client";
  readonly config: ClientConfig;
  /** Makes ids unique over restarts: local monotonic time of the boot. */
  readonly bootedAt: Micros;
  /** Ids made so far of calls, streams and keys, and of leases. */
  readonly ids: number;
  readonly leases: number;
  readonly sessions: readonly Session[];
  readonly watches: readonly OpenWatch[];
  /** The latest revision seen in any answer. */
  readonly seenRevision: Revision;
}

/** What a client is started with. Durations are microseconds. */
export interface ClientConfig {
  readonly kind: "client";
  readonly id: ProcessId;
  /** The members, in the order in which they are tried. */
  readonly endpoints: readonly ProcessId[];
  readonly sessions: number;
  /** A call without an answer after this has an unknown outcome. */
  readonly requestTimeoutUs: Micros;
  /** The first wait before a call is tried again; each further one is twice as long, up to the most. */
  readonly backoffUs: Micros;
  readonly backoffMaxUs: Micros;
  /** A piece of work that has made so many calls gives up; a watch, when the last of so many streams was refused. */
  readonly attemptsMax: number;
  /** A watch that hears nothing for this long opens its stream again. */
  readonly watchSilenceUs: Micros;
  /** What the holder of a lease allows for the drift of its own clock against the leader's: 1.1 is 10 %. */
  readonly clockDriftBound: number;
}

/** A client keeps nothing on disk. */
export interface ClientTypes extends MachineTypes {
  readonly state: ClientState;
  readonly message: StoreMessage;
  readonly request: ClientRequest;
  readonly response: ClientResponse;
  readonly record: never;
  readonly durable: null;
  readonly config: ClientConfig;
}

/** The types of a world of members and their clients. What a process is stands in the `kind` of state and config. */
export interface StoreWorldTypes extends MachineTypes {
  readonly state: MemberTypes["state"] | ClientState;
  readonly message: StoreMessage;
  readonly request: StoreRequest | ClientRequest;
  readonly response: StoreResponse | ClientResponse;
  readonly record: MemberTypes["record"];
  readonly durable: MemberTypes["durable"] | null;
  readonly config: MemberTypes["config"] | ClientConfig;
}
