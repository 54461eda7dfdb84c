import type { SequentialModel } from "../history.ts";
import { describeRegisterOp, describeValue, identityOfAnswer, identityOfValue, type RegisterOp } from "./register.ts";

/** An operation of a register that can compare and set. */
export type CasRegisterOp =
  | RegisterOp
  /** `ok`: whether it matched, and set the value; undefined where that is not known. */
  | { readonly kind: "cas"; readonly from: string | null; readonly to: string; readonly ok: boolean | undefined };

/** A register with compare-and-set, at first nil. A cas that was answered with a failure did not match. */
export const casRegisterModel: SequentialModel<string | null, CasRegisterOp> = {
  name: "cas-register",
  initial: null,
  step(state, op) {
    switch (op.kind) {
      case "write":
        return op.value;
      case "read":
        return op.value === undefined || op.value === state ? state : undefined;
      case "cas": {
        const matches = state === op.from;
        if (op.ok !== undefined && op.ok !== matches) return undefined;
        return matches ? op.to : state;
      }
    }
  },
  identity: identityOfValue,
  effect(op) {
    if (op.kind === "write") return "overwrites";
    if (op.kind === "read" || op.ok === false || op.from === op.to) return "reads";
    return op.ok === undefined ? "total" : "other";
  },
  needs(op) {
    if (op.kind === "cas") return op.ok === true ? op.from : undefined;
    return op.kind === "read" ? op.value : undefined;
  },
  mayMake: (op, state) => (op.kind === "write" ? op.value === state : op.kind === "cas" && op.to === state),
  opIdentity(op) {
    switch (op.kind) {
      case "write":
        return `w${op.value}`;
      case "read":
        return `r${identityOfAnswer(op.value)}`;
      case "cas": {
        const from = identityOfAnswer(op.from);
        return `c${op.ok}${from.length}:${from}${op.to}`;
      }
    }
  },
  describe(op) {
    if (op.kind !== "cas") return describeRegisterOp(op);
    return `cas(${describeValue(op.from)}, ${op.to}) = ${op.ok === undefined ? "?" : op.ok ? "ok" : "failed"}`;
  },
  describeState: describeValue,
};
