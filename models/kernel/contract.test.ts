import { describe, expect, test } from "vitest";
import { type ContractCase, contractBreach, deepFreeze, difference } from "./contract.ts";
import type { Input, Machine, Step } from "./machine.ts";

/** A machine that adds up what it is asked to, and writes the sum. */
interface Adder {
  readonly state: { readonly sum: number; readonly seen: readonly number[] };
  readonly message: number;
  readonly request: number;
  readonly response: number;
  readonly record: { readonly sum: number };
  readonly durable: { readonly sum: number };
  readonly config: { readonly start: number };
}

const good: Machine<Adder> = {
  boot: (durable, { start }) => ({ state: { sum: durable.sum + start, seen: [] }, effects: [] }),
  step: ({ sum, seen }, input) => {
    const n = input.kind === "request" ? input.body : input.kind === "receive" ? input.message : 1;
    const state = { sum: sum + n, seen: [...seen, n] };
    return { state, effects: [{ kind: "persist", record: { sum: state.sum }, sync: true }] };
  },
  disk: { empty: { sum: 0 }, write: (_durable, { sum }) => ({ sum }), pieces: (record) => [record] },
};

const clock = { now: 5, wall: 6 };
const CASE: ContractCase<Adder> = {
  durable: { sum: 1 },
  config: { start: 2 },
  clock,
  inputs: [
    { kind: "request", id: "q", body: 3, ...clock },
    { kind: "receive", from: "b", message: 4, ...clock },
    { kind: "timer", name: "t", ...clock },
  ],
};

/** The breach of the good machine with another step from the second input on. */
function breachOf(step: (state: Adder["state"], input: Input<Adder>) => unknown) {
  return contractBreach(
    {
      ...good,
      step: (state, input) =>
        input.kind === "request" ? good.step(state, input) : (step(state, input) as Step<Adder>),
    },
    CASE,
  );
}

function withState(parts: Readonly<Record<string, unknown>>) {
  return (state: Adder["state"]) => ({ state: { ...state, ...parts }, effects: [] });
}

