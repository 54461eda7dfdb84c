/**
 * What a controller expects to see in its caches after what it has done: until then it does not act on the key again
 * (kubernetes pkg/controller/controller_utils.go, ControllerExpectations and UIDTrackingControllerExpectations).
 */
import {
  emptyOrderedMap,
  type Micros,
  mapDelete,
  mapGet,
  mapHas,
  mapSet,
  type OrderedMap,
  orderedMapFrom,
} from "../../kernel/index.ts";

export interface Expectation {
  /** Creations and deletions that were not yet seen. Below 0 where more were seen than were expected. */
  readonly creations: number;
  readonly deletions: number;
  /** The objects whose deletion is expected, so that none is counted twice. */
  readonly deleted: OrderedMap<true>;
  /** Local monotonic time at which they were set. */
  readonly at: Micros;
}

/** By the key of the owner. */
export type Expectations = OrderedMap<Expectation>;

export const NO_EXPECTATIONS: Expectations = emptyOrderedMap<Expectation>();

/** controller_utils.go, ExpectationsTimeout: after it a controller acts on what it sees. */
export const EXPECTATIONS_TIMEOUT_US: Micros = 300_000_000;

/** SetExpectations: in the place of what was expected before. */
export function setExpectations(
  expectations: Expectations,
  key: string,
  creations: number,
  deletions: readonly string[],
  now: Micros,
): Expectations {
  const deleted = orderedMapFrom(deletions.map((object): readonly [string, true] => [object, true]));
  return mapSet(expectations, key, { creations, deletions: deletions.length, deleted, at: now });
}

/** ExpectCreations. */
export function expectCreations(expectations: Expectations, key: string, count: number, now: Micros): Expectations {
  return setExpectations(expectations, key, count, [], now);
}

/** UIDTrackingControllerExpectations.ExpectDeletions: of these objects. */
export function expectDeletions(
  expectations: Expectations,
  key: string,
  objects: readonly string[],
  now: Micros,
): Expectations {
  return setExpectations(expectations, key, 0, objects, now);
}

/** RaiseExpectations: more of them, at the time at which those before were set. */
export function raiseExpectations(
  expectations: Expectations,
  key: string,
  creations: number,
  deletions: readonly string[],
): Expectations {
  const old = mapGet(expectations, key);
  if (old === undefined) return expectations;
  let { deleted } = old;
  for (const object of deletions) deleted = mapSet(deleted, object, true);
  return mapSet(expectations, key, {
    creations: old.creations + creations,
    deletions: old.deletions + deletions.length,
    deleted,
    at: old.at,
  });
}

/** CreationObserved: an object was seen, or its creation has failed. */
export function creationObserved(expectations: Expectations, key: string): Expectations {
  return lowerCreations(expectations, key, 1);
}

/** LowerExpectations: so many creations will not happen. */
export function lowerCreations(expectations: Expectations, key: string, count: number): Expectations {
  const old = mapGet(expectations, key);
  if (old === undefined || count === 0) return expectations;
  return mapSet(expectations, key, {
    creations: old.creations - count,
    deletions: old.deletions,
    deleted: old.deleted,
    at: old.at,
  });
}

/** UIDTrackingControllerExpectations.DeletionObserved: only of objects whose deletion is expected, and once. */
export function deletionObserved(expectations: Expectations, key: string, object: string): Expectations {
  const old = mapGet(expectations, key);
  if (old === undefined || !mapHas(old.deleted, object)) return expectations;
  return mapSet(expectations, key, {
    creations: old.creations,
    deletions: old.deletions - 1,
    deleted: mapDelete(old.deleted, object),
    at: old.at,
  });
}

/** DeleteExpectations. */
export function forgetExpectations(expectations: Expectations, key: string): Expectations {
  return mapDelete(expectations, key);
}

/** SatisfiedExpectations: a controller acts if they are met, if they have expired, or if there are none. */
export function expectationsOf(
  expectations: Expectations,
  key: string,
  now: Micros,
  timeoutUs: Micros = EXPECTATIONS_TIMEOUT_US,
): "met" | "unmet" | "expired" {
  const expectation = mapGet(expectations, key);
  if (expectation === undefined || (expectation.creations <= 0 && expectation.deletions <= 0)) return "met";
  return now - expectation.at > timeoutUs ? "expired" : "unmet";
}
