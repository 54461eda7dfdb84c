import type { StoreModelRequest } from "../../../src/checkers/models/store.ts";
import { callSituation } from "./from-calls.ts";

/** A client is refused, asks another member for the same, and is answered. */
export const callRetriedElsewhere = callSituation(
  "call-retried-elsewhere",
  "etcd, clientv3: a call that was not carried out is tried at another endpoint",
  (context) => {
    /** Who did not answer: by what was asked, the same object in each attempt. */
    const refusedBy = new WeakMap<StoreModelRequest, string>();
    return {
      never: ({ server, op }) => void refusedBy.set(op.request, server),
      unknown: ({ server, op }) => void refusedBy.set(op.request, server),
      returned({ server, op }) {
        const earlier = refusedBy.get(op.request);
        if (earlier !== undefined && earlier !== server) context.reach();
      },
    };
  },
);
