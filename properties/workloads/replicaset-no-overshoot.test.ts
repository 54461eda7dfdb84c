import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf, withMeta } from "../cluster/testing.ts";
import { replicaSetNoOvershoot } from "./replicaset-no-overshoot.ts";
import { ManagerStory } from "./testing.ts";

const set = (replicas: number, metadata = {}) => objectOf("ReplicaSet", "web", { spec: { replicas }, metadata });
const pod = (name: string, more = {}) => podOf(name, { owner: set(0), ...more });
const story = (replicas: number) =>
  new ManagerStory(new ClusterDrill(replicaSetNoOvershoot).put(set(replicas))).sees("replicasets", set(replicas));

test("holds up to the replicas, and beyond those that ended", () => {
  expect(story(2).sees("pods", pod("a")).asks(pod("")).violated).toBeNull();
  expect(
    story(1)
      .sees("pods", pod("a", { phase: "Failed" }))
      .asks(pod("")).violated,
  ).toBeNull();
});

test("holds where a call got no answer, or the cache has lost its memory", () => {
  const run = story(1).asks(pod(""));
  expect(run.givesUp().asks(pod("")).violated).toBeNull();
  expect(story(1).makes(pod("a")).restarts().sees("replicasets", set(1)).asks(pod("")).violated).toBeNull();
});

test("violated by one more than wanted, seen, made or asked for", () => {
  expect(story(1).sees("pods", pod("a")).asks(pod("")).violated).toBe(
    "controller-manager-1 asks for another pod of ReplicaSet web, which wants 1, and it knows of 1",
  );
  expect(story(1).makes(pod("a")).asks(pod("")).violated).toMatch(/knows of 1/);
  expect(story(1).asks(pod("")).asks(pod("")).violated).toMatch(/knows of 1/);
});

test("violated by a pod for one that is being deleted", () => {
  const deletionTimestamp = "2026-01-01T00:00:00Z";
  const deleted = withMeta(set(1), { deletionTimestamp });
  const late = story(1);
  late.drill.put(deleted).after(60);
  expect(late.sees("replicasets", deleted).asks(pod("")).violated).toMatch(/which it knows to be deleted/);
  const again = story(1).sees("replicasets", deleted).asks(pod(""));
  expect(again.violated).toBeNull();
  expect(again.givesUp().asks(pod("")).violated).toMatch(/which it knows to be deleted/);
});
