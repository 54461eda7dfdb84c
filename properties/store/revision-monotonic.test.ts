import { expect, test } from "vitest";
import { INITIAL_STORE } from "../../models/store/state.ts";
import { revisionMonotonic } from "./revision-monotonic.ts";
import { putOf, rangeOf, StoreDrill } from "./testing.ts";

const drill = () => new StoreDrill(revisionMonotonic);
const nothing = (revision: number) => ({ kind: "range" as const, revision, kvs: [], count: 0, more: false });

test("holds when a member loses what it had in memory alone, and when a serializable read is old", () => {
  const run = drill().run(putOf("a", "1")).commitBackend("m1").run(putOf("a", "2")).crash("m1").boot("m1");
  run.call("c1", "m2", "r1", rangeOf("a")).answer("m2", "c1", "r1", nothing(3));
  run.call("c1", "m2", "r2", rangeOf("a", { serializable: true })).answer("m2", "c1", "r2", nothing(2));
  expect(run.violated).toBeNull();
});

test("violated by a step back", () => {
  const run = drill().run(putOf("a", "1"));
  expect(run.step("m1", { raft: { application: INITIAL_STORE } }).violated).toBe("m1 goes back from revision 2 to 1");
});

test("violated by a start behind the disk", () => {
  const run = drill().run(putOf("a", "1")).commitBackend("m1").crash("m1");
  expect(run.boot("m1", { raft: { application: INITIAL_STORE } }).violated).toBe(
    "m1 starts at revision 1, but revision 2 is on its disk",
  );
});

test("violated by an answer behind an earlier one", () => {
  const run = drill().call("c1", "m2", "r1", rangeOf("a")).answer("m2", "c1", "r1", nothing(3));
  run.call("c1", "m2", "r2", rangeOf("a")).answer("m2", "c1", "r2", nothing(2));
  expect(run.violated).toBe("m2 answers r2 at revision 2, after an answer at revision 3");
});
