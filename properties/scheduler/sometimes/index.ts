import type { Lease, Node, PersistentVolumeClaim, Pod } from "../../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../../cluster/cluster-property.ts";
import type { Change } from "../../cluster/ledger.ts";
import { conditionOf } from "../../cluster/objects.ts";
import { type Situation, sometimes } from "../../cluster/situation.ts";

const scheduledOf = (pod: Pod | null) => conditionOf(pod?.status?.conditions, "PodScheduled");
const nodeOf = (pod: Pod | null) => pod?.spec.nodeName ?? "";
const nominatedOf = (pod: Pod | null) => pod?.status?.nominatedNodeName ?? "";
const gatesOf = (pod: Pod | null) => pod?.spec.schedulingGates ?? [];
const isBound = ({ before, after }: Change<Pod>) => before !== null && nodeOf(before) === "" && nodeOf(after) !== "";

/** It shows in what a pod becomes. */
function ofPods(name: string, source: string, shows: (change: Change<Pod>) => boolean): Situation {
  return { id: `scheduler/sometimes/${name}`, source, changes: ["pods", shows] };
}

/** A rule that a scheduler notes was taken. */
function noted(name: string, source: string, note: string): Situation {
  return {
    id: `scheduler/sometimes/${name}`,
    source,
    watch: (reach) => ({
      concerns: { changes: [], messages: [], notes: [note] },
      onNote: (_process, other) => {
        if (other === note) reach();
      },
    }),
  };
}

/** A pod was refused for this reason, so its condition says. */
function refused(name: string, plugin: string, reason: RegExp): Situation {
  return ofPods(`refused-for-${name}`, `kubernetes pkg/scheduler/framework/plugins/${plugin}`, ({ after }) => {
    const { status, message = "" } = scheduledOf(after) ?? { status: "True" };
    return status === "False" && reason.test(message);
  });
}

const PREEMPTION = "kubernetes concepts, Pod Priority and Preemption";
const QUEUE = "kubernetes pkg/scheduler/backend/queue/scheduling_queue.go";
const CYCLE = "kubernetes pkg/scheduler/schedule_one.go";

