import { expect, test } from "vitest";
import { ClusterDrill, objectOf } from "../cluster/testing.ts";
import { decided, nodeOf, pendingPod, schedulerState } from "./testing.ts";
import { victimsAreNeeded } from "./victims-are-needed.ts";

const on = (node: string, name: string, cpu: string, priority: number, labels = { app: name }) =>
  pendingPod(name, { node, cpu, priority, labels, status: { startTime: "2026-01-01T00:00:10Z" } });
const nodes = [nodeOf("n1"), nodeOf("n2")];
const low = on("n1", "low", "1", 1);
const tiny = on("n1", "tiny", "500m", 2);
const high = on("n2", "high", "2", 9);
const after = (pods: readonly object[], more: object, others = {}) =>
  new ClusterDrill(victimsAreNeeded).step(
    "scheduler-1",
    decided(schedulerState(nodes, pods, { others }), pendingPod("a", { cpu: "1", priority: 10 }), more),
  ).violated;

test("holds where the least important has to go, and no more than needed", () => {
  expect(after([low, tiny, high], { nominated: "n1", victims: [low] })).toBeNull();
});

test("violated by one that is as important, by one too many, and by a node on which it costs more", () => {
  const equal = on("n1", "equal", "2", 10);
  expect(after([equal, high], { nominated: "n1", victims: [equal] })).toBe(
    "equal of priority 10 has to go for default/a of priority 10",
  );
  expect(after([low, tiny, high], { nominated: "n1", victims: [low, tiny] })).toBe(
    "low, tiny have to go on n1 for default/a, and it would be enough if low did",
  );
  expect(after([low, tiny, high], { nominated: "n2", victims: [high] })).toBe(
    "high have to go on n2 for default/a, and n1 would have been better: low",
  );
});

test("those that a budget keeps go last", () => {
  const one = on("n1", "one", "1", 1, { app: "kept" });
  const two = on("n1", "two", "1", 1, { app: "free" });
  const budget = objectOf("PodDisruptionBudget", "b", {
    spec: { selector: { matchLabels: { app: "kept" } } },
    status: { disruptionsAllowed: 0 },
  });
  const others = { poddisruptionbudgets: [budget] };
  expect(after([one, two, high], { nominated: "n1", victims: [two] }, others)).toBeNull();
  expect(after([one, two, high], { nominated: "n1", victims: [one] }, others)).toContain("enough if two did");
});
