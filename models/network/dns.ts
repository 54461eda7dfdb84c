/**
 * The names of a cluster: a pure function of its services and slices (kubernetes/dns docs/specification.md; coredns
 * plugin/kubernetes).
 */
import type { Endpoint, EndpointSlice, Service } from "../machinery/kinds/index.ts";
import { parseAddress } from "../machinery/net/index.ts";
import type { DnsRecord, DnsResult, DnsType } from "./types.ts";

/** What the server knows. */
export interface DnsView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | null;
  slices(namespace: string, name: string): readonly EndpointSlice[];
  /** For addresses that are asked for their names. */
  services(): readonly Service[];
}

export const NXDOMAIN: DnsResult = Object.freeze({ code: "NXDOMAIN", records: Object.freeze([]) as readonly [] });
export const NODATA: DnsResult = Object.freeze({ code: "NOERROR", records: Object.freeze([]) as readonly [] });
export const SERVFAIL: DnsResult = Object.freeze({ code: "SERVFAIL", records: Object.freeze([]) as readonly [] });

/** The answer to a question. What lies outside of the cluster's domain is nobody's here: SERVFAIL. */
export function answerOf(view: DnsView, domain: string, name: string, type: DnsType): DnsResult {
  const asked = name.replace(/\.$/, "").toLowerCase();
  if (type === "PTR") return reverse(view, domain, asked);
  if (!asked.endsWith(`.${domain}`)) return SERVFAIL;
  const labels = asked.slice(0, -domain.length - 1).split(".");
  const kind = labels.pop();
  const namespace = labels.pop();
  if (namespace === undefined || !view.hasNamespace(namespace)) return NXDOMAIN;
  if (kind === "pod") return ofPod(labels, asked, type);
  if (kind !== "svc") return NXDOMAIN;
  // The name of a namespace alone is there, and has no records.
  const service = labels.pop();
  if (service === undefined) return NODATA;
  return ofService(view, domain, namespace, service, labels, asked, type);
}

/** Spec 2.3, 2.4 and their records of ports; `front` is what stands before the name of the service. */
function ofService(
  view: DnsView,
  domain: string,
  namespace: string,
  name: string,
  front: readonly string[],
  asked: string,
  type: DnsType,
): DnsResult {
  const service = view.service(namespace, name);
  if (service === null) return NXDOMAIN;
  const suffix = `${name}.${namespace}.svc.${domain}`;
  if (service.spec.type === "ExternalName") {
    if (front.length > 0) return NXDOMAIN;
    return found([{ name: asked, type: "CNAME", value: service.spec.externalName ?? "" }]);
  }
  const slices = view.slices(namespace, name);
  if (front.length === 2) {
    const [port = "", protocol = ""] = front.map((label) => label.slice(1));
    if (!front.every((label) => label.startsWith("_"))) return NXDOMAIN;
    return typed(portRecords(service, slices, suffix, asked, { port, protocol }), type);
  }
  if (front.length > 1) return NXDOMAIN;
  const [host] = front;
  if (host === undefined && !isHeadless(service)) {
    if (type === "SRV") return typed(portRecords(service, slices, suffix, asked, null), type);
    return typed([addressRecord(asked, service.spec.clusterIP ?? "")], type);
  }
  const endpoints = readyEndpoints(slices).filter(({ label }) => host === undefined || label === host);
  if (endpoints.length === 0) return NXDOMAIN;
  if (type === "SRV" && host === undefined) return typed(portRecords(service, slices, suffix, asked, null), type);
  return typed(
    endpoints.map(({ address }) => addressRecord(asked, address)),
    type,
  );
}

function isHeadless({ spec }: Service): boolean {
  return (spec.clusterIP ?? "") === "" || spec.clusterIP === "None";
}

interface NamedEndpoint {
  /** `hostname`, or the address with dashes (endpointHostname). */
  readonly label: string;
  readonly address: string;
  readonly ports: NonNullable<EndpointSlice["ports"]>;
}

