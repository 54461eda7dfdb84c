import type { Container, ContainerStatus, Pod, PodPhase } from "../machinery/kinds/index.ts";

export function isTerminalPhase(phase: PodPhase | undefined): boolean {
  return phase === "Failed" || phase === "Succeeded";
}

export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/**
 * The phase that the states of the containers make (kubernetes pkg/kubelet/kubelet_pods.go, getPhase).
 *
 * @param info the statuses of containers and init containers
 * @param isTerminal the pod has ended: nothing in it is started again, whatever its restart policy
 */
export function phaseOf(
  pod: Pod,
  info: readonly ContainerStatus[],
  isTerminal: boolean,
  hasInitialized: boolean,
): PodPhase {
  const init = countInit(pod, info);
  const main = countMain(pod, info, init);
  const { restartPolicy = "Always" } = pod.spec;
  if (init.failed > 0 && restartPolicy === "Never") return "Failed";
  if (init.pending > 0 || (init.pendingSidecars > 0 && !hasInitialized) || main.waiting > 0) return "Pending";
  if (main.running > 0 && main.unknown === 0) return "Running";
  if (main.running === 0 && main.stopped > 0 && main.unknown === 0) {
    const hasSucceeded = main.stopped === main.succeeded;
    if (isTerminal) return hasSucceeded ? "Succeeded" : "Failed";
    if (restartPolicy === "Always") return "Running";
    if (hasSucceeded) return "Succeeded";
    return restartPolicy === "Never" ? "Failed" : "Running";
  }
  return "Pending";
}

interface InitCounts {
  readonly pending: number;
  readonly failed: number;
  readonly pendingSidecars: number;
  readonly running: number;
  readonly waiting: number;
  readonly unknown: number;
}

function countInit(pod: Pod, info: readonly ContainerStatus[]): InitCounts {
  const counts = { pending: 0, failed: 0, pendingSidecars: 0, running: 0, waiting: 0, unknown: 0 };
  for (const container of pod.spec.initContainers ?? []) {
    const status = info.find(({ name }) => name === container.name);
    const { state, lastState } = status ?? {};
    if (!isSidecar(container)) {
      const ended = state?.terminated ?? (state?.waiting === undefined ? undefined : lastState?.terminated);
      if (ended === undefined) counts.pending += 1;
      else if (ended.exitCode !== 0) counts.failed += 1;
    } else if (state?.running !== undefined) {
      if (status?.started !== true) counts.pendingSidecars += 1;
      counts.running += 1;
    } else if (state?.waiting !== undefined) {
      if (lastState?.terminated !== undefined) continue;
      counts.pendingSidecars += 1;
      counts.waiting += 1;
    } else if (state?.terminated === undefined) counts.unknown += 1;
  }
  return counts;
}

interface MainCounts {
  readonly running: number;
  readonly waiting: number;
  readonly stopped: number;
  readonly succeeded: number;
  readonly unknown: number;
}

function countMain(pod: Pod, info: readonly ContainerStatus[], init: InitCounts): MainCounts {
  const counts = { running: init.running, waiting: init.waiting, stopped: 0, succeeded: 0, unknown: init.unknown };
  for (const container of pod.spec.containers) {
    const status = info.find(({ name }) => name === container.name);
    const { state, lastState } = status ?? {};
    if (state?.running !== undefined) counts.running += 1;
    else if (state?.terminated !== undefined) {
      counts.stopped += 1;
      if (state.terminated.exitCode === 0) counts.succeeded += 1;
    } else if (state?.waiting !== undefined) {
      if (lastState?.terminated === undefined) counts.waiting += 1;
      else counts.stopped += 1;
    } else counts.unknown += 1;
  }
  return counts;
}
