import type { KubeObject, UnstructuredObject } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type Change, clusterLedgerOf } from "../cluster/ledger.ts";
import { isDeleting, same } from "../cluster/objects.ts";

/**
 * S13. The generation of an object grows by one when its spec changes or its deletion begins (of a Deployment also when
 * its annotations change, unless they come with its status; of an EndpointSlice when anything but its metadata does, or
 * its labels do), and not otherwise. A pod's
 * may or may not grow as it is bound.
 */
export const generationCountsChanges: ClusterProperty = {
  id: "apiserver/generation-counts-changes",
  kind: "always",
  source:
    'kubernetes pkg/registry/apps/deployment/strategy.go, PrepareForUpdate: "Spec updates bump the generation so that we can distinguish status updates"; apiserver registry/rest/delete.go, BeforeDelete; api-conventions: generation',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    ledger.on("*", (change) => {
      const { resource, key, before, after, revision } = change;
      if (before === null || after === null || before.metadata.uid !== after.metadata.uid) return;
      const [old, now] = [before.metadata.generation, after.metadata.generation];
      if (old === undefined && now === undefined) return;
      const grown = (now ?? 0) - (old ?? 0);
      const reasons = reasonsOf(before, after);
      if (grown === 0 && reasons.length > 0 && !mayStay(change, reasons))
        context.violate(`${resource} ${key} keeps its generation ${old} though ${reasons.join(" and ")}`, { revision });
      else if (grown !== 0 && (grown !== 1 || reasons.length === 0))
        context.violate(
          `${resource} ${key} goes from generation ${old} to ${now} though ${reasons.join(" and ") || "neither its spec changed nor its deletion began"}`,
          { revision },
        );
    });
    return ledger.with();
  },
};

const ANNOTATIONS = "its annotations changed";

function reasonsOf(before: KubeObject, after: KubeObject): readonly string[] {
  const reasons: string[] = [];
  if (after.kind === "EndpointSlice") {
    const changed = !same({ ...before, metadata: null }, { ...after, metadata: null });
    if (changed || !same(before.metadata.labels, after.metadata.labels)) reasons.push("its endpoints changed");
  } else if (!same((before as UnstructuredObject).spec, (after as UnstructuredObject).spec))
    reasons.push("its spec changed");
  if (!isDeleting(before) && isDeleting(after)) reasons.push("its deletion began");
  if (after.kind === "Deployment" && !same(before.metadata.annotations, after.metadata.annotations))
    reasons.push(ANNOTATIONS);
  return reasons;
}

/**
 * The annotations of a Deployment may come with its status, which does not count (apps/deployment/strategy.go,
 * deploymentStatusStrategy). A binding writes `spec.nodeName` on a way of its own (core/pod/storage/storage.go,
 * setPodNodeAndMetadata).
 */
function mayStay({ resource, before, after }: Change, reasons: readonly string[]): boolean {
  if (resource === "deployments") return reasons.length === 1 && reasons[0] === ANNOTATIONS;
  if (resource !== "pods" || reasons.length > 1 || isDeleting(before!) !== isDeleting(after!)) return false;
  const { nodeName: _old, ...one } = (before as unknown as { spec: Record<string, unknown> }).spec;
  const { nodeName: _new, ...two } = (after as unknown as { spec: Record<string, unknown> }).spec;
  return same(one, two);
}
