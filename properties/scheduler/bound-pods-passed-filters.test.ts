import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { boundPodsPassedFilters } from "./bound-pods-passed-filters.ts";
import { decided, nodeOf, pendingPod, schedulerState } from "./testing.ts";

const nodes = [nodeOf("n1"), nodeOf("n2", { unschedulable: true })];
const state = schedulerState(nodes, [pendingPod("x", { node: "n1", cpu: "1" })]);
const after = (pod: unknown, more: object) =>
  new ClusterDrill(boundPodsPassedFilters).step("scheduler-1", decided(state, pod, more)).violated;

test("holds where it fits, and where it gets none", () => {
  expect(after(pendingPod("a"), { node: "n1" })).toBeNull();
  expect(after(pendingPod("a", { cpu: "9" }), {})).toBeNull();
});

test("violated by a node that is full, closed, or gone", () => {
  expect(after(pendingPod("a", { cpu: "1500m" }), { node: "n1" })).toBe(
    "default/a gets n1, and should not: NodeResourcesFit",
  );
  expect(after(pendingPod("a"), { node: "n2" })).toBe("default/a gets n2, and should not: NodeUnschedulable");
  expect(after(pendingPod("a"), { node: "n3" })).toBe("default/a gets n3, and should not: there is no such node");
});

test("violated where the room is kept for others, as the scheduler knows", () => {
  const nominations = [["n1", [pendingPod("b", { priority: 5 })]]];
  expect(after(pendingPod("a"), { node: "n1", nominations })).toContain("NodeResourcesFit, with nominated pods");
  expect(after(pendingPod("a", { priority: 9 }), { node: "n1", nominations })).toBeNull();
});

test("who is nominated keeps others away only where somebody does already: the filter is skipped", () => {
  const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const nominations = [
    ["n1", [pendingPod("b", { priority: 5, cpu: "100m", labels: { app: "b" }, spec: { affinity } })]],
  ];
  expect(after(pendingPod("a", { cpu: "100m" }), { node: "n1", nominations })).toBeNull();
  const there = pendingPod("c", { node: "n2", cpu: "100m", labels: { app: "c" }, spec: { affinity } });
  const run = new ClusterDrill(boundPodsPassedFilters);
  const decision = decided(schedulerState(nodes, [there]), pendingPod("a", { cpu: "100m" }), {
    node: "n1",
    nominations,
  });
  expect(run.step("scheduler-1", decision).violated).toContain("InterPodAffinity, with nominated pods");
});
