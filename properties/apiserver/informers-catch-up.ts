import { type Micros, mapEach, mapGet } from "../../models/kernel/index.ts";
import type { Informer } from "../../models/machinery/client/types.ts";
import type { ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { apiOf, selectionOf } from "../cluster/informers.ts";
import { type ClusterLedger, clusterLedgerOf } from "../cluster/ledger.ts";

/** How long a change may be on its way to an informer. */
const GRACE_US: Micros = 3_000_000;
/** So often in a row may an informer fail to list or to watch before it is said that it does not get on. */
const FAILURES_MAX = 4;

/**
 * L4. Every informer that runs comes to have what the store has, but for what has changed just now, and to watch for more: one
 * that has all, as nothing changes, and fails again and again does not.
 */
export const informersCatchUp: ClusterProperty = {
  id: "apiserver/informers-catch-up",
  kind: "eventually",
  source:
    "kubernetes client-go tools/cache/reflector.go, ListAndWatch: a relist after every failure, and after 410 from the store itself; kubernetes#91073",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      pending() {
        const until = context.now() - GRACE_US;
        for (const process of context.processes) {
          if (process.status !== "up") continue;
          const behind = firstBehind(ledger, process, until);
          if (behind !== null) return behind;
        }
        return null;
      },
    });
  },
};

function firstBehind(ledger: ClusterLedger, { id, state }: ClusterProcess, until: Micros): string | null {
  for (const informer of apiOf(state)?.informers ?? []) {
    if (informer.phase === "idle") continue;
    const { resource } = informer.spec;
    if (!informer.synced) return `the informer of ${id} for ${resource} has not completed its first list`;
    if (informer.failures > FAILURES_MAX)
      return `the informer of ${id} for ${resource} has failed to list and watch ${informer.failures} times since it watched last`;
    const key = behindIn(ledger, informer, until);
    if (key !== null)
      return `the informer of ${id} for ${resource}, ${informer.phase} at version ${informer.resourceVersion}, does not have ${key} as the store does`;
  }
  return null;
}

function behindIn(ledger: ClusterLedger, informer: Informer, until: Micros): string | null {
  const { resource } = informer.spec;
  const selected = selectionOf(informer);
  if (selected === null) return null;
  for (const [key, { object, revision, atUs }] of ledger.all(resource)) {
    if (atUs > until || !selected(object)) continue;
    if (Number(mapGet(informer.objects, key)?.metadata.resourceVersion ?? "0") < revision) return key;
  }
  let gone: string | null = null;
  mapEach(informer.objects, "", null, (_object, key) => {
    const last = ledger.get(resource, key) === undefined ? ledger.lastChanges(resource).get(key) : undefined;
    if (last === undefined || last.atUs > until) return true;
    gone = key;
    return false;
  });
  return gone;
}
