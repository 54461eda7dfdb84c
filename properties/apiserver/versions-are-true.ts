import type { ProcessId } from "../../models/kernel/index.ts";
import type { KubeObject } from "../../models/machinery/kinds/index.ts";
import { resourceOfKind } from "../../models/machinery/resources.ts";
import type { ClusterMessage, ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { type Fields, keyOf, same, sameExcept } from "../cluster/objects.ts";

/**
 * S10, S17. An object that an API server hands out with a resourceVersion is the one that was stored at that revision,
 * whole: its cache may be old, and never wrong. What is gone is told with its last state and the version of its deletion.
 */
export const versionsAreTrue: ClusterProperty = {
  id: "apiserver/versions-are-true",
  kind: "always",
  source:
    "kubernetes api-concepts, Resource versions: a resourceVersion identifies the server's internal version of an object; Anvil, each (key, resourceVersion) is one object",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    /** Objects that were compared already: servers hand out one and the same again and again. */
    const compared = new WeakSet<KubeObject>();
    const check = (server: ProcessId, object: KubeObject, isLast: boolean) => {
      if (compared.has(object)) return;
      compared.add(object);
      const revision = Number(object.metadata.resourceVersion ?? "0");
      if (!(revision > 0) || object.metadata.uid === undefined) return;
      const { name: resource } = resourceOfKind(object.apiVersion, object.kind);
      const key = keyOf(object);
      const changes = ledger.changesAt(revision);
      if (changes === undefined && revision <= ledger.revision) return;
      const change = changes?.find((one) => one.key === key && one.resource === resource);
      const stored = change?.after ?? change?.before;
      if (stored === null || stored === undefined)
        return context.violate(
          `${server} hands out ${resource} ${key} of version ${revision}, at which it was not written`,
          {
            resource,
            key,
            revision,
            latest: ledger.revision,
          },
        );
      // The last state of what is gone: a deletion may have changed its metadata on the way.
      if (
        isLast || change!.after === null ? stored.metadata.uid === object.metadata.uid : sameButVersion(stored, object)
      )
        return;
      context.violate(
        `${server} hands out ${resource} ${key} of version ${revision}, which is not what is stored there`,
        {
          resource,
          key,
          revision,
          fields: differing(stored, object),
        },
      );
    };
    return ledger.with({
      concerns: { changes: [], messages: ["apiAnswer", "apiWatchEvents"], notes: [] },
      onSend({ id }, _to, message: ClusterMessage) {
        if (message.kind === "apiAnswer") {
          if (message.response.kind === "list") for (const object of message.response.items) check(id, object, false);
        } else if (message.kind === "apiWatchEvents")
          for (const { type, object } of message.events) if (type !== "BOOKMARK") check(id, object, type === "DELETED");
      },
    });
  },
};

function sameButVersion(stored: KubeObject, object: KubeObject): boolean {
  const [one, two] = [stored, object] as unknown as readonly [Fields, Fields];
  return (
    sameExcept(one, two, "metadata") &&
    sameExcept(stored.metadata as unknown as Fields, object.metadata as unknown as Fields, "resourceVersion")
  );
}

/** Names alone: what is in a secret is shown to nobody. */
function differing(stored: KubeObject, object: KubeObject): readonly string[] {
  const [one, two] = [stored, object] as unknown as readonly [Record<string, unknown>, Record<string, unknown>];
  return [...new Set([...Object.keys(one), ...Object.keys(two)])]
    .sort()
    .filter((field) => !same(one[field], two[field]));
}
