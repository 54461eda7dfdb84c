import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { gcSparesLiveOwners } from "./gc-spares-live-owners.ts";

const set = (metadata: Loose = {}) => objectOf("ReplicaSet", "web", { metadata });
const collects = (run: ClusterDrill) => {
  const options = { preconditions: { uid: "Pod-a", resourceVersion: "3" }, propagationPolicy: "Background" };
  run.call("controller-manager-1", { verb: "delete", resource: "pods", namespace: "default", name: "a", options });
  return run.violated;
};
const drill = (owner: Loose) => new ClusterDrill(gcSparesLiveOwners).put(owner).put(podOf("a", { owner: set() }));

test("holds when the owner is gone, is another now, or waits for its dependents to go", () => {
  expect(collects(drill(set()).remove(set()))).toBeNull();
  expect(collects(drill(set({ uid: "other" })))).toBeNull();
  expect(
    collects(drill(set({ deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["foregroundDeletion"] }))),
  ).toBeNull();
});

test("violated when the owner is there", () => {
  expect(collects(drill(set()))).toBe(
    "controller-manager-1 collects pods default/a as garbage, and its owner ReplicaSet web is there",
  );
});

test("holds when it waited a moment ago, and is to leave them after all", () => {
  const going = (finalizer: string) => set({ deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [finalizer] });
  const changed = () => drill(going("foregroundDeletion")).put(going("orphan"));
  expect(collects(changed())).toBeNull();
  expect(collects(changed().after(60))).toMatch(/its owner ReplicaSet web is there/);
});
