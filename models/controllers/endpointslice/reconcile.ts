/** What slices have to be written, as few as may be (staging/src/k8s.io/endpointslice/reconciler.go). */
import { deepEqual } from "../../machinery/equality.ts";
import type { Endpoint, EndpointSlice, Node, Pod, Service, StringMap } from "../../machinery/kinds/index.ts";
import { controllerReference, isControlledBy, withMeta } from "../../machinery/meta.ts";
import { type EndpointPorts, endpointKey, endpointOf, hasEndpoint, portsKey, portsOf } from "./endpoints.ts";
import { note } from "./notes.ts";
import type { SliceTurn } from "./types.ts";

export const SERVICE_NAME = "kubernetes.io/service-name";
export const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
export const CONTROLLER = "endpointslice-controller.k8s.io";
const HEADLESS = "service.kubernetes.io/headless";

export interface Plan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
  /** A pod's node is not in the cache: the service is looked at again later. */
  readonly incomplete: boolean;
}

/** The endpoints of one set of ports. */
interface Group {
  readonly ports: EndpointPorts;
  /** By {@link endpointKey}. */
  readonly endpoints: Map<string, Endpoint>;
}

/** Reconciler.reconcileByAddressType and finalize. */
export function planFor(
  turn: SliceTurn,
  service: Service,
  pods: readonly Pod[],
  slices: readonly EndpointSlice[],
): Plan {
  const { groups, incomplete } = desiredGroups(turn, service, pods);
  const existing = new Map<string, EndpointSlice[]>();
  const remove: EndpointSlice[] = [];
  for (const slice of slices) {
    // One of a service of that name that was there before: the garbage collector may be about to delete it.
    if (!isControlledBy(slice, service)) {
      turn.note(note.otherOwner);
      remove.push(slice);
      continue;
    }
    const key = portsKey(slice.ports);
    existing.set(key, [...(existing.get(key) ?? []), slice]);
  }
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  for (const [key, group] of groups) {
    const planned = planGroup(turn, service, group, existing.get(key) ?? []);
    create.push(...planned.create);
    update.push(...planned.update);
    remove.push(...planned.remove);
  }
  for (const [key, unwanted] of existing) if (!groups.has(key)) remove.push(...unwanted);
  if (slices.length === remove.length && create.length === 0) {
    const placeholder = newSlice(service, []);
    if (remove.length === 1 && isSamePlaceholder(remove[0]!, placeholder)) remove.length = 0;
    else {
      turn.note(note.placeholder);
      create.push(placeholder);
    }
  }
  return { ...recycled(turn, service, create, update, remove), incomplete };
}

function desiredGroups(turn: SliceTurn, service: Service, pods: readonly Pod[]) {
  const groups = new Map<string, Group>();
  let incomplete = false;
  for (const pod of pods) {
    if (!hasEndpoint(pod)) continue;
    const ports = portsOf(service, pod);
    if (ports.length < (service.spec.ports ?? []).length) turn.note(note.portUnknown);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Map() };
    groups.set(key, group);
    const node = pod.spec.nodeName === undefined ? null : turn.view<Node>("nodes").get("", pod.spec.nodeName);
    if (node === null && pod.spec.nodeName !== undefined) {
      turn.note(note.nodeUnknown);
      incomplete = true;
      if (service.spec.publishNotReadyAddresses !== true) continue;
    }
    const endpoint = endpointOf(pod, node, service);
    group.endpoints.set(endpointKey(endpoint), endpoint);
  }
  return { groups, incomplete };
}

type Planned = Omit<Plan, "incomplete">;

