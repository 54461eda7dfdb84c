import type { ApiRequest } from "../../models/machinery/api.ts";
import { callLedgerOf, keyOfRequest, objectAnswered } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";

/**
 * S11. An update or a patch that names a resourceVersion succeeds only on that version: what comes of it replaces exactly
 * what its author saw.
 */
export const noLostUpdate: ClusterProperty = {
  id: "apiserver/no-lost-update",
  kind: "always",
  source:
    'kubernetes registry/generic/registry/store.go, Update: "Check we received the appropriate resourceVersion" else 409 Conflict; api-conventions, Concurrency Control and Consistency',
  monitor(context) {
    const calls = callLedgerOf(context);
    calls.listen({
      answered({ from, request }, response) {
        const named = versionNamed(request);
        if (named === null) return;
        const written = objectAnswered(response)?.metadata.resourceVersion;
        if (written === undefined || written === named) return;
        const key = keyOfRequest(request);
        const change = calls.ledger.changeOf(request.resource, key, Number(written));
        if (change === undefined || change.beforeRevision === Number(named)) return;
        context.violate(
          `${request.verb} of ${request.resource} ${key} by ${from} named version ${named}, and has replaced version ${change.beforeRevision}`,
          { named, replaced: change.beforeRevision, written: Number(written) },
        );
      },
    });
    return calls.with();
  },
};

function versionNamed(request: ApiRequest): string | null {
  if ((request.verb !== "update" && request.verb !== "patch") || request.dryRun || request.subresource === "scale")
    return null;
  const body = request.verb === "update" ? request.object : request.patch;
  const version = (body as { readonly metadata?: { readonly resourceVersion?: unknown } } | null)?.metadata
    ?.resourceVersion;
  return typeof version === "string" && version !== "" ? version : null;
}
