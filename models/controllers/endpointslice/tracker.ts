/**
 * What the controller has written itself, so that it notices a cache that has not seen it yet
 * (staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go).
 */
import { mapDelete, mapGet, mapSet, type OrderedMap } from "../../kernel/index.ts";
import type { EndpointSlice, Uid } from "../../machinery/kinds/index.ts";

/** The generation at which a slice was last written; -1: it was deleted. */
interface Written {
  readonly uid: Uid;
  readonly generation: number;
}

const DELETED = -1;

/** By service. */
export type Tracker = OrderedMap<readonly Written[]>;

function uidOf(slice: EndpointSlice): Uid {
  return slice.metadata.uid ?? "";
}

function generationOf(slice: EndpointSlice): number {
  return slice.metadata.generation ?? 1;
}

function withWritten(tracker: Tracker, service: string, uid: Uid, generation: number): Tracker {
  const others = (mapGet(tracker, service) ?? []).filter((one) => one.uid !== uid);
  return mapSet(tracker, service, [...others, { uid, generation }]);
}

/** Update. */
export function sliceWritten(tracker: Tracker, service: string, slice: EndpointSlice): Tracker {
  return withWritten(tracker, service, uidOf(slice), generationOf(slice));
}

/** ExpectDeletion. */
export function sliceDeleted(tracker: Tracker, service: string, slice: EndpointSlice): Tracker {
  return withWritten(tracker, service, uidOf(slice), DELETED);
}

/** HandleDeletion: what is left to expect, and whether the deletion was this controller's own. */
export function deletionSeen(tracker: Tracker, service: string, slice: EndpointSlice): readonly [Tracker, boolean] {
  const written = mapGet(tracker, service);
  const found = written?.find(({ uid }) => uid === uidOf(slice));
  if (written === undefined || found === undefined) return [tracker, true];
  const left = written.filter((one) => one !== found);
  return [
    left.length === 0 ? mapDelete(tracker, service) : mapSet(tracker, service, left),
    found.generation === DELETED,
  ];
}

/** ShouldSync: the slice is newer than what this controller has written. */
export function isForeign(tracker: Tracker, service: string, slice: EndpointSlice): boolean {
  const found = mapGet(tracker, service)?.find(({ uid }) => uid === uidOf(slice));
  return found === undefined || generationOf(slice) > found.generation;
}

/** StaleSlices: one is older than it was written, still there though deleted, or not there though written. */
export function isStale(tracker: Tracker, service: string, slices: readonly EndpointSlice[]): boolean {
  const written = mapGet(tracker, service);
  if (written === undefined) return false;
  const generations = new Map(slices.map((slice) => [uidOf(slice), generationOf(slice)]));
  return written.some(({ uid, generation }) => {
    const seen = generations.get(uid);
    return generation === DELETED ? seen !== undefined : seen === undefined || seen < generation;
  });
}
