import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { containerOf, runs } from "../node/testing.ts";
import { nothingLeaks } from "./nothing-leaks.ts";

const drill = () =>
  runs(new ClusterDrill(nothingLeaks).put(podOf("a", { node: "node-1" })), "runtime-1", containerOf("a"));

test("nothing is pending while the pod is there, its node is down, or the API never knew it", () => {
  expect(drill().pending).toBeNull();
  expect(drill().remove(podOf("a")).crash("kubelet-1").pending).toBeNull();
  expect(runs(drill(), "runtime-2", containerOf("static")).pending).toBeNull();
});

test("pending while something of it is left", () => {
  expect(drill().remove(podOf("a")).pending).toBe(
    "runtime-1 runs container main of pod default/a of UID Pod-a, which is gone",
  );
  const sandboxes = [{ podUid: "Pod-a", podNamespace: "default", podName: "a", state: "ready", ip: "10.0.0.1" }];
  expect(drill().remove(podOf("a")).step("runtime-1", { containers: [], sandboxes }).pending).toMatch(
    /its address 10.0.0.1/,
  );
  const volume = objectOf("PersistentVolume", "v", {
    spec: { claimRef: { namespace: "default", name: "c", uid: "u" } },
    status: { phase: "Bound" },
  });
  expect(drill().put(volume).pending).toBe("volume v is bound to claim default/c, which is gone");
  const budget = objectOf("PodDisruptionBudget", "b", { status: { disruptedPods: { z: "2026-01-01T00:00:00Z" } } });
  expect(drill().put(budget).pending).toBe("budget default/b remembers the eviction of z, which is gone");
});
