/** A node and what is on it (kubernetes pkg/scheduler/framework/types.go, NodeInfo): an immutable value. */
import type { Node } from "../../machinery/kinds/index.ts";
import { type PodRequests, requestsOfList } from "../../machinery/pods.ts";
import type { HostPort, PodInfo } from "./pod-info.ts";

export interface NodeInfo {
  readonly name: string;
  /** Its place in the snapshot's list. */
  readonly slot: number;
  readonly node: Node;
  readonly allocatable: PodRequests;
  readonly allowedPods: number;
  readonly requested: PodRequests;
  /** What is left of the most common ones: most filters end here. */
  readonly podsLeft: number;
  readonly milliCpuLeft: number;
  readonly memoryBytesLeft: number;
  readonly nonzeroMilliCpu: number;
  readonly nonzeroMemoryBytes: number;
  readonly pods: readonly PodInfo[];
  readonly usedPorts: readonly HostPort[];
  /** Size in bytes by name of an image that is there. */
  readonly images: Readonly<Record<string, number>>;
}

const NOTHING: PodRequests = Object.freeze({
  milliCpu: 0,
  memoryBytes: 0,
  ephemeralStorageBytes: 0,
  others: Object.freeze({}),
});
const NO_PODS: readonly PodInfo[] = Object.freeze([]);
const NO_PORTS: readonly HostPort[] = Object.freeze([]);
const NO_IMAGES: Readonly<Record<string, number>> = Object.freeze({});

export function nodeInfoOf(node: Node, slot: number): NodeInfo {
  const allocatable = requestsOfList(node.status?.allocatable);
  return {
    name: node.metadata.name,
    slot,
    node,
    allocatable,
    allowedPods: allocatable.others["pods"] ?? 0,
    requested: NOTHING,
    podsLeft: allocatable.others["pods"] ?? 0,
    milliCpuLeft: allocatable.milliCpu,
    memoryBytesLeft: allocatable.memoryBytes,
    nonzeroMilliCpu: 0,
    nonzeroMemoryBytes: 0,
    pods: NO_PODS,
    usedPorts: NO_PORTS,
    images: imagesOf(node),
  };
}

function imagesOf({ status }: Node): Readonly<Record<string, number>> {
  if (status?.images === undefined || status.images.length === 0) return NO_IMAGES;
  const images: Record<string, number> = {};
  for (const { names = [], sizeBytes = 0 } of status.images) for (const name of names) images[name] = sizeBytes;
  return images;
}

/** The same pods on a node that has changed, or has another place. */
export function withNodeOf(info: NodeInfo, node: Node, slot: number): NodeInfo {
  if (info.node === node && slot === info.slot) return info;
  const { name, allocatable, allowedPods, images } = info.node === node ? info : nodeInfoOf(node, slot);
  const { requested, nonzeroMilliCpu, nonzeroMemoryBytes, pods, usedPorts } = info;
  return {
    name,
    slot,
    node,
    allocatable,
    allowedPods,
    requested,
    podsLeft: allowedPods - pods.length,
    milliCpuLeft: allocatable.milliCpu - requested.milliCpu,
    memoryBytesLeft: allocatable.memoryBytes - requested.memoryBytes,
    nonzeroMilliCpu,
    nonzeroMemoryBytes,
    pods,
    usedPorts,
    images,
  };
}

/** types.go, NodeInfo.AddPodInfo. */
export function withPodAdded(info: NodeInfo, pod: PodInfo): NodeInfo {
  const usedPorts = pod.ports.length === 0 ? info.usedPorts : [...info.usedPorts, ...pod.ports];
  return withPods(info, pod, 1, [...info.pods, pod], usedPorts);
}

/** types.go, NodeInfo.RemovePod. The same value when the pod is not there. */
export function withPodRemoved(info: NodeInfo, id: string): NodeInfo {
  const index = info.pods.findIndex((pod) => pod.id === id);
  if (index < 0) return info;
  const pod = info.pods[index]!;
  const pods = info.pods.toSpliced(index, 1);
  return withPods(info, pod, -1, pods, pod.ports.length === 0 ? info.usedPorts : pods.flatMap(({ ports }) => ports));
}

function withPods(
  info: NodeInfo,
  pod: PodInfo,
  sign: 1 | -1,
  pods: readonly PodInfo[],
  usedPorts: readonly HostPort[],
): NodeInfo {
  return {
    name: info.name,
    slot: info.slot,
    node: info.node,
    allocatable: info.allocatable,
    allowedPods: info.allowedPods,
    requested: changed(info.requested, pod.requests, sign),
    podsLeft: info.podsLeft - sign,
    milliCpuLeft: info.milliCpuLeft - sign * pod.requests.milliCpu,
    memoryBytesLeft: info.memoryBytesLeft - sign * pod.requests.memoryBytes,
    nonzeroMilliCpu: info.nonzeroMilliCpu + sign * pod.nonzeroMilliCpu,
    nonzeroMemoryBytes: info.nonzeroMemoryBytes + sign * pod.nonzeroMemoryBytes,
    pods,
    usedPorts,
    images: info.images,
  };
}

function changed(one: PodRequests, two: PodRequests, sign: 1 | -1): PodRequests {
  return {
    milliCpu: one.milliCpu + sign * two.milliCpu,
    memoryBytes: one.memoryBytes + sign * two.memoryBytes,
    ephemeralStorageBytes: one.ephemeralStorageBytes + sign * two.ephemeralStorageBytes,
    others: changedOthers(one.others, two.others, sign),
  };
}

function changedOthers(one: PodRequests["others"], two: PodRequests["others"], sign: 1 | -1): PodRequests["others"] {
  const names = Object.keys(two);
  if (names.length === 0) return one;
  const others: Record<string, number> = { ...one };
  for (const name of names) others[name] = (others[name] ?? 0) + sign * two[name]!;
  return others;
}
