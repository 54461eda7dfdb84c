import { isReadRequest } from "../../../src/checkers/models/store.ts";
import { isSerializable } from "../calls.ts";
import { isLeading } from "../store-property.ts";
import { callSituation } from "./from-calls.ts";

/** A client is answered a linearizable read while two members take themselves for the leader. */
export const twoLeadersWhileRead = callSituation(
  "two-leaders-while-read",
  "Raft thesis 6.4: a leader may have been superseded without being aware of it",
  (context) => ({
    returned({ op }) {
      if (!isReadRequest(op.request) || isSerializable(op.request)) return;
      let leading = 0;
      for (const process of context.processes) if (isLeading(process)) leading++;
      if (leading > 1) context.reach();
    },
  }),
);
