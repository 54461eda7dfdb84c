import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { daemonSetsConverge } from "./daemonsets-converge.ts";

const set = (ready: number) =>
  objectOf("DaemonSet", "log", {
    spec: { template: { spec: { containers: [], nodeSelector: { disk: "ssd" } } } },
    status: { observedGeneration: 1, numberReady: ready, desiredNumberScheduled: ready },
  });
const node = (name: string, disk: string) => objectOf("Node", name, { metadata: { labels: { disk } }, spec: {} });
const pod = (name: string, on: string, more = {}) => podOf(name, { owner: set(0), node: on, ...more });
const drill = (ready: number) =>
  new ClusterDrill(daemonSetsConverge).put(set(ready)).put(node("n1", "ssd")).put(node("n2", "hdd"));

test("nothing is pending with one ready pod on each node that fits", () => {
  expect(drill(1).put(pod("a", "n1")).pending).toBeNull();
});

test("pending while one is missing, not ready, or too much", () => {
  expect(drill(1).pending).toBe("DaemonSet default/log has no pod on n1");
  expect(drill(1).put(pod("a", "n1", { phase: "Pending" })).pending).toMatch(
    /is not complete: pod default\/a is Pending/,
  );
  expect(drill(1).put(pod("a", "n1")).put(pod("b", "n2")).pending).toMatch(/has pod default\/b on n2/);
  expect(drill(1).put(pod("a", "n1")).put(pod("b", "n1")).pending).toMatch(/has pod default\/b on n1/);
  expect(drill(0).put(pod("a", "n1")).pending).toMatch(/says 0 ready of 0, where there are 1/);
});
