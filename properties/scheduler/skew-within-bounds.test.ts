import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { skewWithinBounds } from "./skew-within-bounds.ts";
import { decided, nodeOf, pendingPod, schedulerState } from "./testing.ts";

const spread = (topologyKey: string, whenUnsatisfiable = "DoNotSchedule") => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: { app: "web" } } },
  ],
});
const ZONE = "topology.kubernetes.io/zone";
const nodes = [nodeOf("n1"), nodeOf("n2"), nodeOf("n3", { zone: "b" })];
const state = schedulerState(nodes, [
  pendingPod("x", { node: "n1" }),
  pendingPod("y", { node: "n1", labels: { app: "b" } }),
]);
const after = (spec: object, node: string) =>
  new ClusterDrill(skewWithinBounds).step("scheduler-1", decided(state, pendingPod("a", { spec }), { node })).violated;

test("holds where no domain is ahead by more than one", () => {
  expect(after(spread(ZONE), "n3")).toBeNull();
  expect(after(spread("kubernetes.io/hostname"), "n2")).toBeNull();
  expect(after(spread(ZONE, "ScheduleAnyway"), "n2")).toBeNull();
  expect(after({ ...spread(ZONE), nodeSelector: { [ZONE]: "a" } }, "n2")).toBeNull();
});

test("violated where one is", () => {
  expect(after(spread(ZONE), "n2")).toBe(`default/a on n2 makes a skew of 2 over ${ZONE}, and 1 is allowed`);
});
