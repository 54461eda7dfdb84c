import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { orphansAreKept } from "./orphans-are-kept.ts";

const set = (metadata: Loose = {}) => objectOf("ReplicaSet", "web", { metadata });
const going = (finalizer: string) => set({ deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [finalizer] });
function collected(finalizer: string, seconds: number): string | null {
  const run = new ClusterDrill(orphansAreKept).put(set()).put(podOf("a", { owner: set() }));
  return collect(run.after(seconds).put(going(finalizer)).remove(set()));
}
function collect(run: ClusterDrill): string | null {
  const options = { preconditions: { uid: "Pod-a" }, propagationPolicy: "Background" };
  run.call("controller-manager-1", { verb: "delete", resource: "pods", namespace: "default", name: "a", options });
  return run.violated;
}

test("holds for the dependents of another policy, and for what came after the deletion began", () => {
  expect(collected("foregroundDeletion", 60)).toBeNull();
  const run = new ClusterDrill(orphansAreKept)
    .put(going("orphan"))
    .after(1)
    .put(podOf("a", { owner: set() }));
  expect(collect(run.remove(set()))).toBeNull();
});

test("holds where somebody has asked for the opposite as well", () => {
  const run = new ClusterDrill(orphansAreKept)
    .put(set())
    .put(podOf("a", { owner: set() }))
    .after(60);
  run.put(going("orphan"));
  const request = { verb: "delete", resource: "replicasets", namespace: "default", name: "web" };
  run.call("kubectl", { ...request, options: { propagationPolicy: "Foreground" } });
  expect(collect(run.remove(set()))).toBeNull();
});

test("violated when an orphan is collected", () => {
  expect(collected("orphan", 60)).toBe(
    "controller-manager-1 collects pods default/a, whose owner ReplicaSet web was deleted so as to leave it behind",
  );
});
