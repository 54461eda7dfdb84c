import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { SequentialModel } from "../history.ts";
import { type CasRegisterOp, casRegisterModel } from "./cas-register.ts";
import { type KvOp, kvModel } from "./kv.ts";
import { type RegisterOp, registerModel } from "./register.ts";

const value = fc.constantFrom("", "a", "b", "0", "=a");
const held = fc.option(value);
const known = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(arbitrary, fc.constant(undefined));

const registerOp: fc.Arbitrary<RegisterOp> = fc.oneof(
  fc.record({ kind: fc.constant("read" as const), value: known(held) }),
  fc.record({ kind: fc.constant("write" as const), value }),
);
const casRegisterOp: fc.Arbitrary<CasRegisterOp> = fc.oneof(
  registerOp,
  fc.record({ kind: fc.constant("cas" as const), from: held, to: value, ok: known(fc.boolean()) }),
);
const kvOp = (key: fc.Arbitrary<string>): fc.Arbitrary<KvOp> =>
  fc.oneof(
    fc.record({ kind: fc.constant("get" as const), key, value: known(value) }),
    fc.record({ kind: fc.constantFrom("put" as const, "append" as const), key, value }),
  );

/** The state after those of some operations that are possible. */
function stateAfter<State, Op>(model: SequentialModel<State, Op>, ops: readonly Op[]): State {
  return ops.reduce((state, op) => model.step(state, op) ?? state, model.initial);
}

/** What a model says of its operations and states is so. */
function contract<State, Op>(name: string, model: SequentialModel<State, Op>, op: fc.Arbitrary<Op>): void {
  const states = fc.array(op, { maxLength: 4 }).map((ops) => stateAfter(model, ops));
  const numRuns = 3_000;

  describe(`${name} says of itself what is so`, () => {
    property.prop([states, states], { numRuns })("states have one identity", (a, b) => {
      expect(model.identity(a) === model.identity(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    });

    property.prop([op, op, states], { numRuns })("operations of one identity do the same", (a, b, state) => {
      if (model.opIdentity!(a) !== model.opIdentity!(b)) return;
      expect(model.step(state, a)).toEqual(model.step(state, b));
      expect(model.describe(a)).toBe(model.describe(b));
    });

    property.prop([op, states, states], { numRuns })("effects", (made, a, b) => {
      const effect = model.effect!(made);
      const [fromA, fromB] = [model.step(a, made), model.step(b, made)];
      if (effect === "reads" && fromA !== undefined) expect(fromA).toEqual(a);
      if (effect === "total" || effect === "overwrites") expect(fromA).not.toBeUndefined();
      if (effect === "overwrites") expect(fromA).toEqual(fromB);
    });

    property.prop([op, states], { numRuns })("what an operation needs and makes", (made, state) => {
      const next = model.step(state, made);
      const needed = model.needs!(made);
      if (needed !== undefined) expect(next !== undefined).toBe(model.identity(state) === model.identity(needed));
      if (next !== undefined && model.identity(next) !== model.identity(state))
        expect(model.mayMake!(made, next)).toBe(true);
    });
  });
}

contract("register", registerModel, registerOp);
contract("register with cas", casRegisterModel, casRegisterOp);
contract("a key", kvModel, kvOp(fc.constant("x")));

describe("kv", () => {
  property.prop([fc.array(kvOp(fc.constantFrom("x", "y", "10", "")), { maxLength: 12 })])(
    "is a map of strings",
    (ops) => {
      const naive = new Map<string, string>();
      let state = kvModel.initial;
      for (const op of ops) {
        const before = naive.get(op.key) ?? "";
        const next = kvModel.step(state, op);
        if (op.kind === "get") expect(next !== undefined).toBe(op.value === undefined || op.value === before);
        else naive.set(op.key, op.kind === "put" ? op.value : before + op.value);
        state = next === undefined ? state : next;
      }
      const entries = [...naive].filter(([, held]) => held !== "").sort(([a], [b]) => (a < b ? -1 : 1));
      const shown = entries.map(([key, held]) => `${key}: ${JSON.stringify(held)}`).join(", ");
      expect(kvModel.describeState(state)).toBe(`{${shown}}`);
    },
  );

  test("in words", () => {
    expect(kvModel.describe({ kind: "get", key: "x", value: undefined })).toBe("get(x) = ?");
    expect(kvModel.describe({ kind: "get", key: "x", value: "a" })).toBe('get(x) = "a"');
    expect(kvModel.describe({ kind: "append", key: "x", value: "a" })).toBe('append(x, "a")');
  });
});

describe("registers in words", () => {
  test.each<[CasRegisterOp, string]>([
    [{ kind: "read", value: null }, "read() = nil"],
    [{ kind: "read", value: undefined }, "read() = ?"],
    [{ kind: "write", value: "1" }, "write(1)"],
    [{ kind: "cas", from: null, to: "1", ok: undefined }, "cas(nil, 1) = ?"],
    [{ kind: "cas", from: "0", to: "1", ok: true }, "cas(0, 1) = ok"],
    [{ kind: "cas", from: "0", to: "1", ok: false }, "cas(0, 1) = failed"],
  ])("%o", (op, words) => {
    expect(casRegisterModel.describe(op)).toBe(words);
  });
});
