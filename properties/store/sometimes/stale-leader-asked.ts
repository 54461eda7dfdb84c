import { isLeading, type StoreContext, type StoreProcess } from "../store-property.ts";
import { callSituation } from "./from-calls.ts";

/** A client calls a member that takes itself for the leader, while another leads a later term. */
export const staleLeaderAsked = callSituation(
  "stale-leader-asked",
  "Raft 8: a leader must check whether it has been deposed before processing a read-only request",
  (context) => ({
    invoked({ server }) {
      const asked = context.processes.find(({ id }) => id === server);
      if (asked !== undefined && isStale(context, asked)) context.reach();
    },
  }),
);

function isStale({ processes }: StoreContext, process: StoreProcess): boolean {
  if (!isLeading(process)) return false;
  const { currentTerm } = process.state.raft;
  return processes.some((other) => isLeading(other) && other.state.raft.currentTerm > currentTerm);
}
