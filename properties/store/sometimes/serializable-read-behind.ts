import { isSerializable } from "../calls.ts";
import { callSituation } from "./from-calls.ts";

/** A serializable read is older than what a client had been told when it was asked. */
export const serializableReadBehind = callSituation(
  "serializable-read-behind",
  'etcd, API guarantees: serializable reads "may access stale data"',
  (context) => {
    let told = 0;
    const floors = new Map<string, number>();
    const ended = ({ id }: { readonly id: string }) => void floors.delete(id);
    return {
      invoked({ id, op }) {
        if (isSerializable(op.request)) floors.set(id, told);
      },
      returned({ id, op: { response } }) {
        if (response === null || response.kind === "error") return;
        if (response.revision < (floors.get(id) ?? 0)) context.reach();
        told = Math.max(told, response.revision);
        floors.delete(id);
      },
      never: ended,
      unknown: ended,
    };
  },
);
