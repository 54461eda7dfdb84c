/** The rules of a service on a node: a pure function of the service and its slices (kubernetes pkg/proxy/serviceport.go). */
import type { EndpointSlice, Json, Service, ServicePort } from "../machinery/kinds/index.ts";
import type { Protocol } from "../network/types.ts";
import { categorize, endpointsOf, type Place } from "./endpoints.ts";
import type { PortRule } from "./types.ts";

/** core/v1 DefaultClientIPServiceAffinitySeconds. */
const AFFINITY_SECONDS = 10_800;

/** ShouldSkipService: without an address (headless, ExternalName), there is nothing to be done for it. */
export function isSkipped({ spec }: Service): boolean {
  return spec.type === "ExternalName" || (spec.clusterIP ?? "") === "" || spec.clusterIP === "None";
}

/** The rules of all ports, in the order in which the service has them. */
export function rulesOf(service: Service, slices: readonly EndpointSlice[], place: Place): readonly PortRule[] {
  if (isSkipped(service)) return [];
  return (service.spec.ports ?? []).map((port) => ruleOf(service, port, slices, place));
}

function ruleOf(
  { metadata, spec, status }: Service,
  port: ServicePort,
  slices: readonly EndpointSlice[],
  place: Place,
) {
  const { protocol = "TCP", name: portName = "", nodePort = 0 } = port;
  const isAccessible = spec.type === "NodePort" || spec.type === "LoadBalancer";
  const externalIPs = spec.externalIPs ?? [];
  const loadBalancerIPs = spec.type === "LoadBalancer" ? ingressIPs(status?.loadBalancer) : [];
  const internalLocal = spec.internalTrafficPolicy === "Local";
  const externalLocal = (isAccessible || externalIPs.length > 0) && spec.externalTrafficPolicy === "Local";
  // ExternallyAccessible.
  const isExternal = nodePort !== 0 || loadBalancerIPs.length > 0 || externalIPs.length > 0;
  const endpoints = endpointsOf(slices, portName, protocol as Protocol, place);
  const uses = {
    // UsesClusterEndpoints, UsesLocalEndpoints. Traffic from within to external addresses goes to the cluster's as well.
    cluster: !internalLocal || isExternal,
    local: internalLocal || (externalLocal && isExternal),
  };
  const { cluster, local, hasAny } = categorize(endpoints, uses, place);
  const rule: PortRule = {
    service: `${metadata.namespace ?? ""}/${metadata.name}`,
    portName,
    protocol: protocol as Protocol,
    clusterIP: spec.clusterIP ?? "",
    port: port.port,
    nodePort: isAccessible ? nodePort : 0,
    externalIPs,
    loadBalancerIPs,
    sourceRanges: spec.loadBalancerSourceRanges ?? [],
    affinityUs: affinityOf(spec),
    internalLocal,
    externalLocal,
    cluster,
    local,
    hasAny,
    serving: [...new Set(endpoints.filter(({ serving }) => serving).map(({ target }) => target.ip))],
  };
  return rule;
}

function affinityOf({ sessionAffinity, sessionAffinityConfig }: Service["spec"]): number {
  if (sessionAffinity !== "ClientIP") return 0;
  return (sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS) * 1_000_000;
}

/** GetLoadBalancerIPs of mode VIP: what comes by a proxy of its own does not concern the nodes. */
function ingressIPs(loadBalancer: Json | undefined): readonly string[] {
  const { ingress } = (loadBalancer ?? {}) as { ingress?: readonly { ip?: string; ipMode?: string }[] };
  return (ingress ?? []).flatMap(({ ip = "", ipMode = "VIP" }) => (ip === "" || ipMode !== "VIP" ? [] : [ip]));
}

/** By what packets find a rule. */
export function frontendsOf(rule: PortRule): readonly string[] {
  const { protocol, port, clusterIP, externalIPs, loadBalancerIPs, nodePort } = rule;
  const addresses = [clusterIP, ...externalIPs, ...loadBalancerIPs];
  const frontends = addresses.map((address) => frontendKey(protocol, address, port));
  return nodePort === 0 ? frontends : [...frontends, nodePortKey(protocol, nodePort)];
}

export function frontendKey(protocol: Protocol, address: string, port: number): string {
  return `${protocol} ${address}:${port}`;
}

export function nodePortKey(protocol: Protocol, port: number): string {
  return `${protocol} *:${port}`;
}

/** What the health check port of a load balancer answers (healthcheck/service_health.go): 200 with local endpoints, else 503. */
export function healthCheckAnswer(service: Service, slices: readonly EndpointSlice[], place: Place): 200 | 503 {
  const [first] = service.spec.ports ?? [];
  if (first === undefined) return 503;
  const endpoints = endpointsOf(slices, first.name ?? "", (first.protocol ?? "TCP") as Protocol, place);
  return endpoints.some(({ isLocal, ready }) => isLocal && ready) ? 200 : 503;
}
