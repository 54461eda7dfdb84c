import type { SequentialModel } from "../history.ts";
import { type CasRegisterOp, casRegisterModel } from "../models/cas-register.ts";
import { type KvOp, type KvState, kvModel } from "../models/kv.ts";
import { type RegisterOp, registerModel } from "../models/register.ts";
import type { RecordedCall } from "./calls.ts";
import { type Edn, type Notation, print } from "./edn.ts";
import { type HistoryFlaw, named, OneKind, scalarOf, shown } from "./events.ts";

/** What an operation takes and what it answers; `undefined` is an answer that is not known. */
type Shape<Op> =
  /** It takes nothing, and is answered with a value. */
  | { readonly takes: "nothing"; readonly op: (key: string, answer: string | null | undefined) => Op }
  | { readonly takes: "value"; readonly op: (key: string, value: string) => Op }
  /** It takes what must be there and what takes its place, and is answered with whether it was there. */
  | {
      readonly takes: "pair";
      readonly op: (key: string, from: string | null, to: string, ok: boolean | undefined) => Op;
    };

/** A model, and how the operations of a history become its operations. */
export interface ModelOperations<State, Op> {
  readonly model: SequentialModel<State, Op>;
  /** Whether an operation is about a key. */
  readonly keyed: boolean;
  /** Values are text, to which more can be appended; else they are anything, and nil before the first write. */
  readonly text: boolean;
  readonly shapes: Readonly<Record<string, Shape<Op>>>;
}

/** Keeps the types of a model together. */
function operations<State, Op>(of: ModelOperations<State, Op>): ModelOperations<State, Op> {
  return of;
}

/** The models of histories, by the names that users give. */
export const MODELS = {
  register: operations<string | null, RegisterOp>({
    model: registerModel,
    keyed: false,
    text: false,
    shapes: {
      read: { takes: "nothing", op: (_key, value) => ({ kind: "read", value }) },
      write: { takes: "value", op: (_key, value) => ({ kind: "write", value }) },
    },
  }),
  "cas-register": operations<string | null, CasRegisterOp>({
    model: casRegisterModel,
    keyed: false,
    text: false,
    shapes: {
      read: { takes: "nothing", op: (_key, value) => ({ kind: "read", value }) },
      write: { takes: "value", op: (_key, value) => ({ kind: "write", value }) },
      cas: { takes: "pair", op: (_key, from, to, ok) => ({ kind: "cas", from, to, ok }) },
    },
  }),
  kv: operations<KvState, KvOp>({
    model: kvModel,
    keyed: true,
    text: true,
    shapes: {
      get: { takes: "nothing", op: (key, value) => ({ kind: "get", key, value: value ?? undefined }) },
      put: { takes: "value", op: (key, value) => ({ kind: "put", key, value }) },
      append: { takes: "value", op: (key, value) => ({ kind: "append", key, value }) },
    },
  }),
} as const;

export type ModelName = keyof typeof MODELS;

export const MODEL_NAMES = Object.keys(MODELS) as readonly ModelName[];

/** The models that know all of these operations. */
export function modelsWith(fs: Iterable<string>): readonly ModelName[] {
  const names = [...fs];
  return MODEL_NAMES.filter((name) => names.every((f) => Object.hasOwn(MODELS[name].shapes, f)));
}

/**
 * The operation of each call, as a model understands it, or null where the call says nothing of the model's object: it did
 * not take effect (`fail`), or it is a read whose answer is not known.
 *
 * A cas that fails without a reason was answered: what is there is not equal. One that fails for a reason did not happen.
 */
export class OperationReader<Op> {
  readonly flaws: HistoryFlaw[] = [];
  readonly #of: ModelOperations<unknown, Op>;
  readonly #notation: Notation;
  readonly #keys = new OneKind();
  readonly #values = new OneKind();

  constructor(of: ModelOperations<unknown, Op>, notation: Notation) {
    this.#of = of;
    this.#notation = notation;
  }

