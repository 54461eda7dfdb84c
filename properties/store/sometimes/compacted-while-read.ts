import { isReadRequest } from "../../../src/checkers/models/store.ts";
import { callSituation } from "./from-calls.ts";

/** A compaction is applied while a client reads. */
export const compactedWhileRead = callSituation(
  "compacted-while-read",
  "etcd, data model: compaction goes on beside reads",
  (context) => {
    let reading = 0;
    const ended = ({ op }: { readonly op: { readonly request: Parameters<typeof isReadRequest>[0] } }) => {
      if (isReadRequest(op.request)) reading--;
    };
    return {
      invoked({ op }) {
        if (isReadRequest(op.request)) reading++;
      },
      returned: ended,
      never: ended,
      unknown: ended,
      applied({ command }) {
        if (command.op.kind === "compact" && reading > 0) context.reach();
      },
    };
  },
);
