import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { nominationsEnd } from "./nominations-end.ts";
import { pendingPod } from "./testing.ts";

test("pending while a pod that waits is nominated", () => {
  const run = new ClusterDrill(nominationsEnd).put(pendingPod("a"));
  expect(run.pending).toBeNull();
  run.put(pendingPod("a", { status: { nominatedNodeName: "n1" } }));
  expect(run.pending).toBe("pod default/a is nominated to n1, and neither bound nor let go");
  expect(run.put(pendingPod("a", { node: "n1", status: { nominatedNodeName: "n1" } })).pending).toBeNull();
});

test("not while a pod keeps it away that may come again elsewhere in its zone", () => {
  const term = (topologyKey: string) => ({ topologyKey, labelSelector: { matchLabels: { app: "web" } } });
  const apart = (topologyKey: string) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(topologyKey)] } },
  });
  const status = { nominatedNodeName: "n1" };
  const pending = (...pods: readonly object[]) =>
    pods.reduce<ClusterDrill>((run, pod) => run.put(pod), new ClusterDrill(nominationsEnd)).pending;
  const ZONE = "topology.kubernetes.io/zone";
  expect(pending(pendingPod("a", { status, spec: apart(ZONE) }))).toBeNull();
  expect(pending(pendingPod("a", { status }), pendingPod("b", { node: "n2", spec: apart(ZONE) }))).toBeNull();
  expect(pending(pendingPod("a", { status, spec: apart("kubernetes.io/hostname") }))).toContain("is nominated to n1");
});