  /** The operation, or null also where a flaw was found. */
  read(call: RecordedCall): Op | null {
    const { invocation } = call;
    const shape = Object.hasOwn(this.#of.shapes, invocation.f) ? this.#of.shapes[invocation.f] : undefined;
    if (shape === undefined) return this.#unknown(call);
    const key = this.#keyOf(call);
    const op = this.#shaped(shape, call, key ?? "");
    return key === null ? null : op;
  }

  #shaped(shape: Shape<Op>, call: RecordedCall, key: string): Op | null {
    const { invocation, completion } = call;
    switch (shape.takes) {
      case "nothing": {
        if (invocation.value !== null && invocation.value.kind !== "nil")
          return this.#flaw(
            invocation.line,
            "value",
            `expected ${this.#nil()}, not ${this.#shown(invocation.value)}: what ${invocation.f} is answered stands in its ${this.#named("ok")}`,
          );
        if (completion.type !== "ok") return null;
        const answer = this.#answer(completion.value, completion.line);
        return answer === undefined ? null : shape.op(key, answer);
      }
      case "value": {
        const value = this.#scalar(invocation.value, invocation.line, "value");
        if (!this.#repeats(call) || value === null || completion.type === "fail") return null;
        return shape.op(key, value);
      }
      case "pair": {
        const pair = this.#pair(invocation.value, invocation.line);
        if (!this.#repeats(call) || pair === null) return null;
        // Why it failed is known: it was not because of the value that was there.
        if (completion.type === "fail" && completion.hasReason) return null;
        const ok = completion.type === "info" ? undefined : completion.type === "ok";
        return shape.op(key, pair.from, pair.to, ok);
      }
    }
  }

  /** What was read; null for nil, undefined for a flaw. */
  #answer(value: Edn | null, line: number): string | null | undefined {
    if (value?.kind === "nil" && !this.#of.text) return null;
    return (
      this.#scalar(value, line, "value", this.#of.text ? ' ("" where there is none)' : ` or ${this.#nil()}`) ??
      undefined
    );
  }

  #pair(value: Edn | null, line: number): { readonly from: string | null; readonly to: string } | null {
    const [from, to, more] = value?.kind === "vector" || value?.kind === "list" ? value.items : [];
    if (from === undefined || to === undefined || more !== undefined)
      return this.#flaw(
        line,
        "value",
        `expected the old and the new value, such as ${this.#notation === "edn" ? "[1 3]" : "[1,3]"}, not ${this.#shown(value)}`,
      );
    const fromNil = from.kind === "nil";
    const [fromText, toText] = [fromNil ? null : this.#scalar(from, line, "value"), this.#scalar(to, line, "value")];
    return toText === null || (fromText === null && !fromNil) ? null : { from: fromText, to: toText };
  }

  /** A value, as text that tells it from others; null for a flaw. */
  #scalar(value: Edn | null, line: number, field: "key" | "value", orElse = ""): string | null {
    const scalar = value === null ? null : scalarOf(value);
    const isText = field === "value" && this.#of.text;
    if (scalar === null || (isText && scalar.kind !== "string")) {
      const expected = isText ? "a string" : "a whole number, a string or the like";
      return this.#flaw(line, field, `expected ${expected}${orElse}, not ${this.#shown(value)}`);
    }
    const otherKind = (field === "key" ? this.#keys : this.#values).breach(scalar, line);
    return otherKind === null ? scalar.text : this.#flaw(line, field, otherKind);
  }

  /** The key, empty for models without; null for a flaw. */
  #keyOf({ invocation, completion }: RecordedCall): string | null {
    if (!this.#of.keyed) {
      const extra = [invocation, completion].find(({ key }) => key !== null && key.kind !== "nil");
      if (extra === undefined) return "";
      return this.#flaw(
        extra.line,
        "key",
        `expected none, not ${this.#shown(extra.key)}: the model ${this.#of.model.name} is of one object, without keys`,
      );
    }
    const key = this.#scalar(invocation.key, invocation.line, "key");
    if (key === null || completion.key === null || print(completion.key) === print(invocation.key!)) return key;
    return this.#flaw(
      completion.line,
      "key",
      `expected ${this.#shown(invocation.key)}, as in its call on line ${invocation.line}, not ${this.#shown(completion.key)}`,
    );
  }

  /** Whether the answer repeats what was asked, or leaves it out; where it failed or is not known, also nil or a reason. */
  #repeats({ invocation, completion }: RecordedCall): boolean {
    const { value, type, line } = completion;
    if (value === null || invocation.value === null || print(value) === print(invocation.value)) return true;
    if (type !== "ok" && (value.kind === "nil" || value.kind === "keyword")) return true;
    this.#flaw(
      line,
      "value",
      `expected ${this.#shown(invocation.value)}, as in its call on line ${invocation.line}, not ${this.#shown(value)}`,
    );
    return false;
  }

  #unknown({ invocation: { f, line } }: RecordedCall): null {
    const known = Object.keys(this.#of.shapes).map((name) => this.#named(name));
    const others = modelsWith([f]);
    const hint = others.length === 0 ? "" : ` (known to --model ${others.join(" and ")})`;
    return this.#flaw(
      line,
      "f",
      `expected an operation of the model ${this.#of.model.name}, one of ${known.join(", ")}, not ${this.#named(f)}${hint}`,
    );
  }

  #flaw(line: number, field: HistoryFlaw["field"], message: string): null {
    this.flaws.push({ line, field, message });
    return null;
  }

  #nil(): string {
    return this.#notation === "edn" ? "nil" : "null";
  }

  #named(name: string): string {
    return named(name, this.#notation);
  }

  #shown(value: Edn | null): string {
    return shown(value, this.#notation);
  }
}
