import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { decisionsAreTheNaiveOnes } from "./decisions-are-the-naive-ones.ts";
import { decided, nodeOf, pendingPod, schedulerState } from "./testing.ts";

const state = schedulerState([nodeOf("n1"), nodeOf("n2")], [pendingPod("x", { node: "n1", cpu: "1" })]);
const after = (pod: unknown, more: object) =>
  new ClusterDrill(decisionsAreTheNaiveOnes).step("scheduler-1", decided(state, pod, more)).violated;

test("holds for the best node, and for none where there is none", () => {
  expect(after(pendingPod("a"), { node: "n2" })).toBeNull();
  expect(after(pendingPod("a", { cpu: "3" }), {})).toBeNull();
});

test("violated by none where there is one, and by one that is not the best", () => {
  expect(after(pendingPod("a"), {})).toBe("default/a gets no node, and n1, n2 can take it: 0/2 nodes are available");
  expect(after(pendingPod("a"), { node: "n1" })).toContain("default/a gets n1, which is not the best of n1");
});

test("the node that others made room on is taken without a look at the rest", () => {
  expect(after(pendingPod("a", { status: { nominatedNodeName: "n1" } }), { node: "n1" })).toBeNull();
});