const SITUATIONS: readonly Situation[] = [
  ofPods(
    "preempted",
    PREEMPTION,
    ({ after }) => conditionOf(after?.status?.conditions, "DisruptionTarget")?.reason === "PreemptionByScheduler",
  ),
  ofPods("nominated", PREEMPTION, ({ after }) => nominatedOf(after) !== "" && nodeOf(after) === ""),
  ofPods(
    "bound-where-nominated",
    PREEMPTION,
    (change) => isBound(change) && nominatedOf(change.before) === nodeOf(change.after),
  ),
  ofPods(
    "bound-elsewhere-than-nominated",
    PREEMPTION,
    (change) =>
      isBound(change) && nominatedOf(change.before) !== "" && nominatedOf(change.before) !== nodeOf(change.after),
  ),
  ofPods(
    "nomination-let-go",
    PREEMPTION,
    ({ before, after }) =>
      after !== null && nodeOf(after) === "" && nominatedOf(before) !== "" && nominatedOf(after) === "",
  ),
  ofPods(
    "preemptor-deleted",
    "kubernetes#102339",
    ({ before, after }) => after === null && nominatedOf(before) !== "" && nodeOf(before) === "",
  ),
  ofPods(
    "gate-lifted",
    "kubernetes concepts, Pod Scheduling Readiness",
    ({ before, after }) => after !== null && gatesOf(before).length > 0 && gatesOf(after).length === 0,
  ),
  ofPods(
    "bound-after-it-had-not-fitted",
    QUEUE,
    (change) => isBound(change) && scheduledOf(change.before)?.status === "False",
  ),
  refused("room", "noderesources/fit.go", /Insufficient (cpu|memory)/),
  refused("extended-resource", "noderesources/fit.go", /Insufficient example\.com/),
  refused("labels", "nodeaffinity", /didn't match Pod's node affinity\/selector/),
  refused("taint", "tainttoleration", /untolerated taint/),
  refused("affinity", "interpodaffinity", /didn't match pod affinity rules/),
  refused(
    "anti-affinity",
    "interpodaffinity",
    /didn't (match pod anti-affinity rules|satisfy existing pods anti-affinity)/,
  ),
  refused("spread", "podtopologyspread", /didn't match pod topology spread constraints/),
  refused("port", "nodeports", /didn't have free ports/),
  refused("volume", "volumebinding", /persistent volume|volume node affinity/),
  {
    id: "scheduler/sometimes/node-came-back",
    source: "kubernetes#63262",
    changes: [
      "nodes",
      ({ before, after, previousRevision }: Change<Node>) => before === null && after !== null && previousRevision > 0,
    ],
  },
  {
    id: "scheduler/sometimes/claim-promised-to-a-node",
    source: "kubernetes pkg/scheduler/framework/plugins/volumebinding/binder.go, AnnSelectedNode",
    changes: [
      "persistentvolumeclaims",
      ({ after }: Change<PersistentVolumeClaim>) =>
        after?.metadata.annotations?.["volume.kubernetes.io/selected-node"] !== undefined,
    ],
  },
  {
    id: "scheduler/sometimes/another-took-over",
    source: "kubernetes client-go tools/leaderelection",
    changes: [
      "leases",
      ({ key, before, after }: Change<Lease>) => {
        const held = before?.spec?.holderIdentity ?? "";
        return key === "kube-system/kube-scheduler" && held !== "" && (after?.spec?.holderIdentity ?? held) !== held;
      },
    ],
  },
  {
    id: "scheduler/sometimes/binding-refused",
    source: "kubernetes pkg/registry/core/pod/storage/storage.go, BindingREST.assignPod",
    calls: (reach) => ({
      answered: ({ request }, response) => {
        if (!("subresource" in request) || request.subresource !== "binding") return;
        // A binding that is made is answered with a Status, too.
        if (response.kind === "status" && response.status.code >= 400) reach();
      },
    }),
  },
  noted("bind-failed", `${CYCLE}, handleBindingCycleError`, "scheduler/bind-failed"),
  noted("bind-unknown", `${CYCLE}; kubernetes#101877`, "scheduler/bind-unknown"),
  noted(
    "assumed-pod-forgotten",
    "kubernetes pkg/scheduler/backend/cache/cache.go, ForgetPod",
    "scheduler/assumed-forgotten",
  ),
  noted(
    "event-came-in-flight",
    `${QUEUE}, inFlightEvents; kubernetes#72122`,
    "scheduler/queue/event-during-an-attempt",
  ),
  noted(
    "event-came-just-in-time",
    `${QUEUE}, determineSchedulingHintForInFlightPod`,
    "scheduler/queue/requeued-by-event-during-its-attempt",
  ),
  noted("event-was-no-hint", "kubernetes KEP-4247, QueueingHint", "scheduler/queue/not-worth-a-try"),
  noted("backed-off", `${QUEUE}, flushBackoffQCompleted`, "scheduler/queue/backoff-over"),
  noted("leftover-flushed", `${QUEUE}, flushUnschedulablePodsLeftover`, "scheduler/queue/flushed-after-5-min"),
  noted(
    "node-gone-with-pods",
    "kubernetes pkg/scheduler/backend/cache/cache.go, RemoveNode",
    "scheduler/node-gone-with-pods",
  ),
  noted(
    "volumes-bound-late",
    "kubernetes pkg/scheduler/framework/plugins/volumebinding, PreBind",
    "scheduler/volumes-bound",
  ),
  noted(
    "preemption-failed",
    "kubernetes pkg/scheduler/framework/preemption/executor.go",
    "scheduler/preemption-failed",
  ),
];

/** What a campaign must have come to, of schedulers. */
export const schedulerSituations: readonly ClusterProperty[] = SITUATIONS.map(sometimes);
