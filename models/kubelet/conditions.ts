import { findCondition } from "../machinery/conditions.ts";
import type { Condition, Container, ContainerStatus, Pod, PodPhase, Time } from "../machinery/kinds/index.ts";
import { isSidecar } from "./phase.ts";

type Judgement = Pick<Condition, "status" | "reason" | "message">;

/**
 * The conditions of a pod (kubernetes pkg/kubelet/status/generate.go). A time of transition changes only with the status.
 */
export function podConditions(
  pod: Pod,
  phase: PodPhase,
  statuses: readonly ContainerStatus[],
  initStatuses: readonly ContainerStatus[],
  hasSandbox: boolean,
  before: readonly Condition[] | undefined,
  now: Time,
): readonly Condition[] {
  const containersReady = containersReadyOf(pod, phase, statuses, initStatuses);
  const judged: readonly (readonly [string, Judgement])[] = [
    ["PodReadyToStartContainers", { status: hasSandbox ? "True" : "False" }],
    ["Initialized", initializedOf(pod, phase, initStatuses)],
    ["Ready", readyOf(pod, containersReady)],
    ["ContainersReady", containersReady],
    ["PodScheduled", { status: "True" }],
  ];
  return judged.map(([type, judgement]) => {
    const old = findCondition(before, type);
    const since = old?.status === judgement.status ? (old.lastTransitionTime ?? now) : now;
    return { type, lastTransitionTime: since, ...judgement };
  });
}

/** GenerateContainersReadyCondition: containers and sidecars are ready. */
function containersReadyOf(
  pod: Pod,
  phase: PodPhase,
  statuses: readonly ContainerStatus[],
  initStatuses: readonly ContainerStatus[],
): Judgement {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const { unknown, unready } = lacking(
    [...sidecars, ...pod.spec.containers],
    [...initStatuses, ...statuses],
    (status) => status.ready,
  );
  if (phase === "Succeeded" && unknown.length === 0) return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  if (unknown.length === 0 && unready.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotReady", message: lackMessage("unready", unknown, unready) };
}

/** GeneratePodReadyCondition: the containers are, and so are the readiness gates. */
function readyOf(pod: Pod, containersReady: Judgement): Judgement {
  if (containersReady.status !== "True") return containersReady;
  const closed = (pod.spec.readinessGates ?? []).filter(
    ({ conditionType }) => findCondition(pod.status?.conditions, conditionType)?.status !== "True",
  );
  if (closed.length === 0) return { status: "True" };
  const message = closed
    .map(({ conditionType }) => `corresponding condition of pod readiness gate "${conditionType}" does not exist.`)
    .join(", ");
  return { status: "False", reason: "ReadinessGatesNotReady", message };
}

/** GeneratePodInitializedCondition: every init container has ended well, every sidecar has started. */
function initializedOf(pod: Pod, phase: PodPhase, initStatuses: readonly ContainerStatus[]): Judgement {
  const containers = pod.spec.initContainers ?? [];
  if (containers.length === 0) return { status: "True" };
  const { unknown, unready } = lacking(containers, initStatuses, (status, container) =>
    isSidecar(container) ? status.started === true : status.state?.terminated?.exitCode === 0,
  );
  if (phase === "Succeeded" && unknown.length === 0) return { status: "True", reason: "PodCompleted" };
  // What has once run its main containers was initialized.
  if (unknown.length === 0 && unready.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotInitialized", message: lackMessage("incomplete", unknown, unready) };
}

function lacking(
  containers: readonly Container[],
  statuses: readonly ContainerStatus[],
  isGood: (status: ContainerStatus, container: Container) => boolean,
): { readonly unknown: readonly string[]; readonly unready: readonly string[] } {
  const unknown: string[] = [];
  const unready: string[] = [];
  for (const container of containers) {
    const status = statuses.find(({ name }) => name === container.name);
    if (status === undefined) unknown.push(container.name);
    else if (!isGood(status, container)) unready.push(container.name);
  }
  return { unknown, unready };
}

function lackMessage(what: string, unknown: readonly string[], unready: readonly string[]): string {
  const parts: string[] = [];
  if (unknown.length > 0) parts.push(`containers with unknown status: [${unknown.join(" ")}]`);
  if (unready.length > 0) parts.push(`containers with ${what} status: [${unready.join(" ")}]`);
  return parts.join(", ");
}