describe("the contract of a machine", () => {
  test("is kept by a good one", () => {
    expect(contractBreach(good, CASE)).toBeNull();
  });

  test("is broken by one that changes its state in place", () => {
    const breach = breachOf((state) => {
      (state.seen as number[]).push(1);
      return { state, effects: [] };
    });
    expect(breach).toMatchObject({ at: 1, breach: "mutates its arguments" });
  });

  test.each([
    ["deletes", (state: object) => Reflect.get(state, "seen") && delete (state as { seen?: unknown }).seen],
    ["adds", (state: object) => Object.assign(state, { more: 1 })],
    ["overwrites", (state: object) => Object.assign(state, { sum: 1 })],
    ["defines", (state: object) => Object.defineProperty(state, "sum", { value: 9 })],
    ["fills", (state: object) => (state as { seen: number[] }).seen.fill(0)],
  ])("is broken by one that %s a part of its state", (_, change) => {
    const breach = breachOf((state) => {
      change(state);
      return { state, effects: [] };
    });
    expect(breach).toMatchObject({ at: 1, breach: "mutates its arguments" });
  });

  test("is broken by one that changes its input, its disk or its configuration", () => {
    const input = breachOf((state, given) => {
      (given as { now: number }).now = 0;
      return { state, effects: [] };
    });
    expect(input).toMatchObject({ at: 1, breach: "mutates its arguments" });
    const boot = (change: (durable: object, config: object) => void): Machine<Adder> => ({
      ...good,
      boot(durable, config, at) {
        change(durable, config);
        return good.boot(durable, config, at);
      },
    });
    for (const change of [
      (durable: object) => Object.assign(durable, { sum: 7 }),
      (_durable: object, config: object) => Object.assign(config, { start: 7 }),
    ])
      expect(contractBreach(boot(change), CASE)).toMatchObject({ at: -1, breach: "mutates its arguments" });
  });

  test("is broken by one that remembers something outside of its state", () => {
    let calls = 0;
    expect(breachOf((state) => ({ state: { ...state, sum: ++calls }, effects: [] }))).toMatchObject({
      at: 1,
      breach: "not deterministic",
      detail: "step.state.sum: 1 is not 2",
    });
    expect(breachOf((state) => ({ state, effects: ++calls % 2 ? [{ kind: "note", name: "odd" }] : [] }))).toMatchObject(
      {
        breach: "not deterministic",
      },
    );
  });

  test("is broken by one that is not deterministic at its start", () => {
    let boots = 0;
    const machine = { ...good, boot: () => ({ state: { sum: ++boots, seen: [] }, effects: [] }) };
    expect(contractBreach(machine, CASE)).toMatchObject({ at: -1, breach: "not deterministic" });
  });

  test.each([
    ["undefined", undefined],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["minus zero", -0],
    ["a Map", new Map([[1, 2]])],
    ["an empty Set", new Set()],
    ["a Date", new Date(0)],
    ["a bytes array", new Uint8Array(2)],
    [
      "an object of a class",
      new (class Point {
        readonly x = 1;
      })(),
    ],
    ["an object without a prototype", Object.assign(Object.create(null), { x: 1 })],
    ["a hole in an array", new Array(1)],
    ["undefined in an array", [undefined]],
    ["a function", () => 1],
    ["a symbol", Symbol.for("x")],
    ["a toJSON of its own", { toJSON: () => 1 }],
  ])("is broken by %s in the state", (_, value) => {
    expect(breachOf(withState({ value }))).toMatchObject({ at: 1, breach: "not plain data" });
    expect(breachOf(withState({ inner: [{ value }] }))).toMatchObject({ at: 1, breach: "not plain data" });
  });

  test("is broken by what is not plain data in an effect", () => {
    expect(breachOf((state) => ({ state, effects: [{ kind: "send", to: "b", message: Number.NaN }] }))).toMatchObject({
      at: 1,
      breach: "not plain data",
    });
  });

  test("is broken by a disk that is not plain data", () => {
    const disk: Machine<Adder>["disk"] = { ...good.disk, write: () => ({ sum: Number.NaN }) };
    expect(contractBreach({ ...good, disk }, CASE)).toMatchObject({ at: 0, breach: "not plain data", detail: /disk/ });
  });

  test("is broken by one that tells its own state from a copy of it", () => {
    const own = new WeakSet<object>();
    const machine: Machine<Adder> = {
      ...good,
      step(state, input) {
        const step = own.has(state) || input.kind === "request" ? good.step(state, input) : { state, effects: [] };
        own.add(step.state);
        return step;
      },
    };
    expect(contractBreach(machine, CASE)).toMatchObject({ at: 1, breach: "differs after a JSON round trip" });
  });

  test("does not hide an error of the machine itself", () => {
    expect(() =>
      breachOf(() => {
        throw new RangeError("broken");
      }),
    ).toThrow("broken");
    expect(() => breachOf((state) => (state as unknown as { none: { sum: number } }).none.sum)).toThrow("Cannot read");
  });
});

describe("difference", () => {
  test.each([
    [1, 1, null],
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }, null],
    [1, 2, "x: 1 is not 2"],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, null],
    [{ a: { b: [1, 2] } }, { a: { b: [1, 3] } }, "x.a.b.1: 2 is not 3"],
    [{ a: 1 }, {}, "x.a: only in the first"],
    [{}, { a: undefined }, "x.a: only in the second"],
    [[], {}, "x: Array is not Object"],
    [new Map(), {}, "x: Map is not Object"],
    [Object.create(null), {}, "x: an object without a class is not Object"],
    [null, {}, "x: null is not {}"],
    [0, -0, "x: 0 is not 0"],
    [Number.NaN, Number.NaN, null],
  ])("of %o and %o is %o", (left, right, expected) => {
    expect(difference(left, right, "x")).toBe(expected);
  });
});

test("deepFreeze freezes all that a value holds", () => {
  const value = deepFreeze({ a: [{ b: 1 }], c: null, d: "text" });
  expect(() => Object.assign(value.a[0]!, { b: 2 })).toThrow(TypeError);
  expect(() => value.a.push({ b: 2 })).toThrow(TypeError);
});
