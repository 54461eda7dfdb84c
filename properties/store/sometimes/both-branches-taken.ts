import { callSituation } from "./from-calls.ts";

/** Of the transactions that are answered, some find their compares to hold, and some do not. */
export const bothBranchesTaken = callSituation(
  "both-branches-taken",
  'etcd, rpc.proto, TxnRequest: "If the guard evaluates to true, then the success operations are applied; else the failure operations"',
  (context) => {
    const taken = new Set<boolean>();
    return {
      returned({ op: { request, response } }) {
        if (request.kind !== "txn" || request.compare.length === 0 || response?.kind !== "txn") return;
        taken.add(response.succeeded);
        if (taken.size === 2) context.reach();
      },
    };
  },
);
