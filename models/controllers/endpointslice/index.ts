/** Endpoints of services (kubernetes pkg/controller/endpointslice/endpointslice_controller.go). */
import { emptyOrderedMap, mapDelete } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { createRequest, deleteRequest, updateRequest } from "../../machinery/client/requests.ts";
import type { InformerEvent, InformerSpec } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { EndpointSlice, Pod, Service, StringMap } from "../../machinery/kinds/index.ts";
import { isDeleting, keyOf } from "../../machinery/meta.ts";
import { isPodReady, isPodTerminal } from "../../machinery/pods.ts";
import { isNamespaceTerminating, isNotFound, isSuccess, objectOf } from "../../machinery/status.ts";
import { type Controller, DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import { CONTROLLER, MANAGED_BY, planFor, SERVICE_NAME } from "./reconcile.ts";
import { deletionSeen, isForeign, isStale, sliceDeleted, sliceWritten } from "./tracker.ts";
import {
  ENDPOINT_SLICE_DEFAULTS,
  type EndpointSliceConfig,
  type EndpointSliceState,
  type EndpointSliceTask,
  type SliceTurn,
} from "./types.ts";

export { NOTE_NAMES as ENDPOINT_SLICE_NOTES } from "./notes.ts";
export { ENDPOINT_SLICE_DEFAULTS } from "./types.ts";

const informer = (resource: string, indexes: InformerSpec["indexes"] = []): InformerSpec => ({
  resource,
  labelSelector: "",
  fieldSelector: "",
  indexes,
  resyncUs: 0,
});

/** Keys are those of services. */
export const endpointSlice: Controller<EndpointSliceState, EndpointSliceTask, EndpointSliceConfig> = {
  name: "endpointslice",
  informers: [informer("services"), informer("pods"), informer("nodes"), informer("endpointslices", ["byService"])],
  workers: 5,
  defaults: ENDPOINT_SLICE_DEFAULTS,
  initial: { tracker: emptyOrderedMap() },
  observe,
  sync,
  answered,
};

function observe(turn: SliceTurn, event: InformerEvent): void {
  switch (event.resource) {
    case "services":
      turn.enqueue(event.key);
      return;
    case "pods":
      podChanged(turn, event);
      return;
    // Its own slices as well: somebody may change or delete them (kubernetes#85353).
    case "endpointslices":
      sliceChanged(turn, event);
      return;
    default:
      return;
  }
}

/** GetServicesToUpdateOnPodChange. */
function podChanged(turn: SliceTurn, event: InformerEvent): void {
  const pod = event.object as Pod;
  const old = event.old as Pod | null;
  const labelsChanged = old === null || !deepEqual(old.metadata.labels ?? {}, pod.metadata.labels ?? {});
  if (event.type !== "deleted" && !labelsChanged && !hasChanged(old, pod)) return;
  for (const service of turn.view<Service>("services").list(pod.metadata.namespace)) {
    if (
      selects(service, pod.metadata.labels) ||
      (labelsChanged && old !== null && selects(service, old.metadata.labels))
    )
      turn.enqueueAfter(keyOf(service), turn.config.updatesBatchUs);
  }
}

/** podEndpointsChanged: what endpoints are made of. */
function hasChanged(old: Pod, pod: Pod): boolean {
  return (
    old.metadata.uid !== pod.metadata.uid ||
    isDeleting(old) !== isDeleting(pod) ||
    isPodReady(old) !== isPodReady(pod) ||
    isPodTerminal(old) !== isPodTerminal(pod) ||
    old.status?.podIP !== pod.status?.podIP ||
    old.spec.nodeName !== pod.spec.nodeName
  );
}

function selects(service: Service, labels: StringMap | undefined): boolean {
  const { selector } = service.spec;
  if (selector === undefined || service.spec.type === "ExternalName") return false;
  return Object.keys(selector).every((key) => labels?.[key] === selector[key]);
}

/** onEndpointSliceAdd, Update, Delete: only what this controller has not done itself. */
function sliceChanged(turn: SliceTurn, { type, object, old }: InformerEvent): void {
  const slice = object as EndpointSlice;
  const service = serviceOf(slice);
  const before = old === null ? null : serviceOf(old as EndpointSlice);
  if (before !== null && before !== service) later(turn, before);
  if (service === null) return;
  if (type === "deleted") {
    const [tracker, expected] = deletionSeen(turn.state.tracker, service, slice);
    turn.state = { tracker };
    if (!expected) later(turn, service);
    return;
  }
  if (before !== service || isForeign(turn.state.tracker, service, slice)) later(turn, service);
}

/** The key of the service of a slice that this controller manages, or null. */
function serviceOf({ metadata }: EndpointSlice): string | null {
  if (metadata.labels?.[MANAGED_BY] !== CONTROLLER) return null;
  const name = metadata.labels[SERVICE_NAME];
  return name === undefined || name === "" ? null : `${metadata.namespace ?? ""}/${name}`;
}

function later(turn: SliceTurn, service: string): void {
  turn.note(note.foreignEdit);
  turn.enqueueAfter(service, Math.max(turn.config.sliceChangeDelayUs, turn.config.updatesBatchUs));
}

/** syncService. */
function sync(turn: SliceTurn, key: string): Outcome<EndpointSliceTask> {
  const service = turn.view<Service>("services").byKey(key);
  if (service === null) {
    // Its slices go with it: it owns them.
    turn.state = { tracker: mapDelete(turn.state.tracker, key) };
    return DONE;
  }
  if (service.spec.type === "ExternalName" || service.spec.selector === undefined) return DONE;
  const slices = turn
    .view<EndpointSlice>("endpointslices")
    .byIndex("byService", key)
    .filter((slice) => serviceOf(slice) !== null && !isDeleting(slice));
  if (isStale(turn.state.tracker, key, slices)) {
    turn.note(note.stale);
    return retry("EndpointSlice informer cache is out of date");
  }
  const pods = turn
    .view<Pod>("pods")
    .list(service.metadata.namespace)
    .filter((pod) => selects(service, pod.metadata.labels));
  const plan = planFor(turn, service, pods, slices);
  // A service that is being deleted gets no new slices, or they would race with the garbage collector.
  return next(turn, isDeleting(service) ? { ...plan, create: [] } : plan);
}

function next(turn: SliceTurn, task: EndpointSliceTask): Outcome<EndpointSliceTask> {
  const { create, update, remove } = task;
  if (create.length > 0) {
    turn.note(note.created);
    return { kind: "call", request: createRequest(create[0]!), task };
  }
  if (update.length > 0) {
    turn.note(note.updated);
    return { kind: "call", request: updateRequest(update[0]!), task };
  }
  if (remove.length > 0) {
    turn.note(note.deleted);
    const { namespace = "", name, uid } = remove[0]!.metadata;
    const options = uid === undefined ? {} : { preconditions: { uid } };
    return { kind: "call", request: deleteRequest("endpointslices", namespace, name, options), task };
  }
  return task.incomplete ? retry("a pod's node is not known") : DONE;
}

function answered(
  turn: SliceTurn,
  key: string,
  task: EndpointSliceTask,
  response: ApiResponse | null,
): Outcome<EndpointSliceTask> {
  const { create, update, remove } = task;
  const written = objectOf<EndpointSlice>(response);
  if (create.length > 0) {
    if (isNamespaceTerminating(response)) return DONE;
    if (written === null) return retry(errorOf(response));
    turn.state = { tracker: sliceWritten(turn.state.tracker, key, written) };
    return next(turn, { ...task, create: create.slice(1) });
  }
  if (update.length > 0) {
    if (written === null) return retry(errorOf(response));
    turn.state = { tracker: sliceWritten(turn.state.tracker, key, written) };
    return next(turn, { ...task, update: update.slice(1) });
  }
  if (!isSuccess(response) && !isNotFound(response)) return retry(errorOf(response));
  if (isSuccess(response)) turn.state = { tracker: sliceDeleted(turn.state.tracker, key, remove[0]!) };
  return next(turn, { ...task, remove: remove.slice(1) });
}
