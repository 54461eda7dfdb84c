import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { ManifestSpec } from "../control-plane/scenario.ts";
import { weighted } from "../shared/arbitrary.ts";
import type { PlanSpec } from "./scenario.ts";

/** What a generated service is made of. */
export interface ServicePlan {
  readonly name: string;
  /** Whose pods are behind it: those with the label `app` of this value. */
  readonly app: string;
  /** Its place among the services of a run: it has numbers of its own by that. */
  readonly index: number;
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "headless";
  readonly protocols: readonly ("TCP" | "UDP")[];
  /** By ClientIP, for so many seconds; 0: none. */
  readonly affinitySeconds: number;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  readonly publishNotReady: boolean;
  /** Clients are to be served from near. */
  readonly distribution: null | "PreferSameZone" | "PreferSameNode";
  /** It has an address of its choice as well, which the nodes answer. */
  readonly external: boolean;
  /** Who may come by its load balancer: all, those outside, or nobody there is. */
  readonly sources: "all" | "outside" | "nobody";
  /** It chooses its addresses and node ports itself; else they are allocated. */
  readonly chosen: boolean;
}

/** How clients come to a service. */
export interface TrafficShape {
  readonly everyMs: number;
  readonly perFlow: number;
}

export const PORTS = { TCP: 80, UDP: 53 } as const;
const FIRST_NODE_PORT = 30_100;

export function servicesOn(apps: readonly string[]): Arbitrary<readonly ServicePlan[]> {
  const one = fc.record({
    app: fc.constantFrom(...apps),
    type: weighted<ServicePlan["type"]>([4, "ClusterIP"], [3, "NodePort"], [2, "LoadBalancer"], [1, "headless"]),
    protocols: fc.constantFrom<ServicePlan["protocols"][]>(["TCP"], ["UDP"], ["TCP", "UDP"]),
    affinitySeconds: weighted([4, 0], [1, 5], [1, 10_800]),
    internalLocal: weighted([4, false], [1, true]),
    externalLocal: weighted([2, false], [1, true]),
    publishNotReady: weighted([7, false], [1, true]),
    distribution: weighted<ServicePlan["distribution"]>([4, null], [1, "PreferSameZone"], [1, "PreferSameNode"]),
    external: weighted([4, false], [1, true]),
    sources: weighted<ServicePlan["sources"]>([4, "all"], [1, "outside"], [1, "nobody"]),
    chosen: fc.boolean(),
  });
  return fc
    .array(one, { minLength: 1, maxLength: 3, size: "max" })
    .map((list) => list.map((made, index) => ({ ...made, index, name: `s${index + 1}` })));
}

export const trafficShape: Arbitrary<TrafficShape> = fc.record({
  everyMs: fc.constantFrom(500, 1000, 2000),
  perFlow: weighted([2, 1], [2, 3], [3, 1000]),
});

/** Of a service without an address of the cluster all fields go that have to do with it. */
export function serviceManifest(plan: ServicePlan): ManifestSpec {
  const { name, app, index, type, protocols, affinitySeconds, externalLocal, external, chosen } = plan;
  const isAccessible = type === "NodePort" || type === "LoadBalancer";
  const isHeadless = type === "headless";
  const spec = {
    selector: { app },
    type: isHeadless ? "ClusterIP" : type,
    ...(isHeadless ? { clusterIP: "None" } : chosen ? { clusterIP: `10.96.0.${100 + index}` } : {}),
    ports: protocols.map((protocol) => ({
      name: protocol.toLowerCase(),
      protocol,
      port: PORTS[protocol],
      ...(isAccessible && chosen ? { nodePort: FIRST_NODE_PORT + index } : {}),
    })),
    ...(affinitySeconds === 0 || isHeadless
      ? {}
      : { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: affinitySeconds } } }),
    ...(plan.internalLocal && !isHeadless ? { internalTrafficPolicy: "Local" } : {}),
    ...(externalLocal && isAccessible ? { externalTrafficPolicy: "Local" } : {}),
    ...(plan.publishNotReady ? { publishNotReadyAddresses: true } : {}),
    ...(plan.distribution === null || isHeadless ? {} : { trafficDistribution: plan.distribution }),
    ...(type === "LoadBalancer" && plan.sources !== "all"
      ? { loadBalancerSourceRanges: [plan.sources === "outside" ? "203.0.113.0/24" : "192.0.2.0/24"] }
      : {}),
    ...(external && !isHeadless ? { externalIPs: [externalIP(plan)] } : {}),
  };
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "default" }, spec };
}

function externalIP({ index }: ServicePlan): string {
  return `198.51.100.${index + 1}`;
}

/** The controller of load balancers gives it that one. */
function balancedIP({ index }: ServicePlan): string {
  return `198.18.0.${100 + index}`;
}

/** What clients on the nodes do: by the service's name. */
export function plansOnNodes({ name, protocols }: ServicePlan, { everyMs, perFlow }: TrafficShape): PlanSpec[] {
  return protocols.map((protocol) => ({
    name: `${name} ${protocol}`,
    target: { kind: "service", namespace: "default", name },
    protocol,
    port: PORTS[protocol],
    startsAfterMs: 3000,
    everyMs,
    times: 0,
    requestsPerFlow: perFlowOf(protocol, perFlow),
  }));
}

/** … and of services that are the user's own: each port of them, by their names. */
export function plansOfObjects(objects: readonly ManifestSpec[]): PlanSpec[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    if (kind !== "Service") return [];
    const { name, namespace = "default" } = metadata as { readonly name: string; readonly namespace?: string };
    const { ports = [] } = spec as {
      readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
    };
    return ports.map(
      ({ port, protocol }): PlanSpec => ({
        name: `${namespace}/${name} ${port} ${protocol ?? "TCP"}`,
        target: { kind: "service", namespace, name },
        protocol: protocol === "UDP" ? "UDP" : "TCP",
        port,
        startsAfterMs: 3000,
        everyMs: 1000,
        times: 0,
        requestsPerFlow: protocol === "UDP" ? 1000 : 3,
      }),
    );
  });
}

/** A connection would go on to the same pod, whatever becomes of the service. */
function perFlowOf(protocol: "TCP" | "UDP", perFlow: number): number {
  return protocol === "TCP" ? Math.min(perFlow, 5) : perFlow;
}

/** … and outside: by the load balancer, the ports of the nodes, or the external address. */
export function plansOutside(plan: ServicePlan, { everyMs, perFlow }: TrafficShape): PlanSpec[] {
  const { name, type, protocols, index, external, chosen } = plan;
  const [protocol = "TCP"] = protocols;
  const from = { protocol, startsAfterMs: 4000, everyMs, times: 0, requestsPerFlow: perFlowOf(protocol, perFlow) };
  const plans: PlanSpec[] = [];
  if (type === "LoadBalancer" && chosen)
    plans.push({
      name: `${name} balanced`,
      target: { kind: "address", address: balancedIP(plan) },
      port: PORTS[protocol],
      ...from,
    });
  if ((type === "NodePort" || type === "LoadBalancer") && chosen)
    plans.push({ name: `${name} node port`, target: { kind: "node" }, port: FIRST_NODE_PORT + index, ...from });
  if (external && type !== "headless")
    plans.push({
      name: `${name} external`,
      target: { kind: "address", address: externalIP(plan) },
      port: PORTS[protocol],
      ...from,
    });
  return plans;
}
