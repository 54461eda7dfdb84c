import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { terminalPhaseMeansNothingRuns } from "./terminal-phase-means-nothing-runs.ts";
import { containerOf, runs } from "./testing.ts";

const node = objectOf("Node", "node-1");
const pod = (phase: string) => podOf("a", { node: "node-1", phase });
const drill = () =>
  runs(new ClusterDrill(terminalPhaseMeansNothingRuns).put(node).put(pod("Running")), "runtime-1", containerOf("a"));
const dead = containerOf("a", { state: "exited" });

test("holds when its containers are dead, or its node was given up", () => {
  expect(runs(drill(), "runtime-1", dead).put(pod("Failed")).violated).toBeNull();
  expect(drill().remove(node).put(pod("Failed")).violated).toBeNull();
});

test("violated while one of them runs, or is started again", () => {
  expect(drill().put(pod("Failed")).violated).toBe(
    "pod default/a is said to have failed, and its container main runs at runtime-1",
  );
  const over = runs(drill(), "runtime-1", dead).put(pod("Succeeded"));
  expect(runs(over, "runtime-1", dead, containerOf("a", { attempt: 1 })).violated).toMatch(
    /though the pod has succeeded/,
  );
});
