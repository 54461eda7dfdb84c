import { expect, test } from "vitest";
import { emptyOrderedMap, mapSet } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose, podOf } from "../cluster/testing.ts";
import { readinessOutlivesTheKubelet } from "./readiness-outlives-the-kubelet.ts";
import { containerOf, runs } from "./testing.ts";

const empty: Loose = { reports: emptyOrderedMap(), workers: emptyOrderedMap() };

/** What the kubelet tells of the pod, or would. */
function told(ready: boolean, phase = "sync"): Loose {
  const condition = ready ? { status: "True" } : { status: "False", reason: "ContainersNotReady" };
  const status = { conditions: [{ type: "Ready", ...condition }] };
  const pod = { uid: "Pod-a", namespace: "default", name: "a" };
  return {
    reports: mapSet(emptyOrderedMap<Loose>(), "Pod-a", { ...pod, status }),
    workers: mapSet(emptyOrderedMap<Loose>(), "Pod-a", { ...pod, phase }),
  };
}

function drill(): ClusterDrill {
  const run = new ClusterDrill(readinessOutlivesTheKubelet).put(podOf("a", { node: "node-1", ready: true }));
  return runs(run.step("kubelet-1", empty), "runtime-1", containerOf("a")).step("kubelet-1", told(true));
}

function probed(run: ClusterDrill, success: boolean): ClusterDrill {
  const request: Loose = { kind: "probe", podUid: "Pod-a", containerId: "Pod-a-main-0", probe: "readiness" };
  const result: Loose = { kind: "probed", success };
  return run
    .send("kubelet-1", "runtime-1", { kind: "criCall", id: "p", request })
    .send("runtime-1", "kubelet-1", { kind: "criAnswer", id: "p", incarnation: 1, version: 1, result, pod: null });
}

const isLost = (run: ClusterDrill, phase = "sync") => run.step("kubelet-1", told(false, phase)).violated;

test("lost by a probe that fails or is given up, a container that stops, a runtime that starts", () => {
  expect(isLost(probed(drill(), false))).toBeNull();
  expect(isLost(runs(drill(), "runtime-1", containerOf("a", { state: "exited" })))).toBeNull();
  const request: Loose = { kind: "probe", podUid: "Pod-a", containerId: "Pod-a-main-0", probe: "readiness" };
  const underWay = () => drill().send("kubelet-1", "runtime-1", { kind: "criCall", id: "p", request });
  expect(isLost(underWay().send("kubelet-1", "runtime-1", { kind: "criCancel", id: "p" }))).toBeNull();
  expect(isLost(underWay().send("runtime-1", "kubelet-1", { kind: "criHello", incarnation: 2 }))).toBeNull();
});

test("lost while it is being terminated", () => {
  expect(isLost(drill(), "terminating")).toBeNull();
});

test("violated when nothing has happened but a restart of the kubelet", () => {
  const violation = "kubelet-1 takes pod default/a for not ready, which it was, and nothing has become of it since";
  expect(isLost(drill().restart("kubelet-1", empty))).toBe(violation);
  expect(isLost(probed(drill(), true))).toBe(violation);
});
