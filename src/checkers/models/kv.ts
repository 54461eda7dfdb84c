import type { SequentialModel } from "../history.ts";

/** An operation of a key-value store. */
export type KvOp =
  /** `undefined`: the answer is not known. */
  | { readonly kind: "get"; readonly key: string; readonly value: string | undefined }
  | { readonly kind: "put" | "append"; readonly key: string; readonly value: string };

/** The keys whose values are not empty, as a list in the order of keys: mostly there is but one. */
export type KvState = { readonly key: string; readonly value: string; readonly rest: KvState } | null;

/** A store of strings: a key that is missing holds the empty one. Keys do not touch each other. */
export const kvModel: SequentialModel<KvState, KvOp> = {
  name: "kv",
  initial: null,
  step(state, op) {
    const held = heldBy(state, op.key);
    if (op.kind === "get") return op.value === undefined || op.value === held ? state : undefined;
    const value = op.kind === "put" ? op.value : held + op.value;
    return value === held ? state : withValue(state, op.key, value);
  },
  identity(state) {
    let identity = "";
    for (let entry = state; entry !== null; entry = entry.rest)
      identity += `${entry.key.length}:${entry.value.length}:${entry.key}${entry.value}`;
    return identity;
  },
  partition: (op) => op.key,
  effect(op) {
    if (op.kind === "put") return "overwrites";
    return op.kind === "get" || op.value === "" ? "reads" : "total";
  },
  needs: (op) => (op.kind === "get" && op.value !== undefined ? withValue(null, op.key, op.value) : undefined),
  mayMake(op, state) {
    const held = heldBy(state, op.key);
    return op.kind === "put" ? op.value === held : op.kind === "append" && held.endsWith(op.value);
  },
  opIdentity: (op) => `${op.kind}${op.key.length}${op.value === undefined ? "?" : ":"}${op.key}${op.value ?? ""}`,
  describe: (op) =>
    op.kind === "get" ? `get(${op.key}) = ${describe(op.value)}` : `${op.kind}(${op.key}, ${describe(op.value)})`,
  describeState(state) {
    const entries: string[] = [];
    for (let entry = state; entry !== null; entry = entry.rest) entries.push(`${entry.key}: ${describe(entry.value)}`);
    return `{${entries.join(", ")}}`;
  },
};

function heldBy(state: KvState, key: string): string {
  for (let entry = state; entry !== null; entry = entry.rest) if (entry.key === key) return entry.value;
  return "";
}

/** The state in which a key holds a value. */
function withValue(state: KvState, key: string, value: string): KvState {
  if (state !== null && state.key < key) return { ...state, rest: withValue(state.rest, key, value) };
  const rest = state?.key === key ? state.rest : state;
  return value === "" ? rest : { key, value, rest };
}

function describe(value: string | undefined): string {
  return value === undefined ? "?" : JSON.stringify(value);
}
