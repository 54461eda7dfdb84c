import type { Micros } from "../kernel/index.ts";
import { findCondition } from "./conditions.ts";
import type { Container, ContainerStatus, Pod, PodStatus, ResourceList } from "./kinds/index.ts";
import { milliValue, value } from "./quantity.ts";
import { wallOf } from "./time.ts";

type QosClass = NonNullable<PodStatus["qosClass"]>;

export function isPodReady(pod: Pod): boolean {
  return findCondition(pod.status?.conditions, "Ready")?.status === "True";
}

/** Ready for so long (kubernetes pkg/api/v1/pod/util.go, IsPodAvailable). */
export function isPodAvailable(pod: Pod, minReadySeconds: number, wallUs: Micros): boolean {
  const ready = findCondition(pod.status?.conditions, "Ready");
  if (ready?.status !== "True") return false;
  if (minReadySeconds === 0) return true;
  return (
    ready.lastTransitionTime !== undefined && wallUs >= wallOf(ready.lastTransitionTime) + minReadySeconds * 1_000_000
  );
}

/** It has run to its end: its phase is Failed or Succeeded. */
export function isPodTerminal(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase === "Failed" || phase === "Succeeded";
}

/** Neither terminal nor being deleted (controller_utils.go, IsPodActive). */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Being deleted, but not terminal (controller_utils.go, IsPodTerminating). */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined;
}

/** What a pod asks of its node: CPU in thousandths, the rest in whole units. */
export interface PodRequests {
  readonly milliCpu: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  /** Other resources (extended ones, huge pages) by name, in the order of the names. */
  readonly others: Readonly<Record<string, number>>;
}

/** By resource; CPU in thousandths. */
type Amounts = Record<string, number>;

/** What a container counts for where it states nothing; only in scoring (scheduler util/pod_resources.go). */
const NONZERO: ResourceList = { cpu: "100m", memory: "200Mi" };
const POD_LEVEL = (name: string): boolean => name === "cpu" || name === "memory" || name.startsWith("hugepages-");

/** What a pod requests, and what it holds where it is being resized (component-helpers resource/helpers.go, PodRequests). */
export function podRequests(pod: Pod): PodRequests {
  return requestsOf(podAmounts(pod, {}));
}

/** What a pod counts for in scoring: a container that states no CPU 100 m, no memory 200 MiB. */
export function podNonzeroRequests(pod: Pod): PodRequests {
  return requestsOf(podAmounts(pod, NONZERO));
}

/** The amount of one resource in a {@link PodRequests}. */
export function requestOf(requests: PodRequests, name: string): number {
  if (name === "cpu") return requests.milliCpu;
  if (name === "memory") return requests.memoryBytes;
  if (name === "ephemeral-storage") return requests.ephemeralStorageBytes;
  return requests.others[name] ?? 0;
}

/** A resource list as numbers, for instance what a node can allocate. */
export function requestsOfList(list: ResourceList | undefined): PodRequests {
  return requestsOf(amountsOf(list ?? {}));
}

/** Containers and sidecars together, or what starting them needs at the most; pod-level requests instead; and the overhead. */
function podAmounts(pod: Pod, missing: ResourceList): Amounts {
  const amounts = containerAmounts(pod, missingFor(pod, missing));
  const podLevel = pod.spec.resources?.requests ?? {};
  for (const name of Object.keys(podLevel)) if (POD_LEVEL(name)) amounts[name] = amountOf(name, podLevel);
  add(amounts, amountsOf(pod.spec.overhead ?? {}));
  return amounts;
}

/** component-helpers resource/helpers.go, AggregateContainerRequests: init containers run one after the other, beside the sidecars before them. */
function containerAmounts(pod: Pod, missing: ResourceList): Amounts {
  const running: Amounts = {};
  const { containerStatuses, initContainerStatuses } = pod.status ?? {};
  for (const container of pod.spec.containers) add(running, containerHolds(pod, container, containerStatuses, missing));
  const sidecars: Amounts = {};
  const starting: Amounts = {};
  for (const container of pod.spec.initContainers ?? []) {
    const isSidecar = container.restartPolicy === "Always";
    const requests = containerHolds(pod, container, isSidecar ? initContainerStatuses : undefined, missing);
    if (isSidecar) {
      add(running, requests);
      add(sidecars, requests);
      raise(starting, sidecars);
    } else {
      add(requests, sidecars);
      raise(starting, requests);
    }
  }
  raise(running, starting);
  return running;
}

