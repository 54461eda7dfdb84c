import { expect, test } from "vitest";
import type { RangeResponse } from "../../models/store/types.ts";
import { linearizableHistory } from "./linearizable-history.ts";
import { putOf, rangeOf, StoreDrill } from "./testing.ts";

const drill = () => new StoreDrill(linearizableHistory);
const nothing = (revision: number): RangeResponse => ({ kind: "range", revision, kvs: [], count: 0, more: false });
/** What a read of `a` finds after all that was agreed on. */
const found = (run: StoreDrill): RangeResponse => {
  const content = run.contentAt();
  const { kvs, count } = { kvs: [] as RangeResponse["kvs"][number][], count: 0 };
  for (let i = 0; i < content.events.tail.length; i++)
    for (const kv of content.events.tail[i]!) if (kv.key === "a") kvs.splice(0, 1, kv);
  return { kind: "range", revision: content.revision, kvs, count: count + kvs.length, more: false };
};

test("holds when reads see what was written, and calls that overlap come in either order", () => {
  const run = drill().write("c1", "m1", "w1", putOf("a", "1"));
  run.call("c1", "m1", "r1", rangeOf("a")).call("c2", "m2", "w2", putOf("a", "2"));
  const old = found(run);
  run.run(putOf("a", "2"), "w2").answer("m2", "c2", "w2", run.responseAt());
  run.answer("m1", "c1", "r1", old).call("c2", "m1", "r2", rangeOf("a")).answer("m1", "c2", "r2", found(run));
  expect(run.atEnd().violated).toBeNull();
  expect(run.undecided).toBeNull();
});

test("holds whatever became of a call of unknown outcome", () => {
  const run = drill().call("c1", "m1", "w1", putOf("a", "1")).refuse("m1", "c1", "w1", "timeout");
  run.call("c2", "m1", "r1", rangeOf("a")).answer("m1", "c2", "r1", nothing(1)).run(putOf("a", "1"), "w1");
  run.call("c2", "m1", "r2", rangeOf("a")).answer("m1", "c2", "r2", found(run));
  expect(run.atEnd().violated).toBeNull();
});

test("violated by a read that is older than what was answered before it was asked", () => {
  const run = drill().write("c1", "m1", "w1", putOf("a", "1"));
  run.call("c2", "m2", "r1", rangeOf("a")).answer("m2", "c2", "r1", nothing(1));
  expect(run.violated).toBe(
    `c2's read of a at m2 (r1) is answered at revision 1, after c1's put a="1" at m1 (w1) had been answered at revision 2, before it was asked`,
  );
});

test("violated by a read of the right revision with other content", () => {
  const run = drill().write("c1", "m1", "w1", putOf("a", "1"));
  run.call("c2", "m2", "r1", rangeOf("a")).answer("m2", "c2", "r1", nothing(2));
  expect(run.violated).toMatch(/^no order of the calls explains the answers: c2's read of a at m2 \(r1\) is answered/);
});

test("violated by a write that is acknowledged and then not there", () => {
  const run = drill().call("c1", "m1", "w1", putOf("a", "1"));
  run.answer("m1", "c1", "w1", { kind: "put", revision: 2, prevKv: null });
  expect(run.violated).toBeNull();
  run.call("c2", "m2", "r1", rangeOf("a")).answer("m2", "c2", "r1", nothing(2));
  expect(run.atEnd().violated).toMatch(/^c2's read of a|^no order/);
});

test("violated by two transactions that both find the key as it was", () => {
  const swap = (value: string) => ({
    kind: "txn" as const,
    compare: [{ key: "a", target: "mod" as const, result: "equal" as const, operand: 0 }],
    success: [putOf("a", value)],
    failure: [],
  });
  const run = drill().call("c1", "m1", "t1", swap("1")).call("c2", "m1", "t2", swap("2"));
  run.run(swap("1"), "t1").answer("m1", "c1", "t1", run.responseAt()).run(swap("2"), "t2");
  const done = { kind: "put" as const, revision: 3, prevKv: null };
  run.answer("m1", "c2", "t2", { kind: "txn", revision: 3, succeeded: true, responses: [done] });
  expect(run.violated).toMatch(/^no order of the calls explains the answers/);
});

test("a lease that expires explains that its keys are gone", () => {
  const run = drill().write("c1", "m1", "g", { kind: "leaseGrant", id: 7, ttlUs: 1_000_000 });
  run.write("c1", "m1", "w1", putOf("a", "1", { lease: 7 })).run({ kind: "leaseRevoke", id: 7 }, "m1@0/e1");
  run.call("c2", "m2", "r1", rangeOf("a")).answer("m2", "c2", "r1", nothing(3));
  expect(run.violated).toBeNull();
});
