import { expect, test } from "vitest";
import { counterExact } from "./counter-exact.ts";
import { putOf, StoreDrill } from "./testing.ts";

const increment = { kind: "increment" as const, session: 0, key: "n" };
const two = (value: string) =>
  new StoreDrill(counterExact)
    .ask("c1", "i1", increment)
    .done("c1", "i1", 1)
    .ask("c2", "i2", increment)
    .done("c2", "i2", 2, "unknown")
    .run(putOf("n", value))
    .lead("m1", 1);

test("holds whether or not the doubtful increment has happened", () => {
  expect(two("1").atEnd().violated).toBeNull();
  expect(two("2").atEnd().violated).toBeNull();
});

test("violated by a number below what was acknowledged, or above what was asked for", () => {
  expect(two("0").atEnd().violated).toBe(
    "n is 0 at the end at m1, after 1 acknowledged increments of 2 that may have happened",
  );
  expect(two("3").atEnd().violated).toMatch(/^n is 3 at the end/);
});

test("violated by two increments that come to the same number", () => {
  const run = two("2").ask("c2", "i3", increment).done("c2", "i3", 1);
  expect(run.violated).toBe("increments i1 and i3 (by c2) of n both come to 1");
});
