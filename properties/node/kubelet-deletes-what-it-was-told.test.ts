import { expect, test } from "vitest";
import { ClusterDrill, type Loose, podOf } from "../cluster/testing.ts";
import { kubeletDeletesWhatItWasTold } from "./kubelet-deletes-what-it-was-told.ts";

function deletes(from: string, options: Loose): string | null {
  const run = new ClusterDrill(kubeletDeletesWhatItWasTold).put(podOf("a", { node: "node-1" }));
  run.call(from, { verb: "delete", resource: "pods", namespace: "default", name: "a", options });
  return run.violated;
}

test("holds for its own pods by their UID, and for others than kubelets", () => {
  expect(deletes("kubelet-1", { preconditions: { uid: "Pod-a" } })).toBeNull();
  expect(deletes("kubectl", {})).toBeNull();
});

test("violated by a name, or another node's pod", () => {
  expect(deletes("kubelet-1", {})).toBe("kubelet-1 deletes pod default/a by its name alone");
  expect(deletes("kubelet-2", { preconditions: { uid: "Pod-a" } })).toMatch(/which was never bound to node-2/);
  expect(deletes("kubelet-1", { preconditions: { uid: "x" } })).toMatch(/UID x, which was never/);
});
