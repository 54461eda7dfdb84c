/** Which endpoints a port of a service has on a node (kubernetes pkg/proxy/topology.go, endpointslicecache.go). */
import type { Endpoint, EndpointSlice } from "../machinery/kinds/index.ts";
import type { Protocol } from "../network/types.ts";
import type { Target } from "./types.ts";

/** The labels of the node that matter. */
export interface Place {
  readonly node: string;
  /** `topology.kubernetes.io/zone`; empty: none. */
  readonly zone: string;
}

/** A proxy's idea of an endpoint (BaseEndpointInfo). */
export interface EndpointInfo {
  readonly target: Target;
  readonly isLocal: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

/**
 * endpointInfoByServicePort: the endpoints of a port in all slices of its service, in the order of their addresses. Of
 * two that say the same address, as a pod's address may be another one's before its own slice has forgotten it, the one
 * that is of more use counts (kubernetes#135593).
 */
export function endpointsOf(
  slices: readonly EndpointSlice[],
  portName: string,
  protocol: Protocol,
  place: Place,
): readonly EndpointInfo[] {
  const byAddress = new Map<string, EndpointInfo>();
  for (const slice of slices) {
    if (slice.addressType !== "IPv4") continue;
    for (const port of slice.ports ?? []) {
      if ((port.name ?? "") !== portName || (port.protocol ?? "TCP") !== protocol || !port.port) continue;
      for (const endpoint of slice.endpoints ?? []) {
        const info = infoOf(endpoint, port.port, place);
        if (info === null) continue;
        const key = targetKey(info.target);
        const known = byAddress.get(key);
        if (known === undefined || useOf(info) > useOf(known)) byAddress.set(key, info);
      }
    }
  }
  const keys = [...byAddress.keys()].sort();
  return keys.map((key) => byAddress.get(key)!);
}

export function targetKey({ ip, port }: Target): string {
  return `${ip}:${port}`;
}

/** Ready before serving, serving before neither; of two alike the one that does not terminate. */
function useOf({ ready, serving, terminating }: EndpointInfo): number {
  return (ready ? 4 : 0) + (serving ? 2 : 0) + (terminating ? 0 : 1);
}

/** newEndpointSliceInfo: what is not said of `ready` and `serving` is true. */
function infoOf(endpoint: Endpoint, port: number, place: Place): EndpointInfo | null {
  const ip = endpoint.addresses[0];
  if (ip === undefined) return null;
  const { ready = true, serving = true, terminating = false } = endpoint.conditions ?? {};
  const node = endpoint.nodeName ?? "";
  const hints = endpoint.hints as { forZones?: readonly Named[]; forNodes?: readonly Named[] } | undefined;
  return {
    target: { ip, port, node, pod: endpoint.targetRef?.uid ?? "" },
    isLocal: node !== "" && node === place.node,
    ready,
    serving,
    terminating,
    zoneHints: (hints?.forZones ?? []).map(({ name }) => name),
    nodeHints: (hints?.forNodes ?? []).map(({ name }) => name),
  };
}

interface Named {
  readonly name: string;
}

/** What a port's endpoints come to: see CategorizeEndpoints. */
export interface Categories {
  readonly cluster: readonly Target[];
  readonly local: readonly Target[];
  readonly hasAny: boolean;
}

/**
 * CategorizeEndpoints: ready endpoints, within the node's zone where hints say so; where there are none, those that
 * serve while they terminate. For the policies Cluster and Local separately.
 */
export function categorize(
  endpoints: readonly EndpointInfo[],
  uses: { readonly cluster: boolean; readonly local: boolean },
  place: Place,
): Categories {
  const targets = (keep: (info: EndpointInfo) => boolean): readonly Target[] =>
    endpoints.filter(keep).map(({ target }) => target);
  let cluster: readonly Target[] = [];
  let hasAny = false;
  if (uses.cluster) {
    const mode = topologyMode(endpoints, place);
    cluster = targets((info) => info.ready && isNear(info, mode, place));
    if (cluster.length === 0) cluster = targets(isLeaving);
    hasAny = cluster.length > 0;
  }
  if (!uses.local) return { cluster, local: [], hasAny };
  hasAny ||= endpoints.some((info) => info.ready || isLeaving(info));
  const ready = targets((info) => info.isLocal && info.ready);
  const local = ready.length > 0 ? ready : targets((info) => info.isLocal && isLeaving(info));
  return { cluster, local, hasAny };
}

/** Serving and terminating. */
function isLeaving({ ready, serving, terminating }: EndpointInfo): boolean {
  return !ready && serving && terminating;
}

type TopologyMode = "" | "PreferSameNode" | "PreferSameZone";

/** topologyModeFromHints: hints count only if all ready endpoints have them, and one of them is for this node or zone. */
export function topologyMode(endpoints: readonly EndpointInfo[], { node, zone }: Place): TopologyMode {
  const ready = endpoints.filter((info) => info.ready);
  if (ready.length === 0) return "";
  const hinted = (hints: (info: EndpointInfo) => readonly string[], name: string): boolean =>
    ready.every((info) => hints(info).length > 0) && ready.some((info) => hints(info).includes(name));
  if (hinted(({ nodeHints }) => nodeHints, node)) return "PreferSameNode";
  return zone !== "" && hinted(({ zoneHints }) => zoneHints, zone) ? "PreferSameZone" : "";
}

function isNear({ nodeHints, zoneHints }: EndpointInfo, mode: TopologyMode, { node, zone }: Place): boolean {
  switch (mode) {
    case "":
      return true;
    case "PreferSameNode":
      return nodeHints.includes(node);
    case "PreferSameZone":
      return zoneHints.includes(zone);
  }
}
