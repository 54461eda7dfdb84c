import { expect, test } from "vitest";
import { ClusterDrill, objectOf, ownedBy, podOf } from "../cluster/testing.ts";
import { containerOf, runs } from "../node/testing.ts";
import { endStateIsDesired } from "./end-state-is-desired.ts";

const template = { spec: { containers: [{ name: "main", image: "web:1" }] } };
const web = objectOf("Deployment", "web", { spec: { replicas: 1, template } });
const set = objectOf("ReplicaSet", "web-1", { metadata: ownedBy(web), spec: { replicas: 1, template } });
const drill = () => new ClusterDrill(endStateIsDesired).put(web).put(set);
const pod = (more = {}) => podOf("a", { owner: set, node: "node-1", ...more });

test("nothing is pending when what is wanted runs", () => {
  expect(runs(drill().put(pod()), "runtime-1", containerOf("a")).pending).toBeNull();
});

test("a DaemonSet wants a pod on each node that its template may be on", () => {
  const daemons = objectOf("DaemonSet", "log", { spec: { template } });
  const node = (name: string, taints: readonly object[]) => objectOf("Node", name, { spec: { taints } });
  const run = new ClusterDrill(endStateIsDesired)
    .put(daemons)
    .put(node("n1", []))
    .put(node("n2", [{ key: "x", effect: "NoSchedule" }]));
  expect(run.pending).toBe("DaemonSet default/log wants 1 pods of web:1, and 0 are ready");
});

test("pending while something is missing, too much, of another image, or only said to run", () => {
  expect(drill().pending).toBe("Deployment default/web wants 1 pods of web:1, and 0 are ready");
  expect(drill().put(pod()).pending).toMatch(/container main of pod default\/a does not run/);
  const other = { spec: { containers: [{ name: "main", image: "web:0" }] } };
  expect(drill().put(pod(other)).pending).toMatch(/pod default\/a has web:0/);
  expect(runs(drill().put(pod()), "runtime-1", containerOf("a", { image: "web:0" })).pending).toMatch(/runs web:0/);
});

test("a free ReplicaSet keeps the pods that it has, whatever their image", () => {
  const free = objectOf("ReplicaSet", "free", { spec: { replicas: 1, template } });
  const old = podOf("a", { owner: free, node: "node-1", spec: { containers: [{ name: "main", image: "web:0" }] } });
  const run = new ClusterDrill(endStateIsDesired).put(free);
  expect(run.pending).toBe("ReplicaSet default/free wants 1 pods of any image, and 0 are ready");
  expect(runs(run.put(old), "runtime-1", containerOf("a", { image: "web:0" })).pending).toBeNull();
});
