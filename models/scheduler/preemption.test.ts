import { describe, expect, test } from "vitest";
import { contractBreach, mapEntries, mapGet } from "../kernel/index.ts";
import type { ApiResponse } from "../machinery/api.ts";
import { findCondition } from "../machinery/conditions.ts";
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from "../machinery/kinds/index.ts";
import { withMeta } from "../machinery/meta.ts";
import { serviceUnavailable, statusResponse } from "../machinery/status.ts";
import { scheduler } from "./scheduler.ts";
import { Drill, nodeOf, podOf } from "./testing/drill.ts";
import type { SchedulerConfig } from "./types.ts";

const S = 1_000_000;

/** A node that is full of two pods of low priority. */
function fullOf(over: Partial<SchedulerConfig> = {}): Drill {
  const drill = new Drill(over);
  drill.put(nodeOf("node-1"));
  drill.put(podOf("low-1", { priority: 1 }, "500m"));
  drill.put(podOf("low-2", { priority: 2 }, "500m"));
  drill.deliver();
  drill.requests.length = 0;
  return drill;
}

function nominatedTo(drill: Drill, name: string): string {
  return drill.pod(name).status?.nominatedNodeName ?? "";
}

function unavailable(): ApiResponse {
  return statusResponse(serviceUnavailable("no"));
}

