import type { Endpoint, Node, Service, ServicePort } from "../../models/machinery/kinds/index.ts";
import type { TrafficPlan, Tuple } from "../../models/network/types.ts";
import type { ClusterLedger } from "../cluster/ledger.ts";

/** The service that a client's plan is for now: by its name, its address, or its node port. */
export function serviceOfPlan(ledger: ClusterLedger, { target, port, protocol }: TrafficPlan): string | null {
  const services = ledger.all<Service>("services");
  if (target.kind === "service") {
    const key = `${target.namespace}/${target.name}`;
    return services.has(key) ? key : null;
  }
  const address = target.kind === "node" ? null : target.address;
  for (const [key, { object }] of services)
    if (portFor(object, { protocol, destination: address ?? "", destinationPort: port }) !== null) return key;
  return null;
}

/** The port of a service that takes what is sent there; an empty destination is a node's own address. */
export function portFor(
  { spec, status }: Service,
  { protocol, destination, destinationPort }: Pick<Tuple, "protocol" | "destination" | "destinationPort">,
  isNode = destination === "",
): ServicePort | null {
  const { clusterIP = "", externalIPs = [], ports = [] } = spec;
  const { ingress = [] } = (status?.loadBalancer ?? {}) as { readonly ingress?: readonly { readonly ip?: string }[] };
  const isOwn = [clusterIP, ...externalIPs, ...ingress.map(({ ip = "" }) => ip)].includes(destination) && !isNode;
  const found = ports.find(
    ({ protocol: own = "TCP", port, nodePort = 0 }) =>
      own === protocol && ((isOwn && port === destinationPort) || (isNode && nodePort === destinationPort)),
  );
  return found ?? null;
}

/**
 * Whether the nodes' routes lead to an endpoint: its address is in its node's block. A Node that is made anew gets another
 * block, and pods that were there before keep their addresses; those in the network of their node have its address.
 */
export function isRouted(ledger: ClusterLedger, { nodeName = "", addresses }: Endpoint): boolean {
  const block = ledger.get<Node>("nodes", nodeName)?.object.spec?.podCIDR ?? "";
  const [base = "", bits = ""] = block.split("/");
  const size = 2 ** (32 - Number(bits));
  const blockOf = (address: string) =>
    Math.floor(address.split(".").reduce((number, part) => number * 256 + Number(part), 0) / size);
  return block !== "" && blockOf(addresses[0] ?? "") === blockOf(base);
}

/** Whether what comes by a plan is from outside, and not all may come so: the client may be one who may not. */
export function isGuarded(ledger: ClusterLedger, service: string, { target }: TrafficPlan): boolean {
  const spec = ledger.get<Service>("services", service)?.object.spec;
  return target.kind === "address" && (spec?.loadBalancerSourceRanges ?? []).length > 0;
}

/** Whether only the endpoints of one node count for what comes by a plan: the client may be at another. */
export function isLocalOnly(ledger: ClusterLedger, service: string, { target }: TrafficPlan): boolean {
  const spec = ledger.get<Service>("services", service)?.object.spec;
  const isExternal = target.kind === "node" || (target.kind === "address" && spec?.clusterIP !== target.address);
  return (isExternal ? spec?.externalTrafficPolicy : spec?.internalTrafficPolicy) === "Local";
}
