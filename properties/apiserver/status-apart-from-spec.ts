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
        if (written === undefined || !isWrite(request, written)) return;
        const key = keyOfRequest(request);
        const change = calls.ledger.changeOf(request.resource, key, Number(written));
        const before = change?.before as UnstructuredObject | null | undefined;
        const after = change?.after as UnstructuredObject | null | undefined;
        if (!before || !after) return;
        const field = request.subresource === "status" ? "spec" : "status";
        if (!same(before[field], after[field]))
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
 * Whether the version in an answer is that of the write that was asked for: a request that changes nothing is answered
 * with the version that is there, which another has written. An update tells it by the version that it names; a patch
 * that does not name the field it may not touch cannot be at fault.
 */
function isWrite(request: UpdateRequest | PatchRequest, written: string): boolean {
  if (request.verb === "update") {
    const named = request.object.metadata.resourceVersion ?? "";
    return named !== "" && named !== written;
  }
  const field = request.subresource === "status" ? "spec" : "status";
  return (request.patch as Readonly<Record<string, unknown>> | null)?.[field] !== undefined;
}