describe("a pod of higher priority", () => {
  test("is nominated where its victims are told why they go, and is bound when they have gone", () => {
    const drill = fullOf();
    drill.put(podOf("high", { priority: 100 }, "800m"));
    drill.deliver();
    expect(drill.requests).toEqual([
      "patch pods/status low-2",
      "patch pods/status high",
      "delete pods low-2",
      "patch pods/status low-1",
      "delete pods low-1",
    ]);
    expect(findCondition(drill.pod("low-1").status?.conditions, "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "PreemptionByScheduler",
      message: "default-scheduler: preempting to accommodate a higher priority pod",
    });
    expect(nominatedTo(drill, "high")).toBe("node-1");
    expect(drill.placement()["high"]).toBe("");
    drill.remove("pods", "a/low-1");
    drill.pass(2 * S);
    expect(drill.placement()["high"]).toBe("");
    drill.remove("pods", "a/low-2");
    drill.pass(5 * S);
    expect(drill.placement()).toEqual({ high: "node-1" });
    expect([drill.state.queue.nominator.byPod.size, drill.state.preemptions.size]).toEqual([0, 0]);
  });

  test("takes as few as will do, and not one whose budget forbids it, where another will do", () => {
    const drill = fullOf();
    drill.put({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "pdb", namespace: "a" },
      spec: { selector: { matchLabels: { app: "x" } }, minAvailable: 1 },
      status: { disruptionsAllowed: 0 },
    } as never);
    drill.put({ ...drill.pod("low-1"), metadata: { ...drill.pod("low-1").metadata, labels: { app: "x" } } });
    drill.deliver();
    drill.put(podOf("high", { priority: 100 }, "400m"));
    drill.deliver();
    expect(drill.state.lastDecision).toMatchObject({ nominated: "node-1", node: "" });
    expect(drill.state.lastDecision!.victims.map(({ pod }) => pod.metadata.name)).toEqual(["low-2"]);
  });

  test("that never preempts waits", () => {
    const drill = fullOf();
    drill.put(podOf("high", { priority: 100, preemptionPolicy: "Never" }, "800m"));
    drill.deliver();
    expect(drill.requests).toEqual(["patch pods/status high"]);
    const message = findCondition(drill.pod("high").status?.conditions, "PodScheduled")?.message;
    expect(message).toContain("preemption: not eligible due to preemptionPolicy=Never.");
  });

  test("keeps its room from those that are less, and from the replacement of its victim", () => {
    const drill = fullOf();
    drill.put(podOf("high", { priority: 100 }, "800m"));
    drill.deliver();
    drill.remove("pods", "a/low-1");
    drill.remove("pods", "a/low-2");
    drill.put(podOf("low-3", { priority: 3 }, "500m"));
    drill.pass(10 * S);
    expect(drill.placement()).toEqual({ high: "node-1", "low-3": "" });
  });

  test("is nominated before anybody has seen so, whatever else is seen of it", () => {
    const drill = fullOf();
    drill.put(podOf("high", { priority: 100 }, "800m"));
    // Its status is not written.
    drill.intercept = (request) => (request.verb === "patch" && request.name === "high" ? unavailable() : undefined);
    drill.deliver();
    const nominations = () => mapEntries(drill.state.queue.nominator.byPod).map(([, { node }]) => node);
    expect([nominatedTo(drill, "high"), nominations()]).toEqual(["", ["node-1"]]);
    drill.put(withMeta(drill.pod("high"), { annotations: { seen: "yes" } }));
    drill.deliver();
    expect(drill.notes).toContain("scheduler/nomination-held-though-not-seen");
    expect(nominations()).toEqual(["node-1"]);
  });

  test("is not tried while its victims are still to be told", () => {
    const drill = fullOf();
    drill.put(podOf("high", { priority: 100 }, "800m"));
    drill.intercept = (request) => (request.verb === "delete" ? null : undefined);
    drill.deliver();
    drill.remove("pods", "a/low-1");
    drill.pass(20 * S);
    expect(mapGet(drill.state.queue.pods, "a/high")).toMatchObject({
      place: "unschedulable",
      gatingPlugin: "DefaultPreemption",
    });
    expect(drill.placement()["high"]).toBe("");
    drill.intercept = null;
    drill.pass(40 * S);
    drill.remove("pods", "a/low-2");
    drill.pass(20 * S);
    expect(drill.placement()).toEqual({ high: "node-1" });
  });

  test("may find other victims before the last answer about the earlier ones", () => {
    const drill = fullOf();
    let isFirst = true;
    drill.intercept = (request) => {
      if (request.verb !== "delete" || request.name !== "low-1" || !isFirst) return undefined;
      isFirst = false;
      return null;
    };
    drill.put(podOf("high", { priority: 100 }, "800m"));
    drill.deliver();
    drill.remove("pods", "a/low-2");
    drill.remove("pods", "a/low-1");
    drill.put(podOf("squatter", { priority: 5, nodeName: "node-1" }, "900m"));
    drill.pass(5 * S);
    expect(drill.requests).toContain("delete pods squatter");
    // The answer about low-1 is given up only now.
    drill.pass(60 * S);
    expect(drill.notes).not.toContain("scheduler/preemption-failed");
    drill.remove("pods", "a/squatter");
    drill.pass(10 * S);
    expect(drill.placement()).toEqual({ high: "node-1" });
  });

  test("is tried again at once where a victim could not be told", () => {
    const drill = fullOf();
    let refused = 0;
    drill.intercept = (request) => (request.verb === "delete" && refused++ === 0 ? unavailable() : undefined);
    drill.put(podOf("high", { priority: 100 }, "800m"));
    drill.deliver();
    expect(drill.notes).toContain("scheduler/preemption-failed");
    expect(drill.notes).toContain("scheduler/queue/activated");
    drill.remove("pods", "a/low-1");
    drill.remove("pods", "a/low-2");
    drill.pass(20 * S);
    expect(drill.placement()).toEqual({ high: "node-1" });
  });

  test("that goes in mid-attempt is nominated nowhere", () => {
    const drill = fullOf({ attemptMinUs: 1000, attemptMaxUs: 1000 });
    drill.pass(10_000);
    drill.put(podOf("high", { priority: 100 }, "800m"));
    drill.deliver();
    expect(drill.state.attempt).not.toBeNull();
    drill.remove("pods", "a/high");
    drill.pass(1000);
    expect(drill.notes).toContain("scheduler/nomination-of-a-pod-that-has-gone");
    expect(drill.state.queue.nominator.byPod.size).toBe(0);
  });

  test("clears the nominations of those that are less", () => {
    const drill = fullOf();
    drill.put(podOf("mid", { priority: 50 }, "800m"));
    drill.deliver();
    expect(nominatedTo(drill, "mid")).toBe("node-1");
    drill.put(podOf("high", { priority: 100 }, "900m"));
    // The victims of the first are still there: it is the second for whom they are to go.
    drill.put(withMeta(podOf("low-3", { priority: 1, nodeName: "node-1" }, "100m"), { name: "low-3" }));
    drill.deliver();
    drill.pass(5 * S);
    for (const name of ["low-1", "low-2", "low-3"])
      if (drill.pod(name) !== undefined) drill.remove("pods", `a/${name}`);
    drill.pass(30 * S);
    expect(drill.placement()).toEqual({ high: "node-1", mid: "" });
    expect(nominatedTo(drill, "mid")).toBe("");
  });

  test("looks elsewhere where its node will not do any more", () => {
    const drill = fullOf();
    drill.put(podOf("high", { priority: 100 }, "800m"));
    drill.deliver();
    drill.remove("nodes", "node-1");
    drill.put(nodeOf("node-2"));
    drill.pass(10 * S);
    expect(drill.placement()["high"]).toBe("node-2");
    expect(drill.state.queue.nominator.byPod.size).toBe(0);
  });
});

describe("what changes during an attempt", () => {
  test("is not lost: the pod is tried again", () => {
    const drill = new Drill({ attemptMinUs: 1000, attemptMaxUs: 1000 });
    drill.put(nodeOf("node-1", "100m"));
    drill.put(podOf("p", {}, "500m"));
    drill.deliver();
    // The snapshot of this attempt does not know of it.
    drill.put(nodeOf("node-2"));
    drill.pass(1000);
    expect(drill.state.lastDecision!.message).toContain("0/1 nodes are available");
    expect(mapGet(drill.state.queue.pods, "a/p")?.place).toBe("backoff");
    drill.pass(2 * S);
    expect(drill.placement()).toEqual({ p: "node-2" });
  });

  test("a pod that is bound after all, though the answer was lost, is not assumed again", () => {
    const slow = new Drill({ attemptMinUs: 1000, attemptMaxUs: 1000 });
    slow.put(nodeOf("node-1"));
    slow.put(nodeOf("node-2"));
    slow.put(podOf("p"));
    slow.deliver();
    // A binding that was given up has come about after all.
    slow.put({ ...slow.pod("p"), spec: { ...slow.pod("p").spec, nodeName: "node-2" } });
    slow.pass(10 * S);
    expect(slow.notes).toContain("scheduler/assume-failed");
    expect(slow.placement()).toEqual({ p: "node-2" });
    expect([slow.state.queue.pods.size, slow.state.queue.inFlight.size]).toEqual([0, 0]);
  });
});