/** scheduler framework/types.go, getNonMissingContainerRequests: with pod-level requests, only what no container states either. */
function missingFor(pod: Pod, missing: ResourceList): ResourceList {
  const podLevel = Object.keys(pod.spec.resources?.requests ?? {}).filter(POD_LEVEL);
  if (podLevel.length === 0 || Object.keys(missing).length === 0) return missing;
  const stated = containerAmounts(pod, {});
  const absent = Object.entries(missing).filter(([name]) => stated[name] === undefined && !podLevel.includes(name));
  return Object.fromEntries(absent);
}

/**
 * component-helpers resource/helpers.go, determineContainerReqs: while a container is resized, the most of what it asks
 * for, what it has, and what its node has promised it; where its node cannot do it, it stays with what it has.
 */
function containerHolds(
  pod: Pod,
  { name, resources }: Container,
  statuses: readonly ContainerStatus[] | undefined,
  missing: ResourceList,
): Amounts {
  const status = statuses?.find((one) => one.name === name);
  if (status?.resources === undefined) return amountsOf({ ...missing, ...resources?.requests });
  const pending = findCondition(pod.status?.conditions, "PodResizePending");
  const held = pending?.reason === "Infeasible" ? {} : amountsOf(resources?.requests ?? {});
  raise(held, amountsOf(status.resources.requests ?? {}));
  raise(held, amountsOf(status.allocatedResources ?? {}));
  return { ...amountsOf(missing), ...held };
}

function amountsOf(list: ResourceList): Amounts {
  const amounts: Amounts = {};
  for (const name of Object.keys(list)) amounts[name] = amountOf(name, list);
  return amounts;
}

function amountOf(name: string, list: ResourceList): number {
  return name === "cpu" ? milliValue(list[name]) : value(list[name]);
}

function add(sum: Amounts, amounts: Amounts): void {
  for (const name of Object.keys(amounts)) sum[name] = (sum[name] ?? 0) + amounts[name]!;
}

function raise(most: Amounts, amounts: Amounts): void {
  for (const name of Object.keys(amounts)) most[name] = Math.max(most[name] ?? 0, amounts[name]!);
}

function requestsOf(amounts: Amounts): PodRequests {
  const others: Amounts = {};
  for (const name of Object.keys(amounts).sort())
    if (name !== "cpu" && name !== "memory" && name !== "ephemeral-storage") others[name] = amounts[name]!;
  return {
    milliCpu: amounts["cpu"] ?? 0,
    memoryBytes: amounts["memory"] ?? 0,
    ephemeralStorageBytes: amounts["ephemeral-storage"] ?? 0,
    others,
  };
}

/** The quality of service of a pod (kubernetes pkg/apis/core/v1/helper/qos, ComputePodQOS). Only CPU and memory count. */
export function qosClass(pod: Pod): QosClass {
  const podLevel = pod.spec.resources;
  const all =
    podLevel === undefined ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])] : [{ resources: podLevel }];
  const requests: Amounts = {};
  const limits: Amounts = {};
  let everyLimit = true;
  for (const { resources } of all) {
    add(requests, qosAmounts(resources?.requests));
    const limited = qosAmounts(resources?.limits);
    add(limits, limited);
    // Pod-level resources without limits leave the decision to the comparison below.
    if (podLevel !== undefined && resources?.limits === undefined) continue;
    if (limited["cpu"] === undefined || limited["memory"] === undefined) everyLimit = false;
  }
  const names = Object.keys(requests);
  if (names.length === 0 && Object.keys(limits).length === 0) return "BestEffort";
  const equal = names.length === Object.keys(limits).length && names.every((name) => requests[name] === limits[name]);
  return everyLimit && equal ? "Guaranteed" : "Burstable";
}

function qosAmounts(list: ResourceList | undefined): Amounts {
  const amounts: Amounts = {};
  for (const name of ["cpu", "memory"] as const) {
    const amount = list?.[name] === undefined ? 0 : amountOf(name, list);
    if (amount > 0) amounts[name] = amount;
  }
  return amounts;
}
