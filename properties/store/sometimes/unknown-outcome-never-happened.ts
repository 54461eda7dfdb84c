import type { RequestId } from "../../../models/kernel/index.ts";
import { isReadRequest } from "../../../src/checkers/models/store.ts";
import { callSituation } from "./from-calls.ts";

/** A client does not know what became of its write, and to the end of the run it did not happen. */
export const unknownOutcomeNeverHappened = callSituation(
  "unknown-outcome-never-happened",
  "Raft 5.3: entries of a deposed leader that were not committed may be overwritten",
  (context, ledger) => {
    const unknown: RequestId[] = [];
    return {
      unknown({ id, op }) {
        if (!isReadRequest(op.request)) unknown.push(id);
      },
      own: {
        concerns: { changes: [], messages: [], notes: [] },
        atEnd() {
          if (unknown.some((id) => ledger.placeOf(id) === undefined)) context.reach();
        },
      },
    };
  },
);
