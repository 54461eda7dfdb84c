import type { SequentialModel } from "../history.ts";

/** An operation of a key-value store. */
export type KvOp =
  /** `undefined`: the answer is not known. */
  | { readonly kind: "get"; readonly key: string; readonly value: string | undefined }
  | { readonly kind: "put" | "append"; readonly key: string; readonly value: string };

/** Values that are not empty, by key. */
export type KvState = ReadonlyMap<string, string>;

/** A store of strings: a key that is missing holds the empty one. Keys do not touch each other. */
export const kvModel: SequentialModel<KvState, KvOp> = {
  name: "kv",
  initial: new Map(),
  step(state, op) {
    const held = state.get(op.key) ?? "";
    if (op.kind === "get") return op.value === undefined || op.value === held ? state : undefined;
    const value = op.kind === "put" ? op.value : held + op.value;
    if (value === held) return state;
    const next = new Map(state);
    if (value === "") next.delete(op.key);
    else next.set(op.key, value);
    return next;
  },
  identity(state) {
    let identity = "";
    for (const key of state.size > 1 ? [...state.keys()].sort() : state.keys()) {
      const value = state.get(key)!;
      identity += `${key.length}:${value.length}:${key}${value}`;
    }
    return identity;
  },
  partition: (op) => op.key,
  effect(op) {
    if (op.kind === "put") return "overwrites";
    return op.kind === "get" || op.value === "" ? "reads" : "total";
  },
  needs: (op) => (op.kind === "get" && op.value !== undefined ? stateOf(op.key, op.value) : undefined),
  mayMake(op, state) {
    const held = state.get(op.key) ?? "";
    return op.kind === "put" ? op.value === held : op.kind === "append" && held.endsWith(op.value);
  },
  opIdentity: (op) => `${op.kind}${op.key.length}${op.value === undefined ? "?" : ":"}${op.key}${op.value ?? ""}`,
  describe: (op) =>
    op.kind === "get" ? `get(${op.key}) = ${describe(op.value)}` : `${op.kind}(${op.key}, ${describe(op.value)})`,
  describeState: (state) => `{${[...state].map(([key, value]) => `${key}: ${describe(value)}`).join(", ")}}`,
};

function stateOf(key: string, value: string): KvState {
  return new Map(value === "" ? [] : [[key, value]]);
}

function describe(value: string | undefined): string {
  return value === undefined ? "?" : JSON.stringify(value);
}
