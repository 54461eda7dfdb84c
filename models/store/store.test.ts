import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepFreeze, mapEntries } from "../kernel/index.ts";
import { applyCommand } from "./apply.ts";
import { scrub } from "./compaction.ts";
import { eventsAt, previousVersion } from "./events.ts";
import { range } from "./range.ts";
import { restore } from "./restore.ts";
import { INITIAL_STORE } from "./state.ts";
import { NaiveStore } from "./testing/naive-store.ts";
import { isReadOnly, readTxn } from "./txn.ts";
import type { Command, Compare, RangeRequest, StoreState, TxnOp, TxnRequest } from "./types.ts";
import { flawOf } from "./validate.ts";

type Step =
  | { readonly kind: "apply"; readonly op: Command["op"] }
  | { readonly kind: "read"; readonly request: RangeRequest }
  | { readonly kind: "scrub" | "restart" | "replay" };

const key = fc.constantFrom("a", "ab", "b", "b\0", "c", "é", "\u{1f600}", "\uffff");
const rangeEnd = fc.oneof({ weight: 2, arbitrary: fc.constant("") }, fc.constantFrom("\0", "b", "c", "d", "\uffff"));
const value = fc.constantFrom("", "x", "y", "z");
const leaseId = fc.integer({ min: 1, max: 4 });
const someLease = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: leaseId });
const shortTtl = fc.integer({ min: 1, max: 9 });
/** Resolved against the store when it is reached: what is generated cannot know how far the revisions will have come. */
const revision = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 50 }));

const put = fc.record({ kind: fc.constant("put" as const), key, value, lease: someLease, prevKv: fc.boolean() });
const deleteRange = fc.record({ kind: fc.constant("deleteRange" as const), key, rangeEnd, prevKv: fc.boolean() });
const rangeRequest: fc.Arbitrary<RangeRequest> = fc.record({
  kind: fc.constant("range" as const),
  key: fc.oneof(key, fc.constant("\0")),
  rangeEnd,
  limit: fc.nat({ max: 3 }),
  revision,
  serializable: fc.boolean(),
  keysOnly: fc.boolean(),
  countOnly: fc.boolean(),
});
const txnOp: fc.Arbitrary<TxnOp> = fc.oneof({ weight: 3, arbitrary: put }, deleteRange, rangeRequest);
const result = fc.constantFrom<Compare["result"]>("equal", "notEqual", "greater", "less");
const compare: fc.Arbitrary<Compare> = fc.oneof(
  fc.record({ key, target: fc.constant("value" as const), result, operand: value }),
  fc.record({
    key,
    target: fc.constantFrom("version" as const, "create" as const, "mod" as const, "lease" as const),
    result,
    operand: fc.nat({ max: 6 }),
  }),
);
const txn: fc.Arbitrary<TxnRequest> = fc.record({
  kind: fc.constant("txn" as const),
  compare: fc.array(compare, { maxLength: 2 }),
  success: fc.array(txnOp, { maxLength: 4 }),
  failure: fc.array(txnOp, { maxLength: 4 }),
});
const checkpoints = fc.array(fc.record({ id: leaseId, remainingTtlUs: shortTtl }), { maxLength: 2 });
const op: fc.Arbitrary<Command["op"]> = fc.oneof(
  { weight: 8, arbitrary: put },
  { weight: 3, arbitrary: deleteRange },
  { weight: 6, arbitrary: txn },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("compact" as const), revision }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("leaseGrant" as const), id: leaseId, ttlUs: shortTtl }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leaseRevoke" as const), id: leaseId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leaseCheckpoint" as const), checkpoints }) },
);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ kind: fc.constant("apply" as const), op }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("read" as const), request: rangeRequest }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom("scrub" as const, "restart" as const, "replay" as const) }),
    },
  ),
  { minLength: 30, maxLength: 60, size: "max" },
);

/** With its revisions where something may happen: from just below the compaction to just above the latest one. */
function resolved<T extends Command["op"] | TxnOp>(request: T, { compactRevision, revision: latest }: NaiveStore): T {
  const near = (n: number): number =>
    n === 0 ? 0 : Math.max(0, compactRevision - 1) + (n % (latest - compactRevision + 3));
  const resolveOp = (one: TxnOp): TxnOp => (one.kind === "range" ? { ...one, revision: near(one.revision) } : one);
  if (request.kind === "txn")
    return { ...request, success: request.success.map(resolveOp), failure: request.failure.map(resolveOp) };
  if (request.kind === "compact") return { ...request, revision: near(request.revision) };
  return request.kind === "range" ? (resolveOp(request) as T) : request;
}

const EVERYTHING: RangeRequest = {
  kind: "range",
  key: "\0",
  rangeEnd: "\0",
  limit: 0,
  revision: 0,
  serializable: false,
  keysOnly: false,
  countOnly: false,
};

/** Same content: much faster than `toEqual`, which says what differs. */
function same(left: unknown, right: unknown): void {
  if (JSON.stringify(left) !== JSON.stringify(right)) expect(left).toEqual(right);
}

