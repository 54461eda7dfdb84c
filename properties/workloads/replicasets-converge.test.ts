import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { replicaSetsConverge } from "./replicasets-converge.ts";

const set = (replicas: number, ready: number) =>
  objectOf("ReplicaSet", "web", {
    spec: { replicas, template: { spec: { containers: [] } } },
    status: { replicas, readyReplicas: ready, observedGeneration: 1 },
  });
const pod = (name: string, more = {}) => podOf(name, { owner: set(0, 0), node: "node-1", ...more });
const drill = () => new ClusterDrill(replicaSetsConverge);

test("nothing is pending when all of its pods are ready and its status says so", () => {
  expect(drill().put(set(2, 2)).put(pod("a")).put(pod("b")).pending).toBeNull();
  expect(
    drill()
      .put(set(1, 1))
      .put(pod("a"))
      .put(pod("b", { phase: "Failed" })).pending,
  ).toBeNull();
});

test("pending while one is missing, too much, or not ready, or its status is old", () => {
  expect(drill().put(set(1, 1)).pending).toBe("ReplicaSet default/web has 0 pods of 1, 0 of them ready");
  expect(
    drill()
      .put(set(1, 1))
      .put(pod("a", { phase: "Pending" })).pending,
  ).toBe("ReplicaSet default/web has 1 pods of 1, 0 of them ready: pod default/a is Pending on node-1: not ready");
  expect(
    drill()
      .put(set(1, 1))
      .put(pod("a"))
      .put(pod("b", { deleting: true })).pending,
  ).toMatch(/pod default\/b is being deleted/);
  expect(drill().put(set(1, 0)).put(pod("a")).pending).toMatch(/says 1 replicas, 0 ready/);
});
