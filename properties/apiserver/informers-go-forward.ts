import { mapDifference, mapEach, mapGet, type ProcessId } from "../../models/kernel/index.ts";
import type { Informer } from "../../models/machinery/client/types.ts";
import type { ClusterContext, ClusterProperty } from "../cluster/cluster-property.ts";
import { apiOf, selectionOf } from "../cluster/informers.ts";
import { type ClusterLedger, clusterLedgerOf } from "../cluster/ledger.ts";

/**
 * S17. In one informer the resourceVersion never decreases, and its cache is what the store had at that version: not
 * later than now, nothing left out, nothing too much.
 *
 * What a watch brings is compared with what has changed since the version before; what a list brings, with all.
 */
export const informersGoForward: ClusterProperty = {
  id: "apiserver/informers-go-forward",
  kind: "always",
  source:
    'kubernetes client-go tools/cache/reflector.go, relistResourceVersion: "Ensure that we don\'t go back in time"; kubernetes#67998',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      concerns: { changes: ["informers"], messages: [], notes: [] },
      onStep({ id }, before, after) {
        const [old, now] = [apiOf(before), apiOf(after)];
        if (old === null || now === null || old.informers === now.informers || old.bootedAt !== now.bootedAt) return;
        for (let i = 0; i < now.informers.length; i++) {
          const [earlier, informer] = [old.informers[i], now.informers[i]!];
          if (earlier !== undefined && earlier !== informer) compare(context, ledger, id, earlier, informer);
        }
      },
    });
  },
};

function compare(context: ClusterContext, ledger: ClusterLedger, id: ProcessId, old: Informer, now: Informer): void {
  if (now.resourceVersion === "" || (old.objects === now.objects && old.resourceVersion === now.resourceVersion))
    return;
  const { resource } = now.spec;
  const [from, to] = [Number(old.resourceVersion), Number(now.resourceVersion)];
  if (to < from) {
    context.violate(`the informer of ${id} for ${resource} goes back from version ${from} to ${to}`, {
      from,
      to,
    });
    return;
  }
  if (to > ledger.revision) {
    context.violate(`the informer of ${id} for ${resource} is at version ${to}, which the store has not got`, {
      version: to,
      latest: ledger.revision,
    });
    return;
  }
  if (!now.synced) return;
  const keys = old.synced && old.phase === "watching" ? changedKeys(ledger, old, now, from, to) : allKeys(ledger, now);
  if (keys !== null) compareKeys(context, ledger, id, now, to, keys);
}

/** What the store has changed since, and what the cache has. Null: not known any more. */
function changedKeys(
  ledger: ClusterLedger,
  old: Informer,
  now: Informer,
  from: number,
  to: number,
): Set<string> | null {
  const keys = new Set<string>();
  if (from < ledger.knownFrom - 1) return null;
  const last = Math.min(to, ledger.lastRevision(now.spec.resource));
  for (let revision = from + 1; revision <= last; revision++)
    for (const { resource, key } of ledger.changesAt(revision) ?? []) if (resource === now.spec.resource) keys.add(key);
  mapDifference(old.objects, now.objects, (key) => {
    keys.add(key);
  });
  return keys;
}

function allKeys(ledger: ClusterLedger, now: Informer): Set<string> {
  const keys = new Set(ledger.lastChanges(now.spec.resource).keys());
  mapEach(now.objects, "", null, (_object, key) => {
    keys.add(key);
  });
  return keys;
}

function compareKeys(
  context: ClusterContext,
  ledger: ClusterLedger,
  id: ProcessId,
  now: Informer,
  version: number,
  keys: ReadonlySet<string>,
): void {
  const { resource } = now.spec;
  const selected = selectionOf(now);
  if (selected === null) return;
  for (const key of keys) {
    const change = ledger.changeUpTo(resource, key, version);
    if (change === undefined) continue;
    const stored = change !== null && change.after !== null && selected(change.after) ? change.revision : 0;
    const cached = Number(mapGet(now.objects, key)?.metadata.resourceVersion ?? "0");
    if (cached === stored) continue;
    context.violate(
      `the informer of ${id} for ${resource}, at version ${version}, ${cached === 0 ? `has no ${key}` : `has ${key} of version ${cached}`}, where the store ${stored === 0 ? "had none" : `had version ${stored}`}`,
      { process: id, resource, key, version, cached, stored },
    );
    return;
  }
}
