import { mapEntries, mapGet, type OrderedMap } from "../../models/kernel/index.ts";
import type { Node, Service } from "../../models/machinery/kinds/index.ts";
import type { ClusterContext, ClusterProperty } from "../cluster/cluster-property.ts";
import { isMember } from "../cluster/cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf } from "../cluster/ledger.ts";
import { heldBy } from "./held-is-taken.ts";
import { markedIn } from "./ranges.ts";

/**
 * L15, for the network. In the end the ranges in the store have as many addresses and ports marked as services hold, and
 * the controller of the nodes' blocks has as many occupied as nodes have.
 */
export const nothingIsLeaked: ClusterProperty = {
  id: "network/nothing-is-leaked",
  kind: "eventually",
  source:
    "kubernetes pkg/registry/core/service/ipallocator/controller/repair.go: a leak is freed at its third sighting; kubernetes#96416",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      pending: () =>
        rangeLeak(context, ledger, "serviceips") ??
        rangeLeak(context, ledger, "servicenodeports") ??
        blockLeak(context, ledger),
    });
  },
};

function rangeLeak(context: ClusterContext, ledger: ClusterLedger, name: string): string | null {
  const value = latestValue(context, `/registry/ranges/${name}`);
  if (value === null) return null;
  const marked = markedIn(value).places.size;
  const held = new Set<string>();
  for (const { object } of ledger.all<Service>("services").values())
    for (const [range, items] of heldBy(object)) if (range === name) for (const item of items) held.add(item);
  return marked === held.size ? null : `${name}: ${marked} are marked, and services hold ${held.size}`;
}

/** What the member of the store that has come furthest has under a key. */
function latestValue(context: ClusterContext, key: string): string | null {
  let revision = -1;
  let value: string | null = null;
  for (const process of context.processes) {
    if (!isMember(process) || process.state === null) continue;
    const { application } = process.state.raft;
    if (application.revision <= revision) continue;
    revision = application.revision;
    const last = mapGet(application.keys, key)?.at(-1);
    value = last === undefined || last.version === 0 ? null : last.value;
  }
  return value;
}

/** What the controller keeps, as far as is looked at here. */
interface IpamState {
  readonly reserved: OrderedMap<string>;
  readonly known: OrderedMap<{ readonly blocks: readonly string[] }>;
}

function blockLeak(context: ClusterContext, ledger: ClusterLedger): string | null {
  const nodes = ledger.all<Node>("nodes");
  for (const { id, status, state } of context.processes) {
    if (status !== "up" || state?.kind !== "controllerManager" || state.phase !== "leading") continue;
    const slot = state.slots.find(({ name, started }) => name === "node-ipam" && started);
    if (slot === undefined) continue;
    const { reserved, known } = slot.state as IpamState;
    const [waiting] = mapEntries(reserved);
    if (waiting !== undefined) return `${id} has ${waiting[1]} reserved for node ${waiting[0]}`;
    const gone = mapEntries(known).find(([name]) => !nodes.has(name));
    if (gone !== undefined) return `${id} has ${gone[1].blocks.join()} occupied for node ${gone[0]}, which is gone`;
    for (const [name, { object }] of nodes) if ((object.spec?.podCIDR ?? "") === "") return `node ${name} has no block`;
  }
  return null;
}
