import type { Micros } from "../../models/kernel/index.ts";
import type { Node, Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { rootOf } from "../cluster/desired.ts";
import { type Change, clusterLedgerOf } from "../cluster/ledger.ts";
import { same } from "../cluster/objects.ts";
import { programsOf } from "../cluster/programs.ts";

/** So long after the last write nobody is writing any more. */
const QUIET_US: Micros = 10_000_000;
const HEARTBEATS: readonly string[] = ["leases", "events"];

/**
 * L14. When nobody asks for anything any more, writing ceases, but for signs of life: leases, events, statuses of nodes. Where
 * programs end again and again, or a CronJob begins new Jobs, it never does, and nothing is asked of that run.
 */
export const writesCease: ClusterProperty = {
  id: "workloads/writes-cease",
  kind: "eventually",
  source: "Kivi: no oscillation; Anvil: eventually stable reconciliation, once reached it stays",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const programs = programsOf(context);
    let last: Change | null = null;
    ledger.on("*", (change) => {
      if (!isHeartbeat(change)) last = change;
    });
    return ledger.with({
      pending() {
        if (last === null || context.now() - last.atUs > QUIET_US || ledger.all("cronjobs").size > 0) return null;
        for (const { object } of ledger.all<Pod>("pods").values()) if (programs.neverReady(object.spec)) return null;
        const stored = ledger.get(last.resource, last.key);
        const of = stored === undefined ? "" : ` of ${rootOf(ledger, stored)}`;
        return `${last.resource} ${last.key}${of} was written ${Math.round((context.now() - last.atUs) / 1_000)} ms ago, at revision ${last.revision}`;
      },
    });
  },
};

function isHeartbeat({ resource, before, after }: Change): boolean {
  if (HEARTBEATS.includes(resource)) return true;
  if (resource !== "nodes" || before === null || after === null) return false;
  return same((before as Node).spec, (after as Node).spec) && same(before.metadata.labels, after.metadata.labels);
}
