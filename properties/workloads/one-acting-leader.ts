import type { ElectionState } from "../../models/machinery/client/election.ts";
import type { Lease } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf } from "../cluster/calls.ts";
import type { ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { joinKey } from "../cluster/objects.ts";

/** While one of these strikes, a process may act on what it believed before, or time runs as nobody bargained for. */
const EXCUSES: readonly string[] = ["pause", "slow", "clockRate"];

/**
 * S35. Of those that stand for election by a Lease, only its holder writes. There is no fencing: what was sent before
 * another took over may still arrive, and a process that was paused writes before it notices; of runs in which
 * that happens, or in which clocks do not run at nearly one rate, nothing more is said from then on.
 */
export const oneActingLeader: ClusterProperty = {
  id: "workloads/one-acting-leader",
  kind: "always",
  source:
    'kubernetes client-go tools/leaderelection/leaderelection.go: tolerant to clock skew, not to skew rate: "RenewDeadline/LeaseDuration must bound the ratio of the slowest to the fastest"; kubernetes#23731, #125761',
  monitor(context) {
    const calls = callLedgerOf(context);
    let excused = false;
    calls.listen({
      called({ request }, process) {
        const election = electionOf(process);
        if (excused || election === null || request.resource === "leases" || request.resource === "events") return;
        const lease = calls.ledger.get<Lease>("leases", election.key)?.object;
        const holder = lease?.spec?.holderIdentity ?? "";
        if (holder === "" || holder === election.identity) return;
        context.violate(
          `${process.id} sends a ${request.verb} of ${request.resource}, and ${holder} holds the lease ${election.key}`,
          { identity: election.identity, holder },
        );
      },
    });
    return calls.with({
      onFault(kind) {
        if (EXCUSES.includes(kind)) excused = true;
      },
    });
  },
};

function electionOf({ config, state }: ClusterProcess): { readonly identity: string; readonly key: string } | null {
  if (config.kind !== "controllerManager" && config.kind !== "scheduler") return null;
  const { election } = config as { readonly election?: { readonly namespace: string; readonly name: string } };
  const { election: now } = state as { readonly election?: ElectionState };
  if (election === undefined || now === undefined || now === null) return null;
  return { identity: now.identity, key: joinKey(election.namespace, election.name) };
}
