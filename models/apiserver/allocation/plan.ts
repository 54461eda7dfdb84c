/** What a request makes a service take and give back (kubernetes pkg/registry/core/service/storage/alloc.go). */
import type { Service, ServicePort } from "../../machinery/kinds/index.ts";
import { sameAddress } from "../../machinery/net/index.ts";
import {
  allocatesNodePorts,
  heldIP,
  heldPorts,
  NONE_IP,
  needsClusterIP,
  needsHealthCheck,
  needsNodePort,
  saltOf,
} from "./service.ts";

export type RangeName = "serviceips" | "servicenodeports";

/** Where in the service an item goes. */
export type Place =
  | { readonly kind: "clusterIP" }
  | { readonly kind: "nodePort"; readonly ports: readonly number[] }
  | { readonly kind: "healthCheckNodePort" };

/** An item that is wanted. */
export interface Wish {
  /** This very one; empty: any. */
  readonly item: string;
  readonly place: Place;
  /** Of which the search for any begins. */
  readonly salt: string;
}

/** What is done to one range, in one write. */
export interface RangeChange {
  readonly range: RangeName;
  readonly take: readonly Wish[];
  readonly give: readonly string[];
}

/** `before`: the object is written only when this is done. `after`: it is done when the object has been written. */
export interface Plan {
  readonly before: readonly RangeChange[];
  readonly after: readonly RangeChange[];
}

/** allocateCreate. */
export function planOfCreate(service: Service): Plan {
  return planOf(ipWishes(service), [...portWishes(service, []), ...healthWishes(service, null)], [], []);
}

/** allocateUpdate: what is new is taken before, what is no longer needed is given back after ("ReleaseDeferred"). */
export function planOfUpdate(service: Service, old: Service): Plan {
  const isNew = !needsClusterIP(old.spec) && needsClusterIP(service.spec);
  const held = heldPorts(old);
  const kept = heldPorts(service);
  const before = heldIP(old);
  const after = heldIP(service);
  return planOf(
    isNew ? ipWishes(service) : [],
    [...portWishes(service, held), ...healthWishes(service, old)],
    before !== "" && after === "" && !needsClusterIP(service.spec) ? [before] : [],
    held.filter((port) => !kept.includes(port)).map(String),
  );
}

/**
 * releaseAllocatedResources, once the service is gone. What another service has as well stays taken, or it would be
 * handed out a third time (kubernetes#64466): `others` are those that there are.
 */
export function planOfDelete(service: Service, others: readonly Service[]): Plan {
  const rest = others.filter(({ metadata }) => metadata.uid !== service.metadata.uid);
  const ip = heldIP(service);
  const isShared = (port: number): boolean => rest.some((other) => heldPorts(other).includes(port));
  const isSharedIP = rest.some((other) => heldIP(other) !== "" && sameAddress(heldIP(other), ip));
  return planOf(
    [],
    [],
    ip === "" || isSharedIP ? [] : [ip],
    heldPorts(service)
      .filter((port) => !isShared(port))
      .map(String),
  );
}

function planOf(
  ips: readonly Wish[],
  ports: readonly Wish[],
  giveIPs: readonly string[],
  givePorts: readonly string[],
): Plan {
  return {
    before: [...changeOf("serviceips", ips, []), ...changeOf("servicenodeports", ports, [])],
    after: [...changeOf("serviceips", [], giveIPs), ...changeOf("servicenodeports", [], givePorts)],
  };
}

function changeOf(range: RangeName, take: readonly Wish[], give: readonly string[]): readonly RangeChange[] {
  return take.length === 0 && give.length === 0 ? [] : [{ range, take, give }];
}

/** allocClusterIPs: neither ExternalName nor headless. */
function ipWishes(service: Service): readonly Wish[] {
  const { spec } = service;
  if (!needsClusterIP(spec) || spec.clusterIP === NONE_IP) return [];
  return [{ item: spec.clusterIP ?? "", place: { kind: "clusterIP" }, salt: saltOf(service, "ip") }];
}

/**
 * initNodePorts, updateNodePorts: a port that names a number wants it, unless the service has it already. Ports of one
 * number and several protocols share a node port.
 */
function portWishes(service: Service, held: readonly number[]): readonly Wish[] {
  const { spec } = service;
  if (!needsNodePort(spec)) return [];
  const ports = spec.ports ?? [];
  const wishes: Wish[] = [];
  const said = new Set<number>();
  ports.forEach(({ nodePort = 0 }, at) => {
    if (nodePort === 0 || held.includes(nodePort) || said.has(nodePort)) return;
    said.add(nodePort);
    wishes.push({ item: String(nodePort), place: { kind: "nodePort", ports: [at] }, salt: "" });
  });
  if (!allocatesNodePorts(spec)) return wishes;
  const open = new Map<number, number[]>();
  ports.forEach((port, at) => {
    if ((port.nodePort ?? 0) !== 0 || sharedNodePort(ports, port) !== 0) return;
    open.set(port.port, [...(open.get(port.port) ?? []), at]);
  });
  for (const [port, places] of open)
    wishes.push({ item: "", place: { kind: "nodePort", ports: places }, salt: saltOf(service, `port ${port}`) });
  return wishes;
}

/** findRequestedNodePort: of another port of that number, which another protocol has. */
function sharedNodePort(ports: readonly ServicePort[], { port, protocol = "TCP" }: ServicePort): number {
  const other = ports.find((one) => one.port === port && (one.protocol ?? "TCP") !== protocol && one.nodePort);
  return other?.nodePort ?? 0;
}

/** allocHealthCheckNodePort, updateHealthCheckNodePort. */
function healthWishes(service: Service, old: Service | null): readonly Wish[] {
  if (!needsHealthCheck(service.spec) || (old !== null && needsHealthCheck(old.spec))) return [];
  const { healthCheckNodePort = 0 } = service.spec;
  const item = healthCheckNodePort === 0 ? "" : String(healthCheckNodePort);
  return [{ item, place: { kind: "healthCheckNodePort" }, salt: saltOf(service, "health") }];
}

/** The service with what it was given. */
export function fulfilled(service: Service, wish: Wish, item: string): Service {
  const { spec } = service;
  switch (wish.place.kind) {
    case "clusterIP":
      return { ...service, spec: { ...spec, clusterIP: item, clusterIPs: [item] } };
    case "healthCheckNodePort":
      return { ...service, spec: { ...spec, healthCheckNodePort: Number(item) } };
    case "nodePort": {
      const { ports: places } = wish.place;
      const ports = (spec.ports ?? []).map((port, at) =>
        places.includes(at) ? { ...port, nodePort: Number(item) } : port,
      );
      return { ...service, spec: { ...spec, ports } };
    }
  }
}

/** Ports that share the number of another one, once that is known. */
export function withSharedPorts(service: Service): Service {
  const { ports = [] } = service.spec;
  if (!allocatesNodePorts(service.spec) || ports.every(({ nodePort = 0 }) => nodePort !== 0)) return service;
  const filled = ports.map((port) => {
    const shared = (port.nodePort ?? 0) === 0 ? sharedNodePort(ports, port) : 0;
    return shared === 0 ? port : { ...port, nodePort: shared };
  });
  return { ...service, spec: { ...service.spec, ports: filled } };
}