/** All that clients and watchers can learn of a store, against the naive one. */
function sameToAll(state: StoreState, naive: NaiveStore): void {
  expect(state.revision).toBe(naive.revision);
  expect(state.compactRevision).toBe(naive.compactRevision);
  for (let at = 0; at <= naive.revision + 1; at++) {
    const request = { ...EVERYTHING, revision: at };
    same(range(state, request), naive.range(request));
  }
  expect(state.eventsFrom + state.events.length - 1).toBe(naive.revision);
  for (let at = Math.max(2, naive.compactRevision); at <= naive.revision; at++) {
    same(eventsAt(state, at), naive.changes[at]);
    for (const kv of eventsAt(state, at)) same(previousVersion(state, kv), naive.previousVersion(kv));
  }
  same(eventsAt(state, naive.revision + 1), []);
  same(
    mapEntries(state.leases),
    naive.leases.map((lease) => [String(lease.id), lease]),
  );
}

/** Members that apply the same commands, and forget at different times. */
interface Members {
  /** Scrubs at once. */
  eager: StoreState;
  /** Scrubs when the steps say so, and restarts. */
  late: StoreState;
  /** Never scrubs, and is a copy of itself after each step, as one that was sent a snapshot. */
  copied: StoreState;
}

function applyToAll(members: Members, command: Command, index: number): readonly unknown[] {
  return (["eager", "late", "copied"] as const).map((name) => {
    const before = members[name];
    const { state, response } = applyCommand(before, command, index);
    expect(state.consistentIndex).toBe(index);
    members[name] = deepFreeze(state);
    return response;
  });
}

function run(list: readonly Step[]): void {
  const naive = new NaiveStore();
  const members: Members = { eager: INITIAL_STORE, late: INITIAL_STORE, copied: INITIAL_STORE };
  let index = 0;
  let last: Command | null = null;
  for (const step of list) {
    switch (step.kind) {
      case "apply": {
        const command = deepFreeze({ id: `c${index}`, op: resolved(step.op, naive) });
        if (command.op.kind !== "leaseCheckpoint" && flawOf(command.op, 128) !== null) continue;
        index += 1 + (command.id.length % 2);
        last = command;
        if (command.op.kind === "txn" && isReadOnly(command.op))
          same(readTxn(members.late, command.op), naive.txn(command.op));
        const expected = naive.apply(command);
        for (const response of applyToAll(members, command, index)) same(response, expected);
        members.eager = deepFreeze(scrub(members.eager));
        members.copied = deepFreeze(JSON.parse(JSON.stringify(members.copied)) as StoreState);
        break;
      }
      case "read": {
        const request = resolved(step.request, naive);
        for (const state of [members.eager, members.late, members.copied])
          same(range(state, request), naive.range(request));
        continue;
      }
      case "scrub":
        members.late = deepFreeze(scrub(members.late));
        expect(scrub(members.late)).toBe(members.late);
        break;
      case "restart": {
        const restored = restore(members.late);
        same(restored, members.late);
        break;
      }
      case "replay": {
        if (last === null) continue;
        const again = applyCommand(members.late, last, index);
        expect(again.state).toBe(members.late);
        expect(again.response).toEqual({ kind: "error", code: "timeout", leaderHint: null });
        continue;
      }
    }
    for (const state of [members.eager, members.late, members.copied]) sameToAll(state, naive);
    same(mapEntries(members.eager.keys), naive.versions);
    expect(members.eager.scrubbedRevision).toBe(naive.compactRevision);
    expect(members.copied.scrubbedRevision).toBe(0);
  }
}

describe("the store", () => {
  it("answers as a naive one does, wherever its members have forgotten, and changes no argument", () => {
    fc.assert(fc.property(steps, run), { seed: 1, numRuns: 300 });
  });

  it("tells flawed transactions from others as a naive check does", () => {
    const flaws = new Set<unknown>();
    fc.assert(
      fc.property(txn, (request) => {
        const found = flawOf(request, 3);
        flaws.add(found);
        expect(found).toBe(naiveFlaw(request, 3));
      }),
      { seed: 2, numRuns: 3000 },
    );
    expect([...flaws].sort()).toEqual(["duplicateKey", "tooManyOps", null].sort());
  });
});

/** Whether some key of all there are would change twice, found by trying each. */
function naiveFlaw({ compare: compares, success, failure }: TxnRequest, opsMax: number): string | null {
  if ([compares, success, failure].some((part) => part.length > opsMax)) return "tooManyOps";
  const changes = (one: TxnOp, candidate: string): boolean =>
    one.kind !== "range" &&
    (one.kind === "put" || one.rangeEnd === ""
      ? one.key === candidate
      : candidate >= one.key && (one.rangeEnd === "\0" || candidate < one.rangeEnd));
  const candidates = ["a", "ab", "b", "b\0", "c", "é", "\u{1f600}", "\uffff"];
  const isTwice = (ops: readonly TxnOp[]): boolean =>
    candidates.some((candidate) => {
      const touching = ops.filter((one) => changes(one, candidate));
      return touching.length > 1 && touching.some((one) => one.kind === "put");
    });
  return isTwice(success) || isTwice(failure) ? "duplicateKey" : null;
}
