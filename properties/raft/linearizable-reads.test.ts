import { expect, test } from "vitest";
import { linearizableReads } from "./linearizable-reads.ts";
import { Drill } from "./testing.ts";

const drill = () => new Drill(linearizableReads, ["m1", "m2"]);
const read = (readIndex: number, appliedIndex = readIndex) =>
  ({ kind: "read", readIndex, appliedIndex, result: "" }) as const;

test("holds when a read sees what was acknowledged before it was asked", () => {
  const run = drill().committed("m1", "w1", 5, 1).request("m2", "r1", { kind: "read" });
  expect(run.committed("m1", "w2", 6, 1).reply("m2", "r1", read(5)).violated).toBeNull();
});

test("violated by a read that misses an acknowledged write", () => {
  const run = drill().committed("m1", "w1", 5, 1).request("m2", "r1", { kind: "read" }).reply("m2", "r1", read(4));
  expect(run.violated).toBe("read r1 at m2 sees index 4, but clients had been told of index 5 before it was asked");
});

test("violated by a read that goes back behind another read", () => {
  const run = drill().request("m1", "r1", { kind: "read" }).reply("m1", "r1", read(7));
  run.request("m2", "r2", { kind: "read" }).reply("m2", "r2", read(6));
  expect(run.violated).toMatch(/^read r2 at m2 sees index 6/);
});

test("violated by a read that is answered before its index is applied", () => {
  expect(drill().request("m1", "r1", { kind: "read" }).reply("m1", "r1", read(5, 4)).violated).toBe(
    "read r1 at m1 is answered at index 4, before its read index 5 is applied",
  );
});
