import { answers, carryOut, stateAt } from "../../src/checkers/models/store.ts";
import { describeRequest, isSerializable } from "./calls.ts";
import { storeLedgerOf } from "./ledger.ts";
import type { StoreProperty } from "./store-property.ts";

/** A serializable read may be old, and is still what all members agree was there at the revision that it names. */
export const serializableReads: StoreProperty = {
  id: "store/serializable-reads",
  kind: "always",
  source:
    'etcd, KV API guarantees: serializable reads "may access stale data with respect to quorum"; data at a revision is the same for all: "Any completed operations are durable"',
  monitor(context) {
    const ledger = storeLedgerOf(context);
    return ledger.monitor({
      returned({ id, client, server, op }) {
        const { request, response } = op;
        if (response === null || ledger.incomplete || !isSerializable(request)) return;
        const { committed } = ledger;
        if (response.kind === "error") {
          if (response.code !== "compacted" || request.kind !== "range" || request.revision < committed.compactRevision)
            return;
          context.violate(
            `${client}'s ${describeRequest(request)} at revision ${request.revision} is refused by ${server} as compacted, but only what is before revision ${committed.compactRevision} is`,
            { id, request, response },
          );
          return;
        }
        const state = stateAt(committed, response.revision);
        if (state === undefined) {
          context.violate(
            `${client}'s ${describeRequest(request)} is answered by ${server} at revision ${response.revision}, but the members have got to ${committed.revision} only`,
            { id, request, response },
          );
          return;
        }
        const expected = carryOut(state, request).response;
        if (answers(expected, response)) return;
        context.violate(
          `${client}'s ${describeRequest(request)} is answered by ${server} otherwise than what was there at revision ${response.revision}`,
          { id, request, response, expected },
        );
      },
    });
  },
};
