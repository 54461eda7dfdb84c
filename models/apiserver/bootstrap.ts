import { mapGet } from "../kernel/index.ts";
import { createRequest } from "../machinery/client/requests.ts";
import type { KubeObject } from "../machinery/kinds/index.ts";
import { note } from "./notes.ts";
import { beginFlight } from "./rest/handler.ts";
import { isReadyToWrite, type ServerTurn } from "./turn.ts";

const SECOND_US = 1_000_000;
/** pkg/controlplane/controller/systemnamespaces: each minute. */
const INTERVAL_US = 60 * SECOND_US;

/** The namespaces that there always are (pkg/controlplane/instance.go, SystemNamespaces). */
export const SYSTEM_NAMESPACES: readonly KubeObject[] = [
  "kube-system",
  "kube-public",
  "kube-node-lease",
  "default",
].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));

/**
 * Each server sees to it that what must always be there is: the system's namespaces (systemnamespaces controller) and
 * priority classes (registry/scheduling/rest, AddSystemPriorityClasses). Two of them may try: the second finds it there.
 */
export function bootstrapWhenDue(turn: ServerTurn): void {
  if (turn.bootstrapAt > turn.now) return;
  if (!isReadyToWrite(turn)) {
    turn.bootstrapAt = turn.now + SECOND_US;
    return;
  }
  turn.bootstrapAt = turn.now + INTERVAL_US;
  for (const object of turn.rules.bootstrap) {
    const request = createRequest(object);
    const cache = turn.caches[turn.positionOf(request.resource)]!;
    if (mapGet(cache.objects, object.metadata.name) !== undefined) continue;
    turn.note(note.bootstrapped);
    // Answered to nobody.
    beginFlight(turn, "", turn.newId(), "system:apiserver", request);
  }
}
