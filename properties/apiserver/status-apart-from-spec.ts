import type { PatchRequest, UpdateRequest } from "../../models/machinery/api.ts";
import type { UnstructuredObject } from "../../models/machinery/kinds/index.ts";
import { resourceNamed } from "../../models/machinery/resources.ts";
import { callLedgerOf, keyOfRequest, objectAnswered } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { same } from "../cluster/objects.ts";

/** S16. What is written to the status subresource changes no spec, and what is written to the object no status. */
export const statusApartFromSpec: ClusterProperty = {
  id: "apiserver/status-apart-from-spec",
  kind: "always",
  source:
    'kubernetes api-conventions, Spec and Status: "The PUT and POST verbs on objects MUST ignore the status values", and the status subresource ignores all else',
  monitor(context) {
    const calls = callLedgerOf(context);
    calls.listen({
      answered({ from, request }, response) {
        if ((request.verb !== "update" && request.verb !== "patch") || request.dryRun) return;
        if (request.subresource !== "" && request.subresource !== "status") return;
        if (!resourceNamed(request.resource).hasStatus) return;
        const written = objectAnswered(response)?.metadata.resourceVersion;
        if (written === undefined) return;
        const key = keyOfRequest(request);
        const change = calls.ledger.changeOf(request.resource, key, Number(written));
        const before = change?.before as UnstructuredObject | null | undefined;
        const after = change?.after as UnstructuredObject | null | undefined;
        if (!before || !after) return;
        const field = request.subresource === "status" ? "spec" : "status";
        if (!same(before[field], after[field]) && comesFrom(request, field, after[field]))
          context.violate(
            `${request.verb} of ${request.subresource === "status" ? "the status of " : ""}${request.resource} ${key} by ${from} has changed its ${field}`,
            { revision: change!.revision },
          );
      },
    });
    return calls.with();
  },
};

/**
 * Whether what is stored now may be what the request said. A request that changes nothing is answered with the version
 * that another has written meanwhile.
 */
function comesFrom(request: UpdateRequest | PatchRequest, field: "spec" | "status", stored: unknown): boolean {
  if (request.verb === "update") return same((request.object as UnstructuredObject)[field], stored);
  return (request.patch as Readonly<Record<string, unknown>> | null)?.[field] !== undefined;
}
