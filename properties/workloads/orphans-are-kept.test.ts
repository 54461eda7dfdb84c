import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { orphansAreKept } from "./orphans-are-kept.ts";

const set = (metadata: Loose = {}) => objectOf("ReplicaSet", "web", { metadata });
const going = (finalizer: string) => set({ deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [finalizer] });
function collected(finalizer: string, seconds: number): string | null {
  const run = new ClusterDrill(orphansAreKept).put(set()).put(podOf("a", { owner: set() }));
  run.after(seconds).put(going(finalizer)).remove(set());
  const options = { preconditions: { uid: "Pod-a" }, propagationPolicy: "Background" };
  run.call("controller-manager-1", { verb: "delete", resource: "pods", namespace: "default", name: "a", options });
  return run.violated;
}

test("holds for the dependents of another policy, and for what has only just come", () => {
  expect(collected("foregroundDeletion", 60)).toBeNull();
  expect(collected("orphan", 1)).toBeNull();
});

test("violated when an orphan is collected", () => {
  expect(collected("orphan", 60)).toBe(
    "controller-manager-1 collects pods default/a, whose owner ReplicaSet web was deleted so as to leave it behind",
  );
});
