import { describe, expect, test } from "vitest";
import { mapEntries } from "../kernel/index.ts";
import { findCondition } from "../machinery/conditions.ts";
import type { Lease, PersistentVolume, PersistentVolumeClaim, StorageClass } from "../machinery/kinds/index.ts";
import { serviceUnavailable, statusResponse } from "../machinery/status.ts";
import { nodesOf, podsOf } from "./framework/snapshot.ts";
import { Drill, nodeOf, podOf } from "./testing/drill.ts";

const S = 1_000_000;

function drillOf(...nodes: readonly ReturnType<typeof nodeOf>[]): Drill {
  const drill = new Drill();
  for (const node of nodes) drill.put(node);
  drill.deliver();
  return drill;
}

describe("a scheduler", () => {
  test("binds a pod to the node that scores best: the emptiest", () => {
    const drill = drillOf(nodeOf("node-2"), nodeOf("node-1"));
    for (let i = 0; i < 4; i++) drill.put(podOf(`p${i}`, {}, "400m"));
    drill.deliver();
    const nodes = Object.values(drill.placement());
    expect(nodes.toSorted()).toEqual(["node-1", "node-1", "node-2", "node-2"]);
    expect(nodes[0]).not.toBe(nodes[1]);
  });

  test("says what it has decided, and on what", () => {
    const drill = drillOf(nodeOf("node-1"), nodeOf("node-2", "50m"));
    drill.put(podOf("p"));
    drill.deliver();
    const { lastDecision } = drill.state;
    expect(lastDecision).toMatchObject({ number: 1, node: "node-1", scores: [], message: "", victims: [] });
    // What it was decided on does not know of the pod itself.
    expect(podsOf(lastDecision!.snapshot)).toEqual([]);
    expect(nodesOf(lastDecision!.snapshot).map(({ name }) => name)).toEqual(["node-1", "node-2"]);
  });

  test("counts what it has decided before it sees it", () => {
    const drill = drillOf(nodeOf("node-1"));
    drill.put(podOf("p0", {}, "600m"));
    drill.put(podOf("p1", {}, "600m"));
    drill.deaf = true;
    drill.deliver();
    expect(drill.requests).toEqual(["bind p0 to node-1", "patch pods/status p1"]);
    drill.hear();
    expect(mapEntries(drill.state.cache.pods).map(([, { assumed }]) => assumed)).toEqual([false]);
  });

  test("tells why a pod fits nowhere, once, and tries again when that has changed", () => {
    const drill = drillOf(nodeOf("node-1", "100m"), nodeOf("node-2", "1", { unschedulable: true }));
    drill.put(podOf("p", {}, "500m"));
    drill.deliver();
    expect(findCondition(drill.pod("p").status?.conditions, "PodScheduled")).toMatchObject({
      status: "False",
      reason: "Unschedulable",
      message:
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. " +
        "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    });
    drill.pass(100 * S);
    expect(drill.requests).toEqual(["patch pods/status p"]);
    drill.put(nodeOf("node-2"));
    drill.pass(1);
    expect(drill.placement()).toEqual({ p: "node-2" });
  });

  test("waits out a pod's backoff, though a node has come", () => {
    const drill = drillOf();
    drill.put(podOf("p"));
    drill.deliver();
    drill.pass(S / 2);
    drill.put(nodeOf("node-1"));
    drill.pass(S / 4);
    expect(drill.placement()).toEqual({ p: "" });
    drill.pass(S / 2);
    expect(drill.placement()).toEqual({ p: "node-1" });
  });

  test("tries a pod that fits nowhere again after 5 min", () => {
    const drill = drillOf(nodeOf("node-1", "100m"));
    drill.put(podOf("p", {}, "500m"));
    drill.deliver();
    const count = () => drill.notes.filter((name) => name === "scheduler/unschedulable").length;
    drill.pass(299 * S);
    expect(count()).toBe(1);
    drill.pass(32 * S);
    expect(count()).toBe(2);
  });

  test("the room of a pod that goes is given to another", () => {
    const drill = drillOf(nodeOf("node-1"));
    drill.put(podOf("p0", {}, "900m"));
    drill.deliver();
    drill.put(podOf("p1", {}, "900m"));
    drill.pass(20 * S);
    drill.remove("pods", "a/p0");
    drill.pass(1);
    expect(drill.placement()).toEqual({ p1: "node-1" });
  });

  test("a pod of another scheduler, one held back by a gate, and one that is being deleted are left alone", () => {
    const drill = drillOf(nodeOf("node-1"));
    drill.put(podOf("other", { schedulerName: "mine" }));
    drill.put(podOf("gated", { schedulingGates: [{ name: "g" }] }));
    const going = podOf("going");
    drill.put({ ...going, metadata: { ...going.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
    drill.deliver();
    expect(drill.requests).toEqual([]);
    drill.put({ ...podOf("gated"), metadata: drill.pod("gated").metadata });
    drill.deliver();
    expect(drill.placement()["gated"]).toBe("node-1");
  });

  test("higher priority goes first", () => {
    const drill = new Drill();
    drill.put(podOf("low", { priority: 0 }, "800m"));
    drill.put(podOf("high", { priority: 1000 }, "800m"));
    drill.deliver();
    drill.pass(20 * S);
    drill.put(nodeOf("node-1"));
    drill.pass(11 * S);
    expect(drill.placement()).toEqual({ high: "node-1", low: "" });
  });

  test("so many bindings are under way, and no more", () => {
    const drill = new Drill({ bindingsMax: 2 });
    drill.put(nodeOf("node-1"));
    drill.intercept = (request) => (request.verb === "create" && request.subresource === "binding" ? null : undefined);
    for (let i = 0; i < 5; i++) drill.put(podOf(`p${i}`));
    drill.deliver();
    expect(drill.state.bindings.size).toBe(2);
    drill.intercept = null;
    drill.pass(100 * S);
    expect(new Set(Object.values(drill.placement()))).toEqual(new Set(["node-1"]));
  });
});

describe("a binding", () => {
  test("that failed is forgotten, and tried again after a backoff", () => {
    const drill = drillOf(nodeOf("node-1"));
    drill.intercept = (request) => (request.verb === "create" ? statusResponse(serviceUnavailable("no")) : undefined);
    drill.put(podOf("p"));
    drill.deliver();
    expect(drill.state.cache.pods.size).toBe(0);
    drill.intercept = null;
    drill.pass(S);
    expect(drill.placement()).toEqual({ p: "node-1" });
  });

  test("whose answer is lost has happened: the pod is seen where it is", () => {
    const drill = drillOf(nodeOf("node-1"), nodeOf("node-2"));
    drill.put(podOf("p"));
    const [, binding] = [drill.deaf, drill.put(podOf("q", { nodeName: "node-2" }))];
    expect(binding.spec.nodeName).toBe("node-2");
    drill.intercept = (request) => {
      if (request.verb !== "create") return undefined;
      drill.put({ ...drill.pod("p"), spec: { ...drill.pod("p").spec, nodeName: "node-2" } });
      return null;
    };
    drill.deliver();
    drill.intercept = null;
    drill.pass(100 * S);
    expect(drill.placement()).toEqual({ p: "node-2", q: "node-2" });
    const infos = mapEntries(drill.state.cache.nodes).map(([name, { pods }]) => [name, pods.length]);
    expect(infos).toEqual([
      ["node-1", 0],
      ["node-2", 2],
    ]);
  });

  test("of a pod that was replaced by another of its name binds nobody", () => {
    const drill = drillOf(nodeOf("node-1"));
    drill.put(podOf("p"));
    drill.intercept = (request) => {
      if (request.verb !== "create" || drill.notes.includes("seen")) return undefined;
      drill.notes.push("seen");
      drill.remove("pods", "a/p");
      drill.put(podOf("p"));
      return undefined;
    };
    drill.deliver();
    expect(drill.notes).toContain("scheduler/bind-failed");
    drill.pass(5 * S);
    expect(drill.placement()).toEqual({ p: "node-1" });
    expect(drill.state.cache.pods.size).toBe(1);
  });

  test("pods of a node that has gone count on, until they go", () => {
    const drill = drillOf(nodeOf("node-1"));
    drill.put(podOf("p"));
    drill.deliver();
    drill.remove("nodes", "node-1");
    drill.deliver();
    expect(drill.state.cache.nodes.size).toBe(1);
    drill.remove("pods", "a/p");
    drill.deliver();
    expect([drill.state.cache.nodes.size, drill.state.cache.present]).toEqual([0, 0]);
  });
});

describe("claims", () => {
  const claim = (storageClassName: string): PersistentVolumeClaim => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace: "a" },
    spec: { storageClassName },
  });
  const storageClass = (name: string, volumeBindingMode: "Immediate" | "WaitForFirstConsumer"): StorageClass => ({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner: "p",
    volumeBindingMode,
  });
  const pod = podOf("p", { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }] });
  const volume: PersistentVolume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "pv" },
    spec: {},
  };
  const bound = (name: string): PersistentVolumeClaim => {
    const unbound = claim(name);
    return { ...unbound, spec: { ...unbound.spec, volumeName: "pv" }, status: { phase: "Bound" } };
  };

  test("one that waits for its consumer is told the node, and the pod is bound after it", () => {
    const drill = drillOf(nodeOf("node-1"));
    drill.put(storageClass("late", "WaitForFirstConsumer"));
    drill.put(claim("late"));
    drill.deliver();
    drill.put(pod);
    drill.deliver();
    expect(drill.requests).toEqual(["update persistentvolumeclaims data"]);
    const told = drill.objects.get("persistentvolumeclaims:a/data") as PersistentVolumeClaim;
    expect(told.metadata.annotations).toEqual({ "volume.kubernetes.io/selected-node": "node-1" });
    drill.put({ ...bound("late"), metadata: told.metadata });
    drill.deliver();
    // Not before the volume is seen as well.
    expect(drill.placement()).toEqual({ p: "" });
    drill.put(volume);
    drill.deliver();
    expect(drill.placement()).toEqual({ p: "node-1" });
  });

  test("one that is not bound in 10 min is given up, and its pod tried again", () => {
    const drill = drillOf(nodeOf("node-1"));
    drill.put(storageClass("late", "WaitForFirstConsumer"));
    drill.put(claim("late"));
    drill.put(pod);
    drill.deliver();
    drill.pass(602 * S);
    expect(drill.notes).toContain("scheduler/volumes-timed-out");
    expect(drill.state.waiting.size).toBe(1);
  });

  test("others must be there, and bound, first", () => {
    const drill = drillOf(nodeOf("node-1"));
    drill.put(pod);
    drill.deliver();
    const message = () => findCondition(drill.pod("p").status?.conditions, "PodScheduled")?.message;
    expect(message()).toContain('0/1 nodes are available: persistentvolumeclaim "data" not found.');
    drill.put(storageClass("now", "Immediate"));
    drill.put(claim("now"));
    drill.pass(5 * S);
    expect(message()).toContain("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.");
    drill.put(volume);
    drill.put(bound("now"));
    drill.pass(10 * S);
    expect(drill.placement()).toEqual({ p: "node-1" });
  });
});

describe("the lead", () => {
  test("who does not lead binds nothing, but is ready to", () => {
    const drill = new Drill();
    const lease = drill.objects.get("leases:kube-system/kube-scheduler") as Lease;
    drill.put({ ...lease, spec: { ...lease.spec, holderIdentity: "other" } });
    drill.pass(11 * S);
    expect(drill.state.phase).toBe("leading");
    drill.pass(3 * S);
    expect(drill.notes).toContain("scheduler/exited");
    drill.put(nodeOf("node-1"));
    drill.put(podOf("p"));
    drill.pass(5 * S);
    expect(drill.state.phase).toBe("standby");
    expect([drill.placement(), drill.state.queue.active.size]).toEqual([{ p: "" }, 1]);
    drill.pass(20 * S);
    expect([drill.placement(), drill.state.phase]).toEqual([{ p: "node-1" }, "leading"]);
  });

  test("with a cache only for who leads, the others list nothing", () => {
    const drill = new Drill({ delayCacheUntilActive: true });
    drill.put(nodeOf("node-1"));
    drill.put(podOf("p"));
    drill.deliver();
    expect(drill.placement()).toEqual({ p: "node-1" });
  });
});