/** Reconciler.reconcileByPortMapping. */
function planGroup(turn: SliceTurn, service: Service, group: Group, existing: readonly EndpointSlice[]): Planned {
  const missing = new Map(group.endpoints);
  const changed: EndpointSlice[] = [];
  const same: EndpointSlice[] = [];
  const remove: EndpointSlice[] = [];
  for (const slice of existing) {
    const kept: Endpoint[] = [];
    for (const endpoint of slice.endpoints) {
      const wanted = missing.get(endpointKey(endpoint));
      if (wanted === undefined) continue;
      kept.push(wanted);
      missing.delete(endpointKey(endpoint));
    }
    const labels = labelsOf(service);
    if (!deepEqual(kept, slice.endpoints)) {
      if (kept.length === 0) remove.push(slice);
      else changed.push(withMeta({ ...slice, endpoints: kept }, { labels }));
    } else if (!deepEqual(labels, slice.metadata.labels)) changed.push(withMeta(slice, { labels }));
    else same.push(slice);
  }
  const { maxEndpointsPerSlice } = turn.config;
  const left = [...missing.values()];
  // The fullest of those that are written anyway first.
  const update = changed
    .toSorted((one, two) => two.endpoints.length - one.endpoints.length)
    .map((slice) => filled(slice, left, maxEndpointsPerSlice));
  const create: EndpointSlice[] = [];
  while (left.length > 0) {
    const room = left.length < maxEndpointsPerSlice ? sliceToFill(same, left.length, maxEndpointsPerSlice) : null;
    if (room === null) create.push(filled(newSlice(service, group.ports), left, maxEndpointsPerSlice));
    else {
      turn.note(note.filled);
      same.splice(same.indexOf(room), 1);
      update.push(filled(room, left, maxEndpointsPerSlice));
    }
  }
  return { create, update, remove };
}

/** Takes of what is left as much as there is room for. */
function filled(slice: EndpointSlice, left: Endpoint[], max: number): EndpointSlice {
  const room = Math.max(0, max - slice.endpoints.length);
  if (room === 0 || left.length === 0) return slice;
  return { ...slice, endpoints: [...slice.endpoints, ...left.splice(0, room)] };
}

/** getSliceToFill: the one that will be the fullest with all that is left. */
function sliceToFill(slices: readonly EndpointSlice[], count: number, max: number): EndpointSlice | null {
  let best: EndpointSlice | null = null;
  for (const slice of slices)
    if (slice.endpoints.length + count <= max && slice.endpoints.length > (best?.endpoints.length ?? -1)) best = slice;
  return best;
}

/** Reconciler.finalize: a slice that would go is written with what would be created. */
function recycled(
  turn: SliceTurn,
  service: Service,
  create: EndpointSlice[],
  update: EndpointSlice[],
  remove: readonly EndpointSlice[],
): Planned {
  const gone: EndpointSlice[] = [];
  for (const slice of remove) {
    const fresh = isControlledBy(slice, service) ? create.pop() : undefined;
    if (fresh === undefined) gone.push(slice);
    else {
      turn.note(note.replaced);
      update.push({
        ...withMeta(slice, { labels: labelsOf(service) }),
        endpoints: fresh.endpoints,
        ports: fresh.ports ?? [],
      });
    }
  }
  return { create, update, remove: gone };
}

function isSamePlaceholder(slice: EndpointSlice, placeholder: EndpointSlice): boolean {
  return (
    slice.endpoints.length === 0 &&
    (slice.ports ?? []).length === 0 &&
    deepEqual(slice.metadata.labels, placeholder.metadata.labels) &&
    deepEqual(slice.metadata.ownerReferences, placeholder.metadata.ownerReferences)
  );
}

/** newEndpointSlice. */
function newSlice(service: Service, ports: EndpointPorts): EndpointSlice {
  const { name, namespace = "" } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: "",
      generateName: `${name}-`,
      namespace,
      labels: labelsOf(service),
      ownerReferences: [controllerReference(service)],
    },
    addressType: "IPv4",
    endpoints: [],
    ports,
  };
}

/** setEndpointSliceLabels: those of the service, and its own. */
function labelsOf(service: Service): StringMap {
  return {
    ...service.metadata.labels,
    ...(service.spec.clusterIP === "None" ? { [HEADLESS]: "" } : {}),
    [SERVICE_NAME]: service.metadata.name,
    [MANAGED_BY]: CONTROLLER,
  };
}
