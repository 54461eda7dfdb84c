import type { RequestId } from "../../models/kernel/index.ts";
import type { RecordedCall } from "../../src/checkers/history-recorder.ts";
import type { StoreOp } from "../../src/checkers/models/store.ts";
import { describeRequest } from "./calls.ts";
import { storeLedgerOf } from "./ledger.ts";
import type { StoreProperty } from "./store-property.ts";

/** A call that was refused, with an error that leaves nothing open, has not happened and never will. */
export const refusedCallsNeverHappen: StoreProperty = {
  id: "store/refused-calls-never-happen",
  kind: "always",
  source:
    "etcd, clientv3 retry: only an error that says that nothing was carried out lets a client repeat a write; a write repeated after another may happen twice",
  monitor(context) {
    const ledger = storeLedgerOf(context);
    const refused = new Map<RequestId, RecordedCall<StoreOp>>();

    function check(call: RecordedCall<StoreOp>): void {
      const place = ledger.placeOf(call.id);
      if (place === undefined) return;
      context.violate(
        `${call.client}'s ${describeRequest(call.op.request)} (${call.id}) was refused by ${call.server}, but ${place.member} applies it at index ${place.index}`,
        { call: call.id, client: call.client, server: call.server, request: call.op.request, index: place.index },
      );
    }

    return ledger.monitor({
      never(call) {
        refused.set(call.id, call);
        check(call);
      },
      applied({ command }) {
        const call = refused.get(command.id);
        if (call !== undefined) check(call);
      },
    });
  },
};
