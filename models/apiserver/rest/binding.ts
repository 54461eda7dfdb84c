import type { CreateRequest } from "../../machinery/api.ts";
import { withCondition } from "../../machinery/conditions.ts";
import type { Binding, KubeObject, Pod } from "../../machinery/kinds/index.ts";
import { failure, notFound, uidConflict, versionConflict } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { note } from "../notes.ts";
import type { ServerTurn } from "../turn.ts";
import type { Flight } from "../types.ts";
import { admissionRefusal } from "./chain.ts";
import { type Outcome, refusal } from "./write.ts";

/**
 * registry/core/pod/storage, setPodNodeAndMetadata: a pod gets its node once, and not while it is being deleted or is
 * held by scheduling gates.
 */
export function bindingOf(turn: ServerTurn, flight: Flight, existing: KubeObject | null): Outcome {
  const request = flight.request as CreateRequest;
  const binding = request.object as Binding;
  if (existing === null) return refusal(notFound("pods", request.name));
  const pod = existing as Pod;
  const { uid, resourceVersion } = binding.metadata;
  if (uid !== undefined && uid !== pod.metadata.uid) {
    turn.note(note.uidConflict);
    return refusal(uidConflict("pods", request.name, uid, pod.metadata.uid ?? ""));
  }
  if (resourceVersion !== undefined && resourceVersion !== pod.metadata.resourceVersion)
    return refusal(versionConflict("pods", request.name, resourceVersion, pod.metadata.resourceVersion ?? ""));
  const flaw = flawOf(pod);
  if (flaw !== null) {
    turn.note(note.bindingRefused);
    const message = `Operation cannot be fulfilled on pods/binding "${request.name}": ${flaw}`;
    return refusal(failure("Conflict", 409, message, { name: request.name, kind: "pods/binding" }));
  }
  const refused = admissionRefusal(turn, flight, binding, pod);
  if (refused !== null) return refusal(refused);
  turn.note(note.bound);
  return { kind: "put", object: bound(turn, pod, binding), thenRemove: false };
}

function flawOf({ metadata, spec }: Pod): string | null {
  if (metadata.deletionTimestamp !== undefined)
    return `pod ${metadata.name} is being deleted, cannot be assigned to a host`;
  if (spec.nodeName !== undefined && spec.nodeName !== "")
    return `pod ${metadata.name} is already assigned to node "${spec.nodeName}"`;
  if ((spec.schedulingGates ?? []).length > 0) return `pod ${metadata.name} has non-empty .spec.schedulingGates`;
  return null;
}

/** The spec has changed, so that the generation grows; the nomination has served (ClearingNominatedNodeNameAfterBinding). */
function bound(turn: ServerTurn, pod: Pod, binding: Binding): Pod {
  const annotations = binding.metadata.annotations;
  const { generation } = pod.metadata;
  const condition = { type: "PodScheduled", status: "True" as const };
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(generation === undefined ? {} : { generation: generation + 1 }),
      ...(annotations === undefined ? {} : { annotations: { ...pod.metadata.annotations, ...annotations } }),
    },
    spec: { ...pod.spec, nodeName: binding.target.name },
    status: { ...status, conditions: withCondition(status.conditions, condition, timeOf(turn.wall)) },
  };
}
