import type {
  Container,
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
  Pod,
} from "../machinery/kinds/index.ts";
import { timeOf } from "../machinery/time.ts";
import type { PodSnapshot, RuntimeContainer } from "../runtime/types.ts";
import { isSidecar } from "./phase.ts";
import { isReady, isStarted, latestOf } from "./probes.ts";
import type { KubeletTurn } from "./turn.ts";
import type { PodWorker } from "./types.ts";

/**
 * Whether a container that does not run is started (again) (kubernetes pkg/kubelet/container/helpers.go,
 * ShouldContainerBeRestarted).
 */
export function shouldRestart(pod: Pod, latest: RuntimeContainer | null): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  if (latest === null || latest.state === "created") return true;
  if (latest.state === "running") return false;
  const { restartPolicy = "Always" } = pod.spec;
  if (restartPolicy === "Never") return false;
  return restartPolicy === "Always" || latest.exitCode !== 0;
}

/** The statuses of containers (pkg/kubelet/kubelet_pods.go, convertToAPIContainerStatuses; prober's UpdatePodStatus). */
export function containerStatuses(
  turn: KubeletTurn,
  worker: PodWorker,
  containers: readonly Container[],
  before: readonly ContainerStatus[] | undefined,
): readonly ContainerStatus[] {
  const snapshot = turn.snapshot(worker.uid);
  const isInit = containers === worker.pod.spec.initContainers;
  const waitingReason =
    isInit || (worker.pod.spec.initContainers ?? []).length > 0 ? "PodInitializing" : "ContainerCreating";
  return containers.map((container) => {
    const old = before?.find(({ name }) => name === container.name);
    const latest = latestOf(snapshot, container.name);
    const plain =
      latest === null
        ? unseenStatus(container, old, waitingReason)
        : seenStatus(turn, snapshot, container, latest, old, waitingReason);
    return withReadiness(worker, container, latest, withWaitReason(worker, container, latest, isInit, plain), isInit);
  });
}

/** What the runtime knows nothing of: as it was told before. One that ran then has ended, nobody knows how. */
function unseenStatus(container: Container, old: ContainerStatus | undefined, reason: string): ContainerStatus {
  if (old?.state?.terminated !== undefined) return old;
  const wasRunning = old?.state?.running !== undefined;
  const lastState: ContainerState | undefined = wasRunning ? { terminated: UNKNOWN_END } : old?.lastState;
  return {
    name: container.name,
    state: { waiting: { reason } },
    ...(lastState === undefined ? {} : { lastState }),
    ready: false,
    started: false,
    restartCount: (old?.restartCount ?? 0) + (wasRunning ? 1 : 0),
    ...(container.image === undefined ? {} : { image: container.image }),
    imageID: "",
  };
}

const UNKNOWN_END: ContainerStateTerminated = {
  exitCode: 137,
  reason: "ContainerStatusUnknown",
  message: "The container could not be located when the pod was terminated",
};

function seenStatus(
  turn: KubeletTurn,
  { containers }: PodSnapshot,
  container: Container,
  latest: RuntimeContainer,
  old: ContainerStatus | undefined,
  reason: string,
): ContainerStatus {
  const { runtime } = turn.runtime;
  const ended = containers.filter((one) => one.container === container.name && one.state === "exited");
  const previous = latest.state === "exited" ? ended.at(-2) : ended.at(-1);
  const lastState =
    previous === undefined
      ? latest.attempt > 0 && old?.lastState !== undefined
        ? old.lastState
        : undefined
      : { terminated: terminatedState(runtime, previous) };
  return {
    name: container.name,
    state: stateOf(runtime, latest, reason),
    ...(lastState === undefined ? {} : { lastState }),
    ready: false,
    started: false,
    // A power failure may have taken the last records of the runtime: what was told still counts.
    restartCount: Math.max(latest.attempt, old?.restartCount ?? 0),
    image: latest.image,
    imageID: latest.image,
    containerID: `${runtime}://${latest.id}`,
  };
}

function stateOf(runtime: string, container: RuntimeContainer, reason: string): ContainerState {
  switch (container.state) {
    case "created":
      return { waiting: { reason } };
    case "running":
      return { running: { startedAt: timeOf(container.startedAt) } };
    case "exited":
      return { terminated: terminatedState(runtime, container) };
  }
}

function terminatedState(runtime: string, container: RuntimeContainer): ContainerStateTerminated {
  return {
    exitCode: container.exitCode,
    reason: container.reason,
    startedAt: timeOf(container.startedAt),
    finishedAt: timeOf(container.finishedAt),
    containerID: `${runtime}://${container.id}`,
  };
}

/** One that is to be started again and waits shows why, and its end as the last state. */
function withWaitReason(
  worker: PodWorker,
  container: Container,
  latest: RuntimeContainer | null,
  isInit: boolean,
  status: ContainerStatus,
): ContainerStatus {
  const wait = worker.waiting.find((one) => one.container === container.name);
  if (wait === undefined || worker.phase !== "sync") return status;
  if (!(isInit && isSidecar(container)) && !shouldRestart(worker.pod, latest)) return status;
  if (latest?.state === "running") return status;
  const ended = status.state?.terminated;
  return {
    ...status,
    state: { waiting: { reason: wait.reason, message: wait.message } },
    ...(ended === undefined ? {} : { lastState: { terminated: ended } }),
  };
}

function withReadiness(
  worker: PodWorker,
  container: Container,
  latest: RuntimeContainer | null,
  status: ContainerStatus,
  isInit: boolean,
): ContainerStatus {
  const started = isStarted(worker, container, latest);
  const ready =
    isInit && !isSidecar(container)
      ? status.state?.terminated?.exitCode === 0
      : status.state?.running !== undefined && isReady(worker, container, latest);
  return status.ready === ready && status.started === started ? status : { ...status, ready, started };
}

/** What is left of a pod that has ended (pkg/kubelet/status/status_manager.go, TerminatePod): what has no end gets one. */
export function endedStatuses(statuses: readonly ContainerStatus[]): readonly ContainerStatus[] {
  return statuses.map((status) =>
    status.state?.terminated !== undefined
      ? status
      : { ...status, state: { terminated: UNKNOWN_END }, ready: false, started: false },
  );
}
