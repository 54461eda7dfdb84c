/** What a service needs of addresses and ports (kubernetes pkg/api/service/util.go, pkg/registry/core/service). */
import { fnv32a } from "../../machinery/hash.ts";
import type { Service, ServicePort, ServiceSpec } from "../../machinery/kinds/index.ts";

export const NONE_IP = "None";

/** needsClusterIP: of all types but ExternalName, headless ones included. */
export function needsClusterIP({ type = "ClusterIP" }: ServiceSpec): boolean {
  return type !== "ExternalName";
}

/** needsNodePort. */
export function needsNodePort({ type }: ServiceSpec): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

/** shouldAllocateNodePorts: a LoadBalancer may say that it wants none. */
export function allocatesNodePorts(spec: ServiceSpec): boolean {
  if (spec.type === "NodePort") return true;
  return spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false;
}

/** NeedsHealthCheck: a load balancer asks each node whether it has endpoints of its own. */
export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

/** IsServiceIPSet: the address that it holds; empty: none. */
export function heldIP(service: Service): string {
  const { clusterIP = "" } = service.spec;
  return clusterIP === NONE_IP || !needsClusterIP(service.spec) ? "" : clusterIP;
}

/**
 * collectServiceNodePorts: the ports that it holds. One number for several protocols counts once, for one protocol twice
 * as often as it is written; the health check's counts as well (kubernetes#54885).
 */
export function heldPorts({ spec }: Service): readonly number[] {
  const ports: number[] = [];
  const seen: string[] = [];
  const add = (port: number, protocol: string): void => {
    const known = seen.some((one) => one.startsWith(`${port}/`));
    if (!known || seen.includes(`${port}/${protocol}`)) ports.push(port);
    seen.push(`${port}/${protocol}`);
  };
  for (const { nodePort = 0, protocol = "TCP" } of spec.ports ?? []) if (nodePort !== 0) add(nodePort, protocol);
  const health = spec.healthCheckNodePort ?? 0;
  if (health !== 0) add(health, "TCP");
  return ports;
}

/** A name of who asks, of which the start of the search for a free place is made. */
export function saltOf({ metadata }: Service, what: string): string {
  return `${metadata.namespace ?? ""}/${metadata.name}/${metadata.uid ?? ""}/${what}/${fnv32a(what)}`;
}

/** patchAllocatedValues: an update that says nothing of what was given out keeps it. */
export function withAllocated(service: Service, old: Service): Service {
  let { spec } = service;
  if (needsClusterIP(old.spec) && needsClusterIP(spec)) {
    const { clusterIP = "", clusterIPs = [] } = old.spec;
    if ((spec.clusterIP ?? "") === "" && clusterIP !== "")
      spec = { ...spec, clusterIP, clusterIPs: clusterIPs.length === 0 ? [clusterIP] : clusterIPs };
  }
  if (needsNodePort(old.spec) && needsNodePort(spec)) spec = withNodePorts(spec, old.spec);
  const { healthCheckNodePort: health = 0 } = old.spec;
  if (needsHealthCheck(old.spec) && needsHealthCheck(spec) && (spec.healthCheckNodePort ?? 0) === 0 && health !== 0)
    spec = { ...spec, healthCheckNodePort: health };
  return spec === service.spec ? service : { ...service, spec };
}

/** Of a port that says no number: that of the old port of its protocol and port, unless another one has taken it. */
function withNodePorts(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const { ports = [] } = spec;
  const said = new Set(ports.map(({ nodePort = 0, protocol = "TCP" }) => `${protocol}/${nodePort}`));
  let changed = false;
  const kept = ports.map((port): ServicePort => {
    const { protocol = "TCP" } = port;
    if ((port.nodePort ?? 0) !== 0) return port;
    const before = (old.ports ?? []).find((one) => one.port === port.port && (one.protocol ?? "TCP") === protocol);
    const nodePort = before?.nodePort ?? 0;
    if (nodePort === 0 || said.has(`${protocol}/${nodePort}`)) return port;
    said.add(`${protocol}/${nodePort}`);
    changed = true;
    return { ...port, nodePort };
  });
  return changed ? { ...spec, ports: kept } : spec;
}

/** dropTypeDependentFields: what only the old type had goes, unless the update says something else of it. */
export function withoutTypeDependent(service: Service, old: Service): Service {
  const spec: { -readonly [K in keyof ServiceSpec]: ServiceSpec[K] } = { ...service.spec };
  const before = old.spec;
  if (needsClusterIP(before) && !needsClusterIP(spec) && same(before.clusterIP, spec.clusterIP)) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
    delete spec.ipFamilies;
    delete spec.ipFamilyPolicy;
  }
  if (needsNodePort(before) && !needsNodePort(spec) && sameNodePorts(before, spec) && spec.ports !== undefined)
    spec.ports = spec.ports.map(({ nodePort: _, ...port }) => port);
  if (needsHealthCheck(before) && !needsHealthCheck(spec) && same(before.healthCheckNodePort, spec.healthCheckNodePort))
    delete spec.healthCheckNodePort;
  if (before.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    if (before.allocateLoadBalancerNodePorts === spec.allocateLoadBalancerNodePorts)
      delete spec.allocateLoadBalancerNodePorts;
    if (before.loadBalancerClass === spec.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (
    needsNodePort(before) &&
    !needsNodePort(spec) &&
    (spec.externalIPs ?? []).length === 0 &&
    before.externalTrafficPolicy === spec.externalTrafficPolicy
  )
    delete spec.externalTrafficPolicy;
  return { ...service, spec };
}

function same(one: string | number | undefined, other: string | number | undefined): boolean {
  return (one || "") === (other || "");
}

/** sameNodePorts: the update says none but those that there were. */
function sameNodePorts(before: ServiceSpec, after: ServiceSpec): boolean {
  const old = (before.ports ?? []).map(({ nodePort = 0 }) => nodePort);
  return (after.ports ?? []).every(({ nodePort = 0 }) => nodePort === 0 || old.includes(nodePort));
}
