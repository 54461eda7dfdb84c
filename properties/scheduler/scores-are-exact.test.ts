import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { scoresAreExact } from "./scores-are-exact.ts";
import { decided, nodeOf, pendingPod, schedulerState } from "./testing.ts";

const state = schedulerState([nodeOf("n1"), nodeOf("n2")], [pendingPod("x", { node: "n1", cpu: "1" })]);
const after = (scores: readonly { node: string; total: number }[]) =>
  new ClusterDrill(scoresAreExact).step("scheduler-1", decided(state, pendingPod("a"), { node: "n2", scores }))
    .violated;

test("holds for the sums of the formulas, and violated by one more", () => {
  // TaintToleration gives 100 three times over to both. Least allocated: the mean of 0 and 96, of 50 and 98. Balance: 50 and
  // half of what is better with the pod than without, (50 + 51 - 75) and (50 + 75 - 100).
  const exact = [
    { node: "n1", total: 300 + 48 + 63 },
    { node: "n2", total: 300 + 74 + 62 },
  ];
  expect(after(exact)).toBeNull();
  expect(after([exact[0]!, { node: "n2", total: exact[1]!.total + 1 }])).toMatch(
    /^n2 has a score of \d+ for default\/a, and it is/,
  );
});
