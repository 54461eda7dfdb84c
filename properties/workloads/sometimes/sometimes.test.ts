import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, ownedBy, podOf } from "../../cluster/testing.ts";
import { ManagerStory } from "../testing.ts";
import { rareSituations, workloadSituations } from "./index.ts";

type Way = (drill: ClusterDrill) => unknown;

const node = (status: string, spec: Loose = {}) =>
  objectOf("Node", "node-1", { spec, status: { conditions: [{ type: "Ready", status }] } });
const tainted = node("Unknown", { taints: [{ key: "node.kubernetes.io/unreachable", effect: "NoExecute" }] });
const on = (more: Loose = {}) => podOf("a", { node: "node-1", ...more });
const evicts = (drill: ClusterDrill, code: number) => {
  const request = {
    verb: "create",
    resource: "pods",
    namespace: "default",
    name: "a",
    subresource: "eviction",
    object: objectOf("Eviction", "a", {}, "policy/v1"),
  };
  const status = {
    kind: "Status",
    apiVersion: "v1",
    status: code < 400 ? "Success" : "Failure",
    message: "",
    reason: "",
    code,
  } as const;
  return drill.answer(drill.call("kubectl", request), { kind: "status", status });
};
const template = (image: string) => ({ spec: { containers: [{ name: "main", image }] } });
const web = (image: string) => objectOf("Deployment", "web", { spec: { template: template(image) } });
const set = (name: string, image: string, replicas: number) =>
  objectOf("ReplicaSet", name, { metadata: ownedBy(web("x")), spec: { replicas, template: template(image) } });
const statefulSet = objectOf("StatefulSet", "db");
const daemonSet = objectOf("DaemonSet", "log");
const going = (finalizer: string) =>
  objectOf("ReplicaSet", "s", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [finalizer] } });
const owner = objectOf("ReplicaSet", "s");
const job = (status: Loose) => objectOf("Job", "sum", { spec: {}, status });
const lease = (holderIdentity: string) =>
  objectOf("Lease", "kcm", { metadata: { namespace: "kube-system" }, spec: { holderIdentity } });

/** By situation: what almost leads there, and what does. */
const WAYS: Readonly<Record<string, readonly [not: Way, reached: Way]>> = {
  "node-unknown": [(run) => run.put(node("False")), (run) => run.put(node("Unknown"))],
  "pods-evicted-by-taint": [
    (run) =>
      run
        .put(node("True"))
        .put(on())
        .put(on({ deleting: true })),
    (run) =>
      run
        .put(tainted)
        .put(on())
        .put(on({ deleting: true })),
  ],
  "statefulset-pod-stuck": [
    (run) => run.put(tainted).put(on({ deleting: true })),
    (run) => run.put(tainted).put(on({ deleting: true, owner: statefulSet })),
  ],
  "rolled-over": [
    (run) =>
      run
        .put(set("a", "1", 1))
        .put(set("b", "2", 0))
        .put(set("c", "3", 0)),
    (run) =>
      run
        .put(set("a", "1", 1))
        .put(set("b", "2", 1))
        .put(set("c", "3", 0)),
  ],
  "rolled-back": [
    (run) =>
      run
        .put(web("1"))
        .put(set("a", "1", 1))
        .put(web("2")),
    (run) =>
      run
        .put(web("1"))
        .put(set("a", "1", 1))
        .put(web("2"))
        .put(web("1")),
  ],
  "eviction-refused": [(run) => evicts(run, 201), (run) => evicts(run, 429)],
  "node-drained": [
    (run) => run.put(node("True")).put(on()).remove(on()),
    (run) =>
      run
        .put(node("True", { unschedulable: true }))
        .put(on())
        .remove(on()),
  ],
  "leader-changed-with-requests-in-flight": [
    (run) => run.put(lease("controller-manager-1_x")).put(lease("controller-manager-2_x")),
    (run) => {
      run.put(lease("controller-manager-1_x"));
      run.call("controller-manager-1", {
        verb: "create",
        resource: "pods",
        namespace: "default",
        name: "",
        subresource: "",
        object: podOf("a"),
      });
      run.put(lease("controller-manager-2_x"));
    },
  ],
  "dependents-collected": [
    (run) => run.put(owner).put(podOf("a", { owner })).remove(podOf("a")),
    (run) => run.put(owner).put(podOf("a", { owner })).remove(owner).remove(podOf("a")),
  ],
  "foreground-deletion": [(run) => run.put(going("orphan")), (run) => run.put(going("foregroundDeletion"))],
  "owner-orphaned": [
    (run) => run.put(owner).put(podOf("a", { owner })).put(podOf("a")),
    (run) => run.put(going("orphan")).put(podOf("a", { owner })).put(podOf("a")),
  ],
  "job-pod-counted-in-two-phases": [
    (run) => run.put(job({})).put(job({ succeeded: 1 })),
    (run) => run.put(job({ uncountedTerminatedPods: { succeeded: ["u"] } })).put(job({ succeeded: 1 })),
  ],
  "job-failed": [
    (run) => run.put(job({ conditions: [{ type: "Complete", status: "True" }] })),
    (run) => run.put(job({ conditions: [{ type: "Failed", status: "True" }] })),
  ],
  "namespace-deleted": [
    (run) => run.put(objectOf("Namespace", "n")),
    (run) => run.put(objectOf("Namespace", "n")).remove(objectOf("Namespace", "n")),
  ],
  "daemon-pod-on-tainted-node": [
    (run) => run.put(on()).put(tainted),
    (run) => run.put(on({ owner: daemonSet })).put(tainted),
  ],
  "pod-adopted": [
    (run) => run.put(podOf("a", { owner })).put(podOf("a", { owner, phase: "Failed" })),
    (run) => run.put(podOf("a")).put(podOf("a", { owner })),
  ],
  "claim-grew": [(run) => run.put(claimOf("1Gi")), (run) => run.put(claimOf("1Gi")).put(claimOf("2Gi"))],
  "delete-hit-another-uid": [(run) => deletes(run, "Pod-a"), (run) => deletes(run, "other")],
};

function claimOf(storage: string): Loose {
  return objectOf("PersistentVolumeClaim", "data", { spec: { resources: { requests: { storage } } } });
}

function deletes(run: ClusterDrill, uid: string): void {
  const story = new ManagerStory(run).sees("pods", podOf("a"));
  const request = {
    verb: "delete",
    resource: "pods",
    namespace: "default",
    name: "a",
    options: {},
    object: podOf("a", { uid }),
  };
  story.sends(request).told();
}

for (const property of [...workloadSituations, ...rareSituations])
  test(`${property.id} is reached, and not before`, () => {
    const [not, reached] = WAYS[property.id.replace("workloads/sometimes/", "")]!;
    const almost = new ClusterDrill(property);
    not(almost);
    expect(almost.reached).toBe(false);
    const drill = new ClusterDrill(property);
    reached(drill);
    expect(drill.reached).toBe(true);
  });
