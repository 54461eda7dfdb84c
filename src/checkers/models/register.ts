import type { SequentialModel } from "../history.ts";

/** An operation of a register. The value null is nil, which is there before the first write. */
export type RegisterOp =
  /** `undefined`: the answer is not known. */
  | { readonly kind: "read"; readonly value: string | null | undefined }
  | { readonly kind: "write"; readonly value: string };

/** A register, at first nil. */
export const registerModel: SequentialModel<string | null, RegisterOp> = {
  name: "register",
  initial: null,
  step(state, op) {
    if (op.kind === "write") return op.value;
    return op.value === undefined || op.value === state ? state : undefined;
  },
  identity: identityOfValue,
  effect: (op) => (op.kind === "read" ? "reads" : "overwrites"),
  needs: (op) => (op.kind === "read" ? op.value : undefined),
  mayMake: (op, state) => op.kind === "write" && op.value === state,
  opIdentity: (op) => (op.kind === "write" ? `w${op.value}` : `r${identityOfAnswer(op.value)}`),
  describe: describeRegisterOp,
  describeState: describeValue,
};

/** Different for nil and for every string. */
export function identityOfValue(value: string | null): string | number {
  return value === null ? 0 : value;
}

/** Different for an unknown answer, nil, and every string. */
export function identityOfAnswer(value: string | null | undefined): string {
  return value === undefined ? "?" : value === null ? "0" : `=${value}`;
}

export function describeValue(value: string | null): string {
  return value ?? "nil";
}

/** `write(3)`, `read() = 4`, `read() = ?`. */
export function describeRegisterOp(op: RegisterOp): string {
  if (op.kind === "write") return `write(${op.value})`;
  return `read() = ${op.value === undefined ? "?" : describeValue(op.value)}`;
}
