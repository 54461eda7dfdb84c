import type { FaultPointSpec } from "../../simulator/faults.ts";
import type { Asking } from "../shared/episodes.ts";
import { mix } from "../shared/raft-members.ts";
import type { RevisionSpec, StoreOperation, TxnOpSpec } from "./scenario.ts";

/** What the workload of a run is about. */
export interface Stage {
  readonly members: readonly string[];
  readonly clients: readonly string[];
  /** How many each client has. */
  readonly sessions: number;
  /** Keys that hold texts; all clients use them. */
  readonly keys: readonly string[];
}

/** The value of every write before {@link withValues} has given it one of its own. */
export const VALUE = "v";

/** Accounts that transfers go between. */
export const ACCOUNTS = ["account/1", "account/2", "account/3"] as const;
/** What is in each of them at first. */
const BALANCE = 100;

/** Where an operation goes, beside what it is. */
export interface Place {
  readonly client: string;
  readonly session: number;
}

/**
 * Makes operations for episodes. Who asks, and about which key, follows from the time: different enough, and no draw of
 * its own, so that an episode shrinks and grows without its other choices.
 */
export class Doing {
  readonly #stage: Stage;
  readonly #fixed: Place | null;

  constructor(stage: Stage, fixed: Place | null = null) {
    this.#stage = stage;
    this.#fixed = fixed;
  }

  /** All of it by one session: one after the other, each knowing of what came before. */
  as(place: Place): Doing {
    return new Doing(this.#stage, place);
  }

  /** A key, by a number. */
  key(number: number): string {
    return pick(this.#stage.keys, mix(number, 1));
  }

  /** A client and one of its sessions, by a number. */
  place(number: number): Place {
    if (this.#fixed !== null) return this.#fixed;
    const { clients, sessions } = this.#stage;
    return { client: pick(clients, mix(number, 2)), session: (mix(number, 3) >>> 1) % sessions };
  }

  put(atMs: number, to?: string, count = 1, lease = 0): StoreOperation {
    const place = this.place(atMs);
    return { kind: "put", atMs, ...place, ...at(to), key: this.key(atMs), value: VALUE, lease, prevKv: false, count };
  }

  /** One key, or with `all` every key there is. */
  get(atMs: number, options: { to?: string; revision?: RevisionSpec; serializable?: boolean; all?: boolean } = {}) {
    const { to, revision = 0, serializable = false, all = mix(atMs, 4) % 3 === 0 } = options;
    const place = this.place(atMs + 1);
    return {
      kind: "get" as const,
      atMs,
      ...place,
      ...at(to),
      ...get(all ? "" : this.key(atMs), revision, serializable),
    };
  }

  /** Some puts of several keys, and then perhaps a delete of one of them. */
  burst(atMs: number, count: number, to?: string): StoreOperation[] {
    const puts = Array.from({ length: count }, (_, i) => this.put(atMs + i, to));
    return mix(atMs, 10) % 2 === 0 ? puts : [...puts, this.remove(atMs + count - 1)];
  }

  /** Deletes the key that a put at that time would write. */
  remove(atMs: number): StoreOperation {
    return {
      kind: "delete",
      atMs,
      ...this.place(atMs),
      key: this.key(atMs),
      prefix: false,
      rangeEnd: "",
      prevKv: true,
    };
  }

  keepAlive(atMs: number, lease: number, to?: string): StoreOperation {
    return { kind: "keepAlive", atMs, ...this.place(atMs), ...at(to), lease };
  }

  /** A write of one key and a read of another, at a revision. */
  writeAndRead(atMs: number, revision: RevisionSpec): StoreOperation {
    const read: TxnOpSpec = { kind: "get", ...get(this.key(atMs + 1), revision, false) };
    const write: TxnOpSpec = { kind: "put", key: this.key(atMs), value: VALUE, lease: 0, prevKv: false };
    const success = mix(atMs, 5) % 2 === 0 ? [write, read] : [read, write];
    return { kind: "txn", atMs, ...this.place(atMs), compare: [], success, failure: [] };
  }

  /** All keys, from a revision on. */
  watch(atMs: number, startRevision: RevisionSpec): StoreOperation {
    return {
      kind: "watch",
      atMs,
      ...this.place(atMs),
      key: "",
      prefix: true,
      rangeEnd: "",
      startRevision,
      prevKv: mix(atMs, 6) % 2 === 0,
      filters: [],
      progressNotify: mix(atMs, 7) % 3 !== 0,
      fragment: mix(atMs, 8) % 3 === 0,
      forMs: 0,
    };
  }

  compactTo(atMs: number, keep: number): StoreOperation {
    return { kind: "compactTo", atMs, ...this.place(atMs), keep };
  }

  /** How the episodes of Raft's own trouble ask, where an operator may hand over leadership, or not. */
  asking(transfers: boolean): Asking<StoreOperation> {
    return {
      // Half of what is for the leader goes there by way of whom the client happens to ask.
      write: (atMs, to, count) => this.put(atMs, to === "leader" && mix(atMs, 9) % 2 === 0 ? undefined : to, count),
      read: (atMs, to, on?: FaultPointSpec) => ({ ...this.get(atMs, { to }), ...(on === undefined ? {} : { on }) }),
      transfer: transfers ? (atMs, target) => ({ kind: "moveLeader", atMs, to: "leader", target }) : null,
      demote: null,
    };
  }
}

/**
 * What is to be in the accounts before anything is moved between them, where a workload does that: one transaction, so
 * that their sum is nothing or all of it at any time.
 */
export function balances(workload: readonly StoreOperation[], atMs: number): StoreOperation[] {
  if (!workload.some(({ kind }) => kind === "transfer")) return [];
  const compare = ACCOUNTS.map((key) => ({ key, target: "version", result: "equal", operand: 0 }) as const);
  const success = ACCOUNTS.map((key) => {
    return { kind: "put", key, value: String(BALANCE), lease: 0, prevKv: false } as const;
  });
  return [{ kind: "txn", atMs, client: "c1", session: 0, compare, success, failure: [] }];
}

/** Gives each write of a workload a value that no other has. */
export function withValues(workload: readonly StoreOperation[]): StoreOperation[] {
  return workload.map((operation, index) => {
    switch (operation.kind) {
      case "put":
        return operation.value === VALUE ? { ...operation, value: `v${index}` } : operation;
      case "txn": {
        const named = (branch: string) => (op: TxnOpSpec, i: number) =>
          op.kind === "put" && op.value === VALUE ? { ...op, value: `v${index}.${branch}${i}` } : op;
        return {
          ...operation,
          success: operation.success.map(named("s")),
          failure: operation.failure.map(named("f")),
        };
      }
      case "setAdd":
        return { ...operation, element: `e${index}` };
      case "enqueue":
        return { ...operation, value: `q${index}` };
      case "campaign":
        return { ...operation, value: `p${index}` };
      default:
        return operation;
    }
  });
}

function at(to: string | undefined): { to?: string } {
  return to === undefined ? {} : { to };
}

function get(key: string, revision: RevisionSpec, serializable: boolean) {
  const whole = { limit: 0, keysOnly: false, countOnly: false, rangeEnd: "" };
  return { key, prefix: key === "", revision, serializable, ...whole };
}

function pick<T>(list: readonly T[], number: number): T {
  return list[(number >>> 1) % list.length]!;
}
