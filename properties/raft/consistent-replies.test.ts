import { expect, test } from "vitest";
import { consistentReplies } from "./consistent-replies.ts";
import { commandOf, Drill, logOf } from "./testing.ts";

const drill = () => new Drill(consistentReplies, ["m1", "m2", "m3"]);
const log = logOf(commandOf(1, "x"), 1);
const applied = { log, commitIndex: 2, lastApplied: 2 };

test("holds when each request is answered once and truly", () => {
  const run = drill().propose("m1", "a", "x").propose("m1", "b", "y").step("m1", applied).committed("m1", "a", 1, 1);
  expect(run.reply("m1", "b", { kind: "superseded", index: 2, term: 7 }).violated).toBeNull();
});

test("violated by a second answer", () => {
  const run = drill().propose("m1", "a", "x").reply("m1", "a", { kind: "refused", reason: "busy" });
  expect(run.reply("m1", "a", { kind: "refused", reason: "busy" }).violated).toBe(
    'm1 answers a a second time, now with "refused"',
  );
});

test("violated by the acknowledgement of another command", () => {
  const run = drill().propose("m1", "a", "z").step("m1", applied).committed("m1", "a", 1, 1);
  expect(run.violated).toBe('a is told committed at index 1, where another command stands than the proposed "z"');
});

test("violated by the acknowledgement of another term", () => {
  const run = drill().propose("m1", "a", "x").step("m1", applied).committed("m1", "a", 1, 3);
  expect(run.violated).toBe("a is told committed at index 1 in term 3, where an entry of term 1 stands");
});

test("violated by superseding what was applied, before or after", () => {
  const superseded = { kind: "superseded", index: 1, term: 1 } as const;
  const before = drill().propose("m1", "a", "x").step("m2", applied).reply("m1", "a", superseded);
  expect(before.violated).toBe("a is told superseded, but its entry of index 1 and term 1 was committed and applied");
  const after = drill().propose("m1", "a", "x").reply("m1", "a", superseded).step("m2", applied);
  expect(after.violated).toBe("m2 applies index 1 of term 1, after its proposer was told that it is superseded");
});
