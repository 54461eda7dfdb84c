import type {
  DaemonSet,
  Deployment,
  Job,
  Lease,
  Node,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  Uid,
} from "../../../models/machinery/kinds/index.ts";
import { uidAnswered } from "../../apiserver/delete-decided-on-that-uid.ts";
import { keyOfRequest } from "../../cluster/calls.ts";
import type { ClusterProperty } from "../../cluster/cluster-property.ts";
import { cachedObject } from "../../cluster/informers.ts";
import type { Change } from "../../cluster/ledger.ts";
import { conditionOf, controllerOf, isDeleting, quantityOf, same } from "../../cluster/objects.ts";
import { type Situation, sometimes } from "../../cluster/situation.ts";

const UNREACHABLE = "node.kubernetes.io/unreachable";
const begins = ({ before, after }: Change) =>
  before !== null && after !== null && !isDeleting(before) && isDeleting(after);
const storageOf = (claim: PersistentVolumeClaim | null) => claim?.spec.resources?.requests?.["storage"];
const isTainted = (node: Node | undefined) => node?.spec?.taints?.some(({ effect }) => effect === "NoExecute") ?? false;

const SITUATIONS: readonly Situation[] = [
  {
    id: "workloads/sometimes/node-unknown",
    source: "kubernetes node lifecycle: NodeStatusUnknown, kubelet stopped posting node status",
    changes: [
      "nodes",
      ({ after }: Change<Node>) => conditionOf(after?.status?.conditions, "Ready")?.status === "Unknown",
    ],
  },
  {
    id: "workloads/sometimes/pods-evicted-by-taint",
    source: "kubernetes pkg/controller/tainteviction: deleted after tolerationSeconds",
    changes: [
      "pods",
      (change: Change<Pod>, ledger) =>
        begins(change) && isTainted(ledger.get<Node>("nodes", change.after?.spec.nodeName ?? "")?.object),
    ],
  },
  {
    id: "workloads/sometimes/statefulset-pod-stuck",
    source: "kubernetes tasks, Force Delete StatefulSet Pods: Terminating or Unknown on an unreachable node",
    changes: [
      "pods",
      ({ after }: Change<Pod>, ledger) => {
        if (after === null || !isDeleting(after) || controllerOf(after)?.kind !== "StatefulSet") return false;
        const node = ledger.get<Node>("nodes", after.spec.nodeName ?? "")?.object;
        return node?.spec?.taints?.some(({ key }) => key === UNREACHABLE) ?? false;
      },
    ],
  },
  {
    id: "workloads/sometimes/rolled-over",
    source: "kubernetes concepts, Deployment, Rollover: a new rollout begins while another is under way",
    changes: [
      "replicasets",
      ({ before, after }: Change<ReplicaSet>, ledger) => {
        const owner = after === null || before !== null ? undefined : controllerOf(after);
        if (owner?.kind !== "Deployment") return false;
        let busy = 0;
        for (const { object } of ledger.controlledBy<ReplicaSet>(owner.uid, "replicasets"))
          if ((object.spec.replicas ?? 1) > 0 && object !== after) busy++;
        return busy >= 2;
      },
    ],
  },
  {
    id: "workloads/sometimes/rolled-back",
    source: "kubectl rollout undo: a ReplicaSet of an earlier revision is scaled up again",
    changes: [
      "deployments",
      ({ before, after }: Change<Deployment>, ledger) =>
        before !== null &&
        after !== null &&
        !same(before.spec.template, after.spec.template) &&
        [...ledger.controlledBy<ReplicaSet>(after.metadata.uid ?? "", "replicasets")].some(({ object }) =>
          same(object.spec.template.spec, after.spec.template.spec),
        ),
    ],
  },
  {
    id: "workloads/sometimes/eviction-refused",
    source:
      "kubernetes pkg/registry/core/pod/storage/eviction.go: 429, Cannot evict pod as it would violate the pod's disruption budget",
    calls: (reach) => ({
      answered({ request }, response) {
        const evicts = request.verb === "create" && request.subresource === "eviction";
        if (evicts && response.kind === "status" && response.status.code === 429) reach();
      },
    }),
  },
  {
    id: "workloads/sometimes/node-drained",
    source: "kubectl drain: cordoned, and its pods evicted",
    changes: [
      "pods",
      ({ before, after }: Change<Pod>, ledger) => {
        const node = after === null ? (before?.spec.nodeName ?? "") : "";
        if (node === "" || ledger.get<Node>("nodes", node)?.object.spec?.unschedulable !== true) return false;
        return [...ledger.podsOn(node).values()].every(({ object }) => controllerOf(object)?.kind === "DaemonSet");
      },
    ],
  },
  {
    id: "workloads/sometimes/leader-changed-with-requests-in-flight",
    source: "kubernetes client-go tools/leaderelection: no fencing",
    watch: () => ({}),
    calls(reach, calls) {
      calls.ledger.on<Lease>("leases", ({ before, after }) => {
        const [old, now] = [before?.spec?.holderIdentity ?? "", after?.spec?.holderIdentity ?? ""];
        if (old === "" || now === "" || old === now) return;
        for (const { from, request } of calls.open())
          if (request.resource !== "leases" && old.startsWith(`${from}_`)) return reach();
      });
      return {};
    },
  },
  {
    id: "workloads/sometimes/dependents-collected",
    source: "kubernetes pkg/controller/garbagecollector: no solid owner is left",
    changes: [
      "*",
      ({ before, after }: Change, ledger) => {
        const owners = before?.metadata.ownerReferences ?? [];
        return after === null && owners.length > 0 && owners.every(({ uid }) => ledger.byUid(uid) === undefined);
      },
    ],
  },
  {
    id: "workloads/sometimes/foreground-deletion",
    source: 'kubernetes concepts, foreground cascading deletion: the owner "deletion in progress"',
    changes: [
      "*",
      ({ after }: Change) =>
        after !== null && isDeleting(after) && (after.metadata.finalizers ?? []).includes("foregroundDeletion"),
    ],
  },
  {
    id: "workloads/sometimes/owner-orphaned",
    source: "kubernetes pkg/controller/garbagecollector, orphanDependents",
    changes: [
      "*",
      ({ before, after }: Change, ledger) => {
        const old = before?.metadata.ownerReferences ?? [];
        const now = after?.metadata.ownerReferences ?? [];
        if (after === null || old.length === 0 || now.length >= old.length) return false;
        return old.some(({ uid }) => (ledger.byUid(uid)?.object.metadata.finalizers ?? []).includes("orphan"));
      },
    ],
  },
  {
    id: "workloads/sometimes/job-pod-counted-in-two-phases",
    source: "kubernetes KEP-2307: uncountedTerminatedPods, then the finalizer, then the count",
    changes: [
      "jobs",
      ({ before }: Change<Job>) => {
        const { succeeded = [], failed = [] } = before?.status?.uncountedTerminatedPods ?? {};
        return succeeded.length + failed.length > 0;
      },
    ],
  },
  {
    id: "workloads/sometimes/job-failed",
    source: "kubernetes concepts, Job: backoffLimit, activeDeadlineSeconds",
    changes: ["jobs", ({ after }: Change<Job>) => conditionOf(after?.status?.conditions, "Failed")?.status === "True"],
  },
  {
    id: "workloads/sometimes/namespace-deleted",
    source: "kubernetes pkg/controller/namespace/deletion: content first, then the namespace",
    changes: ["namespaces", ({ after }: Change) => after === null],
  },
  {
    id: "workloads/sometimes/daemon-pod-on-tainted-node",
    source: "kubernetes daemon/util, AddOrUpdateDaemonPodTolerations: they stay where others are evicted",
    changes: [
      "nodes",
      ({ after }: Change<Node>, ledger) =>
        after !== null &&
        isTainted(after) &&
        [...ledger.podsOn(after.metadata.name).values()].some(
          ({ object }) => controllerOf(object)?.kind === ("DaemonSet" satisfies DaemonSet["kind"]),
        ),
    ],
  },
  {
    id: "workloads/sometimes/pod-adopted",
    source: "kubernetes controller_ref_manager.go, AdoptPod",
    changes: [
      "pods",
      ({ before, after }: Change<Pod>) =>
        before !== null && after !== null && controllerOf(before) === undefined && controllerOf(after) !== undefined,
    ],
  },
  {
    id: "workloads/sometimes/claim-grew",
    source: "kubernetes concepts, Persistent Volumes: Expanding Persistent Volumes Claims",
    changes: [
      "persistentvolumeclaims",
      ({ before, after }: Change<PersistentVolumeClaim>) =>
        quantityOf(storageOf(after)) > quantityOf(storageOf(before)) && storageOf(before) !== undefined,
    ],
  },
  {
    id: "workloads/sometimes/delete-hit-another-uid",
    source:
      "kubernetes controller_utils.go, RealPodControl.DeletePod: without a UID precondition; a pod recreated under its name in between is hit",
    calls(reach) {
      const decided = new Map<string, Uid>();
      return {
        called({ id, request }, process) {
          if (request.verb !== "delete" || request.resource !== "pods" || process.config.kind !== "controllerManager")
            return;
          const uid = cachedObject(process.state, "pods", keyOfRequest(request))?.metadata.uid;
          if (uid !== undefined && request.options.preconditions?.uid === undefined) decided.set(id, uid);
        },
        answered({ id }, response) {
          const hit = uidAnswered(response);
          if (hit !== null && decided.has(id) && decided.get(id) !== hit) reach();
          decided.delete(id);
        },
      };
    },
  },
];

/**
 * Situations that ask for a coincidence which random trouble seldom brings: a scenario shows them, and no campaign is
 * required to.
 */
export const RARE: readonly string[] = ["workloads/sometimes/delete-hit-another-uid"];

/** What a campaign must have come to, of controllers and what they control. */
export const workloadSituations: readonly ClusterProperty[] = SITUATIONS.filter(({ id }) => !RARE.includes(id)).map(
  sometimes,
);

/** Those of {@link RARE}. */
export const rareSituations: readonly ClusterProperty[] = SITUATIONS.filter(({ id }) => RARE.includes(id)).map(
  sometimes,
);
