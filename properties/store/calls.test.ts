import { describe, expect, test } from "vitest";
import { storeLedgerOf } from "./ledger.ts";
import { linearizableHistory } from "./linearizable-history.ts";
import type { StoreContext } from "./store-property.ts";
import { putOf, rangeOf, StoreDrill } from "./testing.ts";

/** A drill, and what the ledger has recorded of it. */
function recorded() {
  let context: StoreContext | undefined;
  const run = new StoreDrill({
    ...linearizableHistory,
    monitor(given) {
      context = given;
      return linearizableHistory.monitor(given);
    },
  });
  return { run, calls: () => storeLedgerOf(context!).recorder.calls() };
}

describe("a history is recorded", () => {
  test("from the message to the answer that the client takes", () => {
    const { run, calls } = recorded();
    run.call("c1", "m1", "w1", putOf("a", "1")).call("c2", "m1", "r1", rangeOf("a")).run(putOf("a", "1"), "w1");
    run.answer("m1", "c1", "w1", run.responseAt());
    expect(calls()).toMatchObject([
      { process: "c1/1", id: "w1", invokedAt: 0, returnedAt: 2, status: "returned" },
      { process: "c2/1", id: "r1", invokedAt: 1, returnedAt: Number.POSITIVE_INFINITY, status: "open" },
    ]);
  });

  test("with an unknown outcome where the client gave up, was told so, or crashed; then it goes by another name", () => {
    const { run, calls } = recorded();
    run.call("c1", "m1", "w1", putOf("a", "1")).giveUp("c1");
    run.answer("m1", "c1", "w1", { kind: "put", revision: 2, prevKv: null });
    run.call("c1", "m1", "w2", putOf("a", "2")).refuse("m1", "c1", "w2", "leaderChanged");
    run.call("c1", "m1", "w3", putOf("a", "3")).crash("c1").call("c1", "m1", "w4", putOf("a", "4"));
    expect(calls().map(({ status }) => status)).toEqual(["unknown", "unknown", "unknown", "open"]);
    expect(calls().map(({ process }) => process)).toEqual(["c1/1", "c1/2", "c1/3", "c1/4"]);
  });

  test("without what was refused, and with what the store itself refuses", () => {
    const { run, calls } = recorded();
    run.call("c1", "m1", "w1", putOf("a", "1")).refuse("m1", "c1", "w1", "notLeader");
    const put = putOf("a", "1", { lease: 9 });
    run.call("c1", "m1", "w2", put).run(put, "w2").answer("m1", "c1", "w2", run.responseAt());
    expect(calls().map(({ id, status }) => [id, status])).toEqual([["w2", "returned"]]);
    expect(run.violated).toBeNull();
  });
});