test("the room of a pod that was only assumed is told to those that wait for it", () => {
  const drill = new Drill();
  drill.put(nodeOf("node-1"));
  drill.put(nodeOf("node-2", "1", { unschedulable: true }));
  drill.deliver();
  let isHeld = true;
  drill.intercept = (request) => (request.verb === "create" && isHeld ? null : undefined);
  drill.put(podOf("first", {}, "900m"));
  drill.deliver();
  drill.put(podOf("second", {}, "800m"));
  drill.deliver();
  expect(mapGet(drill.state.queue.pods, "a/second")?.place).toBe("unschedulable");
  isHeld = false;
  // The first is given up after 30 s, and is behind the second then.
  drill.pass(31 * S);
  expect(drill.notes).toContain("scheduler/queue/moved-by-event");
  expect(drill.placement()).toEqual({ first: "", second: "node-1" });
});

describe("volumes", () => {
  const late: StorageClass = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "late" },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
  };
  const volume = (name: string): PersistentVolume => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: { storageClassName: "late", capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] },
    status: { phase: "Available" },
  });
  const claim = (name: string): PersistentVolumeClaim => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "a" },
    spec: { storageClassName: "late", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  const user = (name: string): Pod =>
    podOf(name, { volumes: [{ name: "v", persistentVolumeClaim: { claimName: `data-${name}` } }] });

  function drillOf(...volumes: readonly string[]): Drill {
    const drill = new Drill();
    drill.put(nodeOf("node-1"));
    drill.put(late);
    for (const name of volumes) drill.put(volume(name));
    for (const name of ["p", "q"]) drill.put(claim(`data-${name}`));
    drill.deliver();
    return drill;
  }

  test("that are assumed for one pod are not given to another", () => {
    const drill = drillOf("pv-1", "pv-2");
    drill.put(user("p"));
    drill.put(user("q"));
    drill.deaf = true;
    drill.deliver();
    expect(drill.requests).toEqual(["update persistentvolumes pv-1", "update persistentvolumes pv-2"]);
    expect(mapEntries(drill.state.storage.volumes).map(([name]) => name)).toEqual(["pv-1", "pv-2"]);
    drill.hear();
    expect(drill.state.storage.volumes.size).toBe(0);
  });

  test("are as they were where they could not be written", () => {
    const drill = drillOf("pv-1");
    drill.intercept = (request) =>
      request.verb === "update" && request.resource === "persistentvolumes" ? unavailable() : undefined;
    drill.put(user("p"));
    drill.deliver();
    expect(drill.notes).toContain("scheduler/volumes-write-failed");
    expect([drill.state.storage.volumes.size, drill.state.cache.pods.size]).toEqual([0, 0]);
    drill.intercept = null;
    drill.pass(2 * S);
    const bound = drill.objects.get("persistentvolumes:pv-1") as PersistentVolume;
    expect(bound.spec.claimRef).toMatchObject({ name: "data-p", namespace: "a" });
  });

  test("that are taken from the pod while it waits send it back", () => {
    const drill = drillOf("pv-1");
    drill.put(user("p"));
    drill.deliver();
    expect(drill.state.waiting.size).toBe(1);
    drill.remove("persistentvolumes", "pv-1");
    drill.deliver();
    expect(drill.notes).toContain("scheduler/volumes-changed-while-waiting");
    expect(drill.state.waiting.size).toBe(0);
    const message = findCondition(drill.pod("p").status?.conditions, "PodScheduled")?.message;
    expect(message).toBe('running PreBind plugin "VolumeBinding": persistentvolume "pv-1" not found');
  });
});

test("all of it keeps the contract of a machine", () => {
  const drill = fullOf();
  drill.put(podOf("mid", { priority: 50, schedulingGates: [{ name: "g" }] }, "800m"));
  drill.put(podOf("high", { priority: 100 }, "800m"));
  drill.deliver();
  drill.put({ ...podOf("mid", { priority: 50 }, "800m"), metadata: drill.pod("mid").metadata });
  drill.remove("pods", "a/low-1");
  drill.pass(20 * S);
  drill.remove("pods", "a/low-2");
  drill.pass(20 * S);
  expect(drill.notes).toContain("scheduler/queue/gate-lifted");
  const clock = { now: S, wall: S };
  expect(contractBreach(scheduler, { durable: null, config: drill.config, clock, inputs: drill.inputs })).toBeNull();
});
