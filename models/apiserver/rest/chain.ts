import { mapGet } from "../../kernel/index.ts";
import type { Status } from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { keyFor } from "../../machinery/meta.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import { badRequest, invalid } from "../../machinery/status.ts";
import { rangeInCache } from "../cacher/reading.ts";
import { note } from "../notes.ts";
import type { AdmissionContext, FieldError } from "../strategy.ts";
import type { ServerTurn } from "../turn.ts";
import type { Flight } from "../types.ts";

/** What admission sees: the caches, and a namespace that was just looked up. */
function contextOf(turn: ServerTurn, flight: Flight): AdmissionContext {
  return {
    user: flight.user,
    get(resource, namespace, name) {
      const { live } = flight;
      if (resource === "namespaces" && live?.kind === "Namespace" && live.metadata.name === name) return live;
      const cache = turn.caches[turn.positionOf(resource)];
      return cache === undefined ? null : (mapGet(cache.objects, keyFor(namespace, name)) ?? null);
    },
    list(resource, namespace) {
      const cache = turn.caches[turn.positionOf(resource)];
      if (cache === undefined) return [];
      const everything = { namespace, labels: { nothing: false, requirements: [] }, fields: [] };
      return rangeInCache(turn, resourceNamed(resource), cache, everything);
    },
  };
}

/** The object as the plugins that may change it leave it (admission.MutationInterface). */
export function admit(turn: ServerTurn, flight: Flight, object: KubeObject, old: KubeObject | null): KubeObject {
  const context = contextOf(turn, flight);
  let admitted = object;
  for (const plugin of turn.rules.admission)
    if (plugin.admit !== undefined) admitted = plugin.admit(context, flight.request, admitted, old) ?? admitted;
  return admitted;
}

/** Why a plugin will not have it, or null (admission.ValidationInterface). */
export function admissionRefusal(
  turn: ServerTurn,
  flight: Flight,
  object: KubeObject | null,
  old: KubeObject | null,
): Status | null {
  const context = contextOf(turn, flight);
  for (const plugin of turn.rules.admission) {
    const refusal = plugin.validate?.(context, flight.request, object, old) ?? null;
    if (refusal === null) continue;
    turn.note(note.refusedByAdmission);
    return refusal;
  }
  return null;
}

/** 400 or 422 for an object that breaks the rules of its kind; null where there is no error. */
export function invalidity(
  turn: ServerTurn,
  object: KubeObject,
  resource: string,
  errors: readonly FieldError[],
): Status | null {
  if (errors.length === 0) return null;
  turn.note(note.invalid);
  // What cannot be decoded is no object at all (endpoints/handlers, transformDecodeError).
  if (errors.every(({ reason }) => reason === "FieldValueTypeInvalid"))
    return badRequest(errors.map(({ field, message }) => `${field}: ${message}`).join(", "));
  const kind = resourceNamed(resource).kind || object.kind;
  return invalid(resource, kind, object.metadata.name, errors);
}
