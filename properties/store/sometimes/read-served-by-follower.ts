import { isReadRequest } from "../../../src/checkers/models/store.ts";
import { isSerializable } from "../calls.ts";
import { isMember } from "../store-property.ts";
import { callSituation } from "./from-calls.ts";

/** A member that does not lead answers a linearizable read. */
export const readServedByFollower = callSituation(
  "read-served-by-follower",
  "Raft thesis 6.4: followers can help offload the processing of read-only queries",
  (context, ledger) => ({
    own: {
      concerns: { changes: [], messages: ["answer"], notes: [] },
      onSend(process, _to, message) {
        if (message.kind !== "answer" || message.response.kind === "error" || !isMember(process)) return;
        if (process.state.raft.role === "leader") return;
        const call = ledger.recorder.openCall(message.id);
        if (call !== undefined && isReadRequest(call.op.request) && !isSerializable(call.op.request)) context.reach();
      },
    },
  }),
);
