import type { RequestId } from "../../../models/kernel/index.ts";
import { callSituation } from "./from-calls.ts";

/** A client does not know what became of its write, and it happened. */
export const unknownOutcomeHappened = callSituation(
  "unknown-outcome-happened",
  'Raft 8: "if the leader crashes after committing the log entry but before responding to the client, the client will retry"',
  (context, ledger) => {
    const unknown = new Set<RequestId>();
    return {
      unknown({ id }) {
        if (ledger.placeOf(id) !== undefined) context.reach();
        else unknown.add(id);
      },
      applied({ command }) {
        if (unknown.has(command.id)) context.reach();
      },
    };
  },
);