/** Ready endpoints, each address once, in the order of the addresses. */
function readyEndpoints(slices: readonly EndpointSlice[]): readonly NamedEndpoint[] {
  const byAddress = new Map<string, NamedEndpoint>();
  for (const { endpoints, ports = [] } of slices)
    for (const endpoint of endpoints ?? []) {
      const address = endpoint.addresses[0];
      if (address === undefined || endpoint.conditions?.ready === false) continue;
      const known = byAddress.get(address)?.ports ?? [];
      byAddress.set(address, { label: labelOf(endpoint, address), address, ports: [...known, ...ports] });
    }
  return [...byAddress.keys()].sort().map((address) => byAddress.get(address)!);
}

function labelOf({ hostname }: Endpoint, address: string): string {
  return hostname === undefined || hostname === "" ? address.replace(/[.:]/g, "-") : hostname;
}

/** Spec 2.3.2, 2.4.2: `_port._protocol.service…`; of headless services one for each endpoint. Null: all ports. */
function portRecords(
  service: Service,
  slices: readonly EndpointSlice[],
  suffix: string,
  asked: string,
  wanted: { readonly port: string; readonly protocol: string } | null,
): readonly DnsRecord[] {
  const isWanted = (name: string | undefined, protocol = "TCP"): boolean =>
    wanted === null || ((name ?? "") === wanted.port && protocol.toLowerCase() === wanted.protocol);
  const record = (port: number, target: string): DnsRecord => ({
    name: asked,
    type: "SRV",
    value: `0 100 ${port} ${target}`,
  });
  if (!isHeadless(service))
    return (service.spec.ports ?? [])
      .filter(({ name, protocol }) => isWanted(name, protocol))
      .map(({ port }) => record(port, suffix));
  return readyEndpoints(slices).flatMap(({ label, ports }) =>
    ports
      .filter(({ name, protocol, port }) => port !== undefined && isWanted(name, protocol))
      .map(({ port }) => record(port!, `${label}.${suffix}`)),
  );
}

/** Pods by their address with dashes, whether or not there is such a pod (pods insecure). */
function ofPod(front: readonly string[], asked: string, type: DnsType): DnsResult {
  const [label = ""] = front;
  const address =
    label.includes("--") || label.split("-").length > 4 ? label.replace(/-/g, ":") : label.replace(/-/g, ".");
  if (front.length !== 1 || parseAddress(address) === null) return NXDOMAIN;
  return typed([addressRecord(asked, address)], type);
}

function addressRecord(name: string, address: string): DnsRecord {
  return { name, type: address.includes(":") ? "AAAA" : "A", value: address };
}

/** The records of the type; where there are others only, the name is there and has none of it. No records: no such name. */
function typed(records: readonly DnsRecord[], type: DnsType): DnsResult {
  if (records.length === 0) return NXDOMAIN;
  const wanted = records.filter((record) => record.type === type);
  return wanted.length === 0 ? NODATA : found(wanted);
}

function found(records: readonly DnsRecord[]): DnsResult {
  return { code: "NOERROR", records };
}

/** Spec 2.3.3, 2.4.3: `9.0.96.10.in-addr.arpa`. */
function reverse(view: DnsView, domain: string, asked: string): DnsResult {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(asked);
  if (match === null) return SERVFAIL;
  const address = match.slice(1).reverse().join(".");
  const pointer = (value: string): DnsResult => found([{ name: asked, type: "PTR", value }]);
  const services = view.services();
  const suffixOf = ({ metadata }: Service) => `${metadata.name}.${metadata.namespace ?? ""}.svc.${domain}`;
  const service = services.find(({ spec }) => spec.clusterIP === address);
  if (service !== undefined) return pointer(suffixOf(service));
  const names = services.flatMap((one) =>
    readyEndpoints(view.slices(one.metadata.namespace ?? "", one.metadata.name))
      .filter((endpoint) => endpoint.address === address)
      .map(({ label }) => `${label}.${suffixOf(one)}`),
  );
  return names.length === 0 ? NXDOMAIN : found(names.map((value) => ({ name: asked, type: "PTR", value })));
}

/** The names that a resolver of a pod tries, in their order (resolv.conf of dnsPolicy ClusterFirst: ndots 5). */
export function searchNames(name: string, namespace: string, domain: string, ndots = 5): readonly string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const searched = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain].map((suffix) => `${name}.${suffix}`);
  const dots = name.split(".").length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}
