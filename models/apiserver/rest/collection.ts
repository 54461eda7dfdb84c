import type { DeleteCollectionRequest } from "../../machinery/api.ts";
import { keyOf } from "../../machinery/meta.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import { parseFieldSelector, parseLabelSelector } from "../../machinery/selectors.ts";
import { badRequest } from "../../machinery/status.ts";
import { passes } from "../cacher/matching.ts";
import { note } from "../notes.ts";
import { type CallOutcome, callStore } from "../storage/calls.ts";
import { rangeOf } from "../storage/keys.ts";
import { readRange } from "../storage/requests.ts";
import type { ServerTurn } from "../turn.ts";
import type { Flight } from "../types.ts";
import { storeFailure } from "./answers.ts";
import { admissionRefusal } from "./chain.ts";
import { beginWrite } from "./write.ts";

/**
 * registry/store.go, DeleteCollection: what is there is listed, and then deleted one by one. The answer is what was
 * listed.
 */
export function startCollection(turn: ServerTurn, flight: Flight, request: DeleteCollectionRequest): void {
  if (parseLabelSelector(request.labelSelector) === null || parseFieldSelector(request.fieldSelector) === null) {
    turn.refuse(flight, badRequest("unable to parse selector"));
    return;
  }
  const refused = admissionRefusal(turn, flight, null, null);
  if (refused !== null) {
    turn.refuse(flight, refused);
    return;
  }
  turn.setFlight({ ...flight, stage: { kind: "collect" } });
  callStore(turn, "flight", flight.id, readRange(rangeOf(resourceNamed(request.resource), request.namespace), 0, 0));
}

/** The collection was read. */
export function collectionRead(turn: ServerTurn, flight: Flight, response: CallOutcome): void {
  if (response === null || response.kind !== "range") {
    turn.refuse(flight, storeFailure(response?.kind === "error" ? response.code : null));
    return;
  }
  const request = flight.request as DeleteCollectionRequest;
  const info = resourceNamed(request.resource);
  const filter = {
    namespace: request.namespace,
    labels: parseLabelSelector(request.labelSelector)!,
    fields: parseFieldSelector(request.fieldSelector)!,
  };
  const listed = response.kvs.map((kv) => turn.decode(kv)).filter((object) => passes(turn, info, filter, object));
  const left = listed.map((object) => ({ key: keyOf(object), uid: object.metadata.uid ?? "" }));
  collectNext(turn, { ...flight, left, listed });
}

/** Deletes the next object of a collection: the one that was listed, not another of the same name. */
export function collectNext(turn: ServerTurn, flight: Flight): void {
  const request = flight.request as DeleteCollectionRequest;
  const [next, ...left] = flight.left;
  if (next === undefined) {
    turn.note(note.collectionDeleted);
    turn.finish(flight, {
      kind: "list",
      items: flight.listed,
      resourceVersion: "",
      continue: "",
      remainingItemCount: -1,
    });
    return;
  }
  const { options } = request;
  const preconditions = { ...options.preconditions, uid: next.uid };
  beginWrite(turn, { ...flight, left }, request.resource, next.key, {
    kind: "delete",
    options: { ...options, preconditions },
  });
}
