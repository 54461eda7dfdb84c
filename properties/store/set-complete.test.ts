import { expect, test } from "vitest";
import { setComplete } from "./set-complete.ts";
import { putOf, StoreDrill } from "./testing.ts";

const add = (element: string) => ({ kind: "setAdd" as const, session: 0, set: "s", element });
const read = { kind: "setRead" as const, session: 0, set: "s" };
const drill = () => new StoreDrill(setComplete);

test("holds when acknowledged elements are read, and doubtful ones may be", () => {
  const run = drill().ask("c1", "a", add("x")).run(putOf("s/x", "x")).done("c1", "a");
  run.ask("c2", "b", add("y")).done("c2", "b", null, "unknown").ask("c1", "r", read).done("c1", "r", ["x"]);
  run.ask("c1", "q", read).done("c1", "q", ["x", "y"]);
  expect(run.lead("m1", 1).atEnd().violated).toBeNull();
});

test("violated by a read without what was acknowledged before it was asked", () => {
  const run = drill().ask("c1", "a", add("x")).ask("c2", "early", read).done("c1", "a").ask("c2", "r", read);
  expect(run.done("c2", "early", []).violated).toBeNull();
  expect(run.done("c2", "r", []).violated).toBe(
    "set s, read by c2 (r): x is not in it, though its addition was acknowledged",
  );
});

test("violated by an element that was refused, or never asked for", () => {
  const run = drill().ask("c1", "a", add("x")).done("c1", "a", null, "failed").ask("c2", "r", read);
  expect(run.done("c2", "r", ["x"]).violated).toBe("set s, read by c2 (r): x is in it, which nobody has added");
});

test("violated by an element that is missing at the end", () => {
  const run = drill().ask("c1", "a", add("x")).done("c1", "a").lead("m1", 1);
  expect(run.atEnd().violated).toBe("set s, at the end at m1: x is not in it, though its addition was acknowledged");
});

test("says nothing of a set that is written otherwise", () => {
  const call = { kind: "call" as const, session: 0, endpoint: null };
  const run = drill().ask("c2", "d", {
    ...call,
    request: { kind: "deleteRange", key: "a", rangeEnd: "\0", prevKv: false },
  });
  expect(run.ask("c1", "a", add("x")).done("c1", "a").lead("m1", 1).atEnd().violated).toBeNull();
});
