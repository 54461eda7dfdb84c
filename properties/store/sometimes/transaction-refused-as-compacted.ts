import { isReadRequest } from "../../../src/checkers/models/store.ts";
import { callSituation } from "./from-calls.ts";

/** A transaction that would write is refused, as it would read what is compacted. */
export const transactionRefusedAsCompacted = callSituation(
  "transaction-refused-as-compacted",
  "etcd#18667: all members must refuse it, however far they have removed their history",
  (context) => ({
    returned({ op: { request, response } }) {
      if (request.kind !== "txn" || isReadRequest(request)) return;
      if (response?.kind === "error" && response.code === "compacted") context.reach();
    },
  }),
);
