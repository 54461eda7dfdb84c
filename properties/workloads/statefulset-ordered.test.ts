import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { statefulSetOrdered } from "./statefulset-ordered.ts";
import { ManagerStory } from "./testing.ts";

const set = (more: Loose = {}) => objectOf("StatefulSet", "db", { spec: { replicas: 3, ...more } });
const pod = (ordinal: number, more: Loose = {}) => podOf(`db-${ordinal}`, { owner: set(), ...more });
const story = (more: Loose = {}) =>
  new ManagerStory(new ClusterDrill(statefulSetOrdered).put(set(more))).sees("statefulsets", set(more));
const deletes = (run: ManagerStory, name: string) =>
  run.sends({ verb: "delete", resource: "pods", namespace: "default", name, options: {} }).violated;

test("holds from the bottom up, and from the top down", () => {
  expect(story().asks(pod(0)).violated).toBeNull();
  expect(story().sees("pods", pod(0)).asks(pod(1)).violated).toBeNull();
  expect(deletes(story({ replicas: 1 }).sees("pods", pod(1)).sees("pods", pod(2)), "db-2")).toBeNull();
  expect(deletes(story().sees("pods", pod(1)).sees("pods", pod(2)), "db-1")).toBeNull();
});

test("holds where the one below was ready just now, and for parallel pods", () => {
  const run = story();
  run.drill.put(pod(0)).remove(pod(0)).after(5);
  expect(run.asks(pod(1)).violated).toBeNull();
  expect(story({ podManagementPolicy: "Parallel" }).asks(pod(1)).violated).toBeNull();
});

test("violated out of order", () => {
  expect(story().asks(pod(1)).violated).toBe("controller-manager-1 asks for pod db-1, and db-0 is not there");
  expect(
    story()
      .sees("pods", pod(0, { phase: "Pending" }))
      .asks(pod(1)).violated,
  ).toMatch(/db-0 is not ready/);
  expect(deletes(story({ replicas: 1 }).sees("pods", pod(1)).sees("pods", pod(2)), "db-1")).toBe(
    "controller-manager-1 scales db-1 down, and db-2 is there still",
  );
});
