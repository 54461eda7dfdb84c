import type { ContainerStatus, Pod } from "../../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../../cluster/cluster-property.ts";
import type { Change } from "../../cluster/ledger.ts";
import { isReady, phaseOf } from "../../cluster/objects.ts";
import { type Situation, sometimes } from "../../cluster/situation.ts";

const waits = (reason: string, { after }: Change<Pod>) =>
  containersOf(after).some(({ state }) => state?.waiting?.reason === reason);

const SITUATIONS: readonly Situation[] = [
  {
    id: "node/sometimes/container-crash-looped",
    source: "kubernetes concepts, Pod Lifecycle: CrashLoopBackOff",
    changes: ["pods", (change: Change<Pod>) => waits("CrashLoopBackOff", change)],
  },
  {
    id: "node/sometimes/image-pull-backed-off",
    source: "kubernetes concepts, Images: ImagePullBackOff",
    changes: ["pods", (change: Change<Pod>) => waits("ImagePullBackOff", change)],
  },
  {
    id: "node/sometimes/container-restarted",
    source: "kubernetes concepts, Pod Lifecycle: restartPolicy",
    changes: ["pods", ({ after }: Change<Pod>) => containersOf(after).some(({ restartCount }) => restartCount > 0)],
  },
  {
    id: "node/sometimes/readiness-lost",
    source: "kubernetes pkg/kubelet/prober: a readiness probe fails after it has succeeded",
    changes: [
      "pods",
      ({ before, after }: Change<Pod>) =>
        before !== null && after !== null && phaseOf(after) === "Running" && isReady(before) && !isReady(after),
    ],
  },
  {
    id: "node/sometimes/pod-rejected",
    source: "kubernetes pkg/kubelet/lifecycle/predicate.go: OutOfcpu, OutOfmemory, OutOfpods",
    changes: [
      "pods",
      ({ after }: Change<Pod>) =>
        phaseOf(after ?? ({} as Pod)) === "Failed" && (after?.status?.reason ?? "").startsWith("OutOf"),
    ],
  },
  {
    id: "node/sometimes/pod-evicted-under-pressure",
    source: "kubernetes pkg/kubelet/eviction: Evicted",
    changes: [
      "pods",
      ({ after }: Change<Pod>) => phaseOf(after ?? ({} as Pod)) === "Failed" && after?.status?.reason === "Evicted",
    ],
  },
  {
    id: "node/sometimes/kubelet-restarted-with-pods",
    source: "kubernetes pkg/kubelet: a kubelet that starts finds containers that run",
    watch(reach, { processes }) {
      return {
        concerns: { changes: [], messages: [], notes: [] },
        onBoot({ host, config, incarnation }) {
          if (config.kind !== "kubelet" || incarnation < 1) return;
          const runtime = processes.find((one) => one.host === host && one.config.kind === "runtime");
          if (runtime?.state?.kind === "runtime" && runtime.state.containers.some(({ state }) => state === "running"))
            reach();
        },
      };
    },
  },
  {
    id: "node/sometimes/runtime-restarted-with-containers",
    source: "docker: containers go with the daemon, unless live-restore; others outlive it",
    watch(reach) {
      return {
        concerns: { changes: [], messages: [], notes: [] },
        onCrash({ state }) {
          if (state?.kind === "runtime" && state.containers.some((one) => one.state === "running")) reach();
        },
      };
    },
  },
  {
    id: "node/sometimes/creation-given-up",
    source: "containerd#4604: a creation takes longer than the kubelet waits",
    watch(reach) {
      return {
        concerns: { changes: [], messages: [], notes: ["runtime/container/create-canceled"] },
        onNote: (_process, name) => {
          if (name === "runtime/container/create-canceled") reach();
        },
      };
    },
  },
  {
    id: "node/sometimes/pod-ended-on-its-own",
    source: "kubernetes concepts, Pod Lifecycle: Succeeded",
    changes: ["pods", ({ after }: Change<Pod>) => phaseOf(after ?? ({} as Pod)) === "Succeeded"],
  },
];

function containersOf(pod: Pod | null): readonly ContainerStatus[] {
  return [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])];
}

/** What a campaign must have come to, of pods on their nodes. */
export const nodeSituations: readonly ClusterProperty[] = SITUATIONS.map(sometimes);
