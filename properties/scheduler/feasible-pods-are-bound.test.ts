import { expect, test } from "vitest";
import { ClusterDrill, objectOf } from "../cluster/testing.ts";
import { feasiblePodsAreBound } from "./feasible-pods-are-bound.ts";
import { nodeOf, pendingPod } from "./testing.ts";

const drill = () => new ClusterDrill(feasiblePodsAreBound).put(nodeOf("n1")).put(nodeOf("n2", { zone: "b" }));

test("pending while a pod waits that fits somewhere, whatever was said of it", () => {
  const status = { conditions: [{ type: "PodScheduled", status: "False", message: "0/2 nodes are available" }] };
  expect(drill().put(pendingPod("a", { status })).pending).toBe(
    "pod default/a is not bound, and n1 can take it: 0/2 nodes are available",
  );
});

test("not while it fits nowhere, is held back, is going, or is somebody else's", () => {
  expect(drill().put(pendingPod("a", { cpu: "3" })).pending).toBeNull();
  const full = drill()
    .put(pendingPod("x", { node: "n1", cpu: "2" }))
    .put(pendingPod("y", { node: "n2", cpu: "2" }));
  expect(full.put(pendingPod("a")).pending).toBeNull();
  expect(full.put(pendingPod("x", { node: "n1", cpu: "2", phase: "Failed" })).pending).toContain("n1 can take it");
  expect(drill().put(pendingPod("a", { spec: { schedulingGates: [{ name: "g" }] } })).pending).toBeNull();
  expect(drill().put(pendingPod("a", { deleting: true })).pending).toBeNull();
  expect(drill().put(pendingPod("a", { spec: { schedulerName: "other" } })).pending).toBeNull();
});

test("room that is kept for another of the same priority is none", () => {
  const kept = pendingPod("b", { cpu: "2", priority: 5, status: { nominatedNodeName: "n1" } });
  const run = drill()
    .put(pendingPod("y", { node: "n2", cpu: "2" }))
    .put(kept);
  expect(run.put(pendingPod("a", { priority: 0 })).pending).toContain("pod default/b is not bound");
  expect(run.remove(kept).pending).toContain("pod default/a is not bound, and n1");
});

test("claims say where a pod can be, too", () => {
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "c" } }];
  const claim = objectOf("PersistentVolumeClaim", "c", {
    spec: { storageClassName: "zonal", accessModes: ["ReadWriteOnce"] },
  });
  const storageClass = objectOf(
    "StorageClass",
    "zonal",
    { provisioner: "kubernetes.io/no-provisioner", volumeBindingMode: "WaitForFirstConsumer" },
    "storage.k8s.io/v1",
  );
  const matchExpressions = [{ key: "topology.kubernetes.io/zone", operator: "In", values: ["b"] }];
  const volume = objectOf("PersistentVolume", "v", {
    spec: {
      storageClassName: "zonal",
      accessModes: ["ReadWriteOnce"],
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  });
  const run = drill()
    .put(storageClass)
    .put(pendingPod("a", { spec: { volumes } }));
  expect(run.pending).toBeNull();
  expect(run.put(claim).pending).toBeNull();
  expect(run.put(volume).pending).toContain("n2 can take it");
  const taken = { ...volume, spec: { ...volume.spec, claimRef: { namespace: "default", name: "d", uid: "other" } } };
  expect(run.put(taken).pending).toBeNull();
});
