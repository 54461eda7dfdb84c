/** The endpoints that a service should have (staging/src/k8s.io/endpointslice/utils.go, util/controller_utils.go). */
import { canonicalJson } from "../../machinery/hash.ts";
import type {
  Container,
  Endpoint,
  EndpointSlice,
  Node,
  Pod,
  Service,
  ServicePort,
} from "../../machinery/kinds/index.ts";
import { isDeleting } from "../../machinery/meta.ts";
import { isPodReady, isPodTerminal } from "../../machinery/pods.ts";

export type EndpointPorts = NonNullable<EndpointSlice["ports"]>;

/** ShouldPodBeInEndpoints: not one that has run to its end, whose address may be another's by now, nor one without address. */
export function hasEndpoint(pod: Pod): boolean {
  if (isPodTerminal(pod)) return false;
  return addressOf(pod) !== "";
}

function addressOf(pod: Pod): string {
  return pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip ?? "";
}

/** podToEndpoint: "ready" is never true of one that terminates, unless all addresses are to be published. */
export function endpointOf(pod: Pod, node: Node | null, service: Service): Endpoint {
  const serving = isPodReady(pod);
  const terminating = isDeleting(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { name, namespace = "", uid = "" } = pod.metadata;
  const zone = node?.metadata.labels?.["topology.kubernetes.io/zone"];
  const { nodeName, hostname } = pod.spec;
  return {
    addresses: [addressOf(pod)],
    conditions: { ready, serving, terminating },
    targetRef: { kind: "Pod", namespace, name, uid },
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(hostname !== undefined && hasHostname(pod, service) ? { hostname } : {}),
    ...(ready ? hintsOf(service, nodeName, zone) : {}),
  };
}

/** trafficdist.go, ReconcileHintsForSlices: a ready endpoint is for the clients of its own zone, or of its node first. */
function hintsOf({ spec }: Service, node: string | undefined, zone: string | undefined): Pick<Endpoint, "hints"> {
  const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] };
  const forNodes = node === undefined ? {} : { forNodes: [{ name: node }] };
  switch (spec.trafficDistribution) {
    case "PreferClose":
    case "PreferSameZone":
      return zone === undefined ? {} : { hints: forZones };
    case "PreferSameNode":
      return node === undefined ? {} : { hints: { ...forNodes, ...forZones } };
    default:
      return {};
  }
}

/** ShouldSetHostname. */
function hasHostname({ spec, metadata }: Pod, service: Service): boolean {
  if (spec.hostname === undefined || spec.hostname === "") return false;
  return spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace;
}

/** hashEndpoint: by which an endpoint is found again, whatever else of it has changed. */
export function endpointKey({ addresses, hostname, targetRef }: Endpoint): string {
  return `${addresses.toSorted().join(",")}|${hostname ?? ""}|${targetRef?.namespace ?? ""}`;
}

/** getEndpointPorts: by pod, since a named port may be another number in each. A port that is not found is left out. */
export function portsOf(service: Service, pod: Pod): EndpointPorts {
  const ports: EndpointPorts[number][] = [];
  for (const servicePort of service.spec.ports ?? []) {
    const port = findPort(pod, servicePort);
    if (port === null) continue;
    const { name = "", protocol = "TCP", appProtocol } = servicePort;
    ports.push({ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  return ports;
}

/** kubernetes pkg/api/v1/pod/util.go, FindPort. */
function findPort(pod: Pod, { targetPort, port, protocol = "TCP" }: ServicePort): number | null {
  if (targetPort === undefined) return port;
  if (typeof targetPort === "number") return targetPort === 0 ? port : targetPort;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return namedPort(pod.spec.containers, targetPort, protocol) ?? namedPort(sidecars, targetPort, protocol);
}

function namedPort(containers: readonly Container[], name: string, protocol: string): number | null {
  for (const { ports } of containers)
    for (const port of ports ?? [])
      if (port.name === name && (port.protocol ?? "TCP") === protocol) return port.containerPort;
  return null;
}

/** NewPortMapKey: equal for lists of the same ports. */
export function portsKey(ports: EndpointPorts | undefined): string {
  return (ports ?? []).map(canonicalJson).sort().join(";");
}
