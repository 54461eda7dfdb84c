import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { MODELS, type ModelOperations } from "./formats/operations.ts";
import { readHistory } from "./formats/read.ts";
import type { Call, LinearizabilityVerdict, SequentialModel } from "./history.ts";
import { NARROW } from "./linearizability/bit-sets.ts";
import { MemoryBudget } from "./linearizability/memory.ts";
import { problemOf } from "./linearizability/problem.ts";
import { LinearizabilitySearch, type SearchOptions } from "./linearizability/search.ts";
import { partitionEvents } from "./linearizability/timeline.ts";
import { checkLinearizability, DEFAULT_BOUNDS } from "./linearizability.ts";
import { type CasRegisterOp, casRegisterModel } from "./models/cas-register.ts";
import { type KvOp, type KvState, kvModel } from "./models/kv.ts";
import { type RegisterOp, registerModel } from "./models/register.ts";

/** The definition, tried out: every order that respects time, but for configurations that were tried already. */
function linearizable<State, Op>(model: SequentialModel<State, Op>, calls: readonly Call<Op>[]): boolean {
  const tried = new Set<string>();
  const from = (done: number, state: State): boolean => {
    const open = calls.map((_, i) => i).filter((i) => ((done >>> i) & 1) === 0);
    if (open.every((i) => calls[i]!.returnedAt === Number.POSITIVE_INFINITY)) return true;
    const configuration = `${done} ${model.identity(state)}`;
    if (tried.has(configuration)) return false;
    tried.add(configuration);
    return open.some((i) => {
      if (open.some((other) => calls[other]!.returnedAt < calls[i]!.invokedAt)) return false;
      const next = model.step(state, calls[i]!.op);
      return next !== undefined && from(done | (1 << i), next);
    });
  };
  return from(0, model.initial);
}

/** A process acts: it makes a call where it has none, else it is answered, or never is and a new process takes its place. */
interface Act<Op> {
  readonly process: number;
  readonly op: Op;
  readonly loses: boolean;
}

function historyOf<Op>(acts: readonly Act<Op>[], unanswered: (op: Op) => Op): Call<Op>[] {
  const calls: { process: string; op: Op; invokedAt: number; returnedAt: number }[] = [];
  const busy = new Map<number, (typeof calls)[number]>();
  const incarnation = new Map<number, number>();
  acts.forEach(({ process, op, loses }, at) => {
    const call = busy.get(process);
    if (call === undefined) {
      const name = `${process}.${incarnation.get(process) ?? 0}`;
      const made = { process: name, op, invokedAt: at, returnedAt: Number.POSITIVE_INFINITY };
      calls.push(made);
      busy.set(process, made);
      return;
    }
    busy.delete(process);
    if (loses) incarnation.set(process, (incarnation.get(process) ?? 0) + 1);
    else call.returnedAt = at;
  });
  return calls.map((call) =>
    call.returnedAt === Number.POSITIVE_INFINITY ? { ...call, op: unanswered(call.op) } : call,
  );
}

/** Histories of up to `callsMax` calls with whatever answers. */
function histories<Op>(op: fc.Arbitrary<Op>, unanswered: (op: Op) => Op, callsMax: number): fc.Arbitrary<Call<Op>[]> {
  return fc
    .array(fc.record({ process: fc.nat(4), op, loses: fc.nat(5).map((draw) => draw === 0) }), {
      maxLength: callsMax * 2,
      size: "max",
    })
    .map((acts) => historyOf(acts, unanswered).slice(0, callsMax));
}

/**
 * Histories of an atomic object, in which some calls are never answered, and one answer may be changed.
 *
 * @param answer The operation with the answer that it gets in a state.
 */
function nearlyLinearizable<State, Op>(
  model: SequentialModel<State, Op>,
  op: fc.Arbitrary<Op>,
  answer: (state: State, op: Op) => Op,
  unanswered: (op: Op) => Op,
  callsMax: number,
): fc.Arbitrary<Call<Op>[]> {
  const acts = fc.array(fc.record({ process: fc.nat(4), op, loses: fc.nat(9).map((draw) => draw === 0) }), {
    maxLength: callsMax * 2,
    size: "max",
  });
  return fc
    .tuple(acts, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), fc.option(fc.tuple(fc.nat(), op)))
    .map(([made, points, change]) => {
      const calls = historyOf(made, (lost) => lost).slice(0, callsMax);
      // Each takes effect at some time while it is open; unanswered ones maybe never.
      const effects = calls.map((call, i) => {
        const until = Math.min(call.returnedAt, call.invokedAt + 12);
        const at = call.invokedAt + ((points[i]! % 1000) / 1000) * (until - call.invokedAt);
        return { i, at: call.returnedAt === Number.POSITIVE_INFINITY && points[i]! % 2 === 0 ? -1 : at };
      });
      let state = model.initial;
      const ops = calls.map((call) => unanswered(call.op));
      for (const { i } of effects.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)) {
        const answered = answer(state, calls[i]!.op);
        state = model.step(state, answered)!;
        if (calls[i]!.returnedAt !== Number.POSITIVE_INFINITY) ops[i] = answered;
      }
      if (change !== null && calls.length > 0) {
        const i = change[0] % calls.length;
        ops[i] = calls[i]!.returnedAt === Number.POSITIVE_INFINITY ? unanswered(change[1]) : change[1];
      }
      return calls.map((call, i) => ({ ...call, op: ops[i]! }));
    });
}

const value = fc.constantFrom("a", "b", "c");
const held = fc.constantFrom(null, "a", "b", "c");
const registerOp: fc.Arbitrary<RegisterOp> = fc.oneof(
  fc.record({ kind: fc.constant("read" as const), value: fc.constantFrom(null, "a", "b", "c", undefined) }),
  fc.record({ kind: fc.constant("write" as const), value }),
);
const casRegisterOp: fc.Arbitrary<CasRegisterOp> = fc.oneof(
  registerOp,
  fc.record({ kind: fc.constant("cas" as const), from: held, to: value, ok: fc.constantFrom(true, false, undefined) }),
);
const key = fc.constantFrom("x", "y");
const kvOp: fc.Arbitrary<KvOp> = fc.oneof(
  fc.record({ kind: fc.constant("get" as const), key, value: fc.constantFrom("", "a", "b", "ab", "ba", undefined) }),
  fc.record({ kind: fc.constantFrom("put" as const, "append" as const), key, value: fc.constantFrom("a", "b", "") }),
);

function unansweredRegister<Op extends CasRegisterOp>(op: Op): Op {
  return op.kind === "read" ? { ...op, value: undefined } : op.kind === "cas" ? { ...op, ok: undefined } : op;
}
function answerRegister<Op extends CasRegisterOp>(state: string | null, op: Op): Op {
  return op.kind === "read" ? { ...op, value: state } : op.kind === "cas" ? { ...op, ok: state === op.from } : op;
}
function heldBy(state: KvState, of: string): string {
  if (state === null) return "";
  return state.key === of ? state.value : heldBy(state.rest, of);
}
const unansweredKv = (op: KvOp): KvOp => (op.kind === "get" ? { ...op, value: undefined } : op);

/** Without what a model may leave out. */
function bare<State, Op>({ name, initial, step, identity, describe, describeState }: SequentialModel<State, Op>) {
  return { name, initial, step, identity, describe, describeState } satisfies SequentialModel<State, Op>;
}

/** By a search that does from its start what others do in large histories only, in small pieces. */
function linearizableOtherwise<State, Op>(
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
  options: SearchOptions,
): boolean {
  return partitionEvents(model, calls).every((partition) => {
    const problem = problemOf(model, calls, partition);
    const memory = new MemoryBudget(2 ** 28);
    const search = new LinearizabilitySearch(model as SequentialModel<unknown, unknown>, problem, memory, options);
    for (;;) {
      const progress = search.run(3);
      if (progress !== "running") return progress === "linearizable";
    }
  });
}

/** What is claimed to be possible is, and nothing that must come next can. */
function expectEvidence<State, Op>(
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
  verdict: LinearizabilityVerdict<Op>,
): void {
  if (verdict.kind !== "notLinearizable") return;
  const { partition, longest, stuck } = verdict.evidence;
  const concerned = calls.filter(({ op }) => partition === null || model.partition!(op) === partition);
  const left = new Set(concerned);
  let state = model.initial;
  for (const { call, state: shown } of longest) {
    expect(left.delete(call)).toBe(true);
    for (const other of left) expect(other.returnedAt).toBeGreaterThan(call.invokedAt);
    const next = model.step(state, call.op);
    expect(next).toBeDefined();
    state = next!;
    expect(shown).toBe(model.describeState(state));
  }
  const answerMin = Math.min(...[...left].map(({ returnedAt }) => returnedAt));
  const next = [...left].filter((call) => call.invokedAt < answerMin && call.returnedAt < Number.POSITIVE_INFINITY);
  expect(new Set(stuck.map(({ call }) => call))).toEqual(new Set(next));
  expect(stuck.length).toBeGreaterThan(0);
  for (const { call } of stuck) expect(model.step(state, call.op)).toBeUndefined();
}

function expectAgreement<State, Op>(model: SequentialModel<State, Op>, calls: readonly Call<Op>[]): void {
  const expected = linearizable(model, calls);
  const verdict = checkLinearizability(model, calls);
  expect(verdict.kind).toBe(expected ? "linearizable" : "notLinearizable");
  expectEvidence(model, calls, verdict);
  const plain = checkLinearizability(bare(model), calls);
  expect(plain.kind).toBe(verdict.kind);
  expectEvidence(bare(model), calls, plain);
  for (const options of [
    { narrow: 0, deadEndsEasy: Number.POSITIVE_INFINITY },
    { narrow: NARROW, deadEndsEasy: 0 },
  ])
    expect(linearizableOtherwise(model, calls, options)).toBe(expected);
}

describe("linearizability agrees with its definition", () => {
  const few = 9;
  const more = 16;
  const numRuns = 3_000;
  property.prop([histories(registerOp, unansweredRegister, few)], { numRuns })("register", (calls) =>
    expectAgreement(registerModel, calls),
  );
  property.prop([histories(casRegisterOp, unansweredRegister, few)], { numRuns })("register with cas", (calls) =>
    expectAgreement(casRegisterModel, calls),
  );
  property.prop([histories(kvOp, unansweredKv, few)], { numRuns })("key-value store", (calls) =>
    expectAgreement(kvModel, calls),
  );
  property.prop([nearlyLinearizable(registerModel, registerOp, answerRegister, unansweredRegister, more)], { numRuns })(
    "register, nearly right",
    (calls) => expectAgreement(registerModel, calls),
  );
  property.prop([nearlyLinearizable(casRegisterModel, casRegisterOp, answerRegister, unansweredRegister, more)], {
    numRuns,
  })("register with cas, nearly right", (calls) => expectAgreement(casRegisterModel, calls));
  property.prop(
    [
      nearlyLinearizable(
        kvModel,
        kvOp,
        (state, op) => (op.kind === "get" ? { ...op, value: heldBy(state, op.key) } : op),
        unansweredKv,
        more,
      ),
    ],
    { numRuns },
  )("key-value store, nearly right", (calls) => expectAgreement(kvModel, calls));
});

describe("linearizability of recorded histories", () => {
  const folder = fileURLToPath(new URL("../../../shared/data/histories/", import.meta.url));
  if (!existsSync(folder)) {
    test.skip("there is no folder of recorded histories", () => {});
    return;
  }
  const verdicts = JSON.parse(readFileSync(`${folder}verdicts.json`, "utf8")) as Record<
    string,
    Record<string, boolean>
  >;

  function expectVerdict<State, Op>(of: ModelOperations<State, Op>, path: string, expected: boolean): void {
    const read = readHistory(readFileSync(folder + path), of as ModelOperations<unknown, Op>);
    if (read.kind !== "read") throw new Error(read.flaws[0]!.message);
    const verdict = checkLinearizability(of.model, read.calls);
    expect(verdict.kind).toBe(expected ? "linearizable" : "notLinearizable");
    expectEvidence(of.model, read.calls, verdict);
  }

  test.each(Object.entries(verdicts["jepsen-etcd"]!))("jepsen-etcd/%s", (file, expected) =>
    expectVerdict(MODELS["cas-register"], `jepsen-etcd/${file}`, expected),
  );
  test.each(Object.entries(verdicts["kv"]!))("kv/%s", (file, expected) =>
    expectVerdict(MODELS.kv, `kv/${file}`, expected),
  );
});

function write(
  process: string,
  value: string,
  invokedAt: number,
  returnedAt = Number.POSITIVE_INFINITY,
): Call<RegisterOp> {
  return { process, op: { kind: "write", value }, invokedAt, returnedAt };
}
function read(process: string, value: string | null, invokedAt: number, returnedAt: number): Call<RegisterOp> {
  return { process, op: { kind: "read", value }, invokedAt, returnedAt };
}

describe("linearizability", () => {
  test("says how far it got, and why it went no further", () => {
    const calls = [write("a", "1", 0, 1), write("b", "2", 2, 3), read("a", "1", 4, 5), read("b", "2", 6, 7)];
    expect(checkLinearizability(registerModel, calls)).toEqual({
      kind: "notLinearizable",
      evidence: {
        partition: null,
        longest: [
          { call: calls[0], state: "1" },
          { call: calls[1], state: "2" },
        ],
        stuck: [{ call: calls[2], reason: "its answer does not fit the state 2" }],
      },
    });
  });

  test("a history without calls is linearizable", () => {
    expect(checkLinearizability(registerModel, []).kind).toBe("linearizable");
  });

  test("a hundred writes without an answer, of which some are read", () => {
    const calls: Call<RegisterOp>[] = [];
    for (let i = 0; i < 100; i++) calls.push(write(`lost ${i}`, `${i}`, i));
    for (let i = 0; i < 50; i++) calls.push(read("reader", `${(i * 37) % 100}`, 100 + i * 2, 101 + i * 2));
    expect(checkLinearizability(registerModel, calls).kind).toBe("linearizable");
    // Each was written once, so what was read and replaced does not come back.
    calls.push(read("reader", "0", 200, 201));
    expect(checkLinearizability(registerModel, calls).kind).toBe("notLinearizable");
  });

  test("a write without an answer that changes nothing hides another", () => {
    const key = "x";
    const calls: Call<KvOp>[] = [
      { process: "lost", op: { kind: "put", key, value: "2" }, invokedAt: 0, returnedAt: Number.POSITIVE_INFINITY },
      { process: "a", op: { kind: "put", key, value: "2" }, invokedAt: 1, returnedAt: 3 },
      { process: "b", op: { kind: "append", key, value: "0" }, invokedAt: 2, returnedAt: 6 },
      { process: "a", op: { kind: "put", key, value: "0" }, invokedAt: 4, returnedAt: 9 },
      { process: "b", op: { kind: "get", key, value: "20" }, invokedAt: 7, returnedAt: 8 },
      { process: "b", op: { kind: "get", key, value: "20" }, invokedAt: 10, returnedAt: 11 },
    ];
    // put(2), put(0), the lost put(2), append(0), get, get.
    expectAgreement(kvModel, calls);
    expect(checkLinearizability(kvModel, calls).kind).toBe("linearizable");
    expect(checkLinearizability(kvModel, calls.slice(1)).kind).toBe("notLinearizable");
  });

  test("what has no room is seen at once in a long history", () => {
    const calls: Call<RegisterOp>[] = [];
    for (let i = 0; i < 3_000; i++) {
      // Three writers at a time; the reader sees the last.
      const at = i * 10;
      for (let w = 0; w < 3; w++) calls.push(write(`w${w}`, `${i % 7}`, at + w, at + 3 + w));
      calls.push(read("reader", i === 2_500 ? `${(i + 3) % 7}` : `${i % 7}`, at + 6, at + 7));
    }
    const verdict = checkLinearizability(registerModel, calls, { ...DEFAULT_BOUNDS, stepsMax: 100_000 });
    const [stuck] = verdict.kind === "notLinearizable" ? verdict.evidence.stuck : [];
    expect(stuck).toEqual({
      call: calls[2_500 * 4 + 3],
      reason: "at no time while it was open can the state be 4; the state is 1",
    });
  });

  test("a hundred calls at once", () => {
    const calls: Call<RegisterOp>[] = [];
    for (let i = 0; i < 100; i++) calls.push(write(`w${i}`, `${i}`, i, 200 + i));
    for (let i = 0; i < 50; i++) calls.push(read("reader", `${i * 2}`, 100 + i * 2, 101 + i * 2));
    expect(checkLinearizability(registerModel, calls).kind).toBe("linearizable");
  });

  test("a violation in one partition is found beside one that is too hard", () => {
    const hard: Call<KvOp>[] = [];
    for (let i = 0; i < 24; i++)
      hard.push({
        process: `h${i}`,
        op: { kind: "append", key: "hard", value: String.fromCharCode(97 + i) },
        invokedAt: i,
        returnedAt: 100 + i,
      });
    hard.push({ process: "r", op: { kind: "get", key: "hard", value: "no" }, invokedAt: 200, returnedAt: 201 });
    expect(checkLinearizability(kvModel, hard, { ...DEFAULT_BOUNDS, stepsMax: 100_000 })).toEqual({
      kind: "unknown",
      reason: "not decided within 100000 steps",
    });
    expect(checkLinearizability(kvModel, hard, { ...DEFAULT_BOUNDS, memoryBytesMax: 1_000_000 })).toEqual({
      kind: "unknown",
      reason: "not decided within 1000000 bytes of memory",
    });
    expect(checkLinearizability(kvModel, hard, { ...DEFAULT_BOUNDS, expired: () => true })).toEqual({
      kind: "unknown",
      reason: "not decided within the time",
    });
    const easy: Call<KvOp> = {
      process: "r",
      op: { kind: "get", key: "easy", value: "?" },
      invokedAt: 300,
      returnedAt: 301,
    };
    const verdict = checkLinearizability(kvModel, [...hard, easy], { ...DEFAULT_BOUNDS, memoryBytesMax: 1_000_000 });
    expect(verdict).toMatchObject({ kind: "notLinearizable", evidence: { partition: "easy" } });
  });

  test.each([
    ["calls out of order", [write("a", "1", 5, 6), write("b", "1", 2, 3)], /order of their invocations/],
    ["two invocations at once", [write("a", "1", 5, 6), write("b", "1", 5, 7)], /order of their invocations/],
    ["an answer before its call", [write("a", "1", 5, 4)], /returned at 4/],
    ["no time", [write("a", "1", 5, Number.NaN)], /returned at NaN/],
    ["two answers at once", [write("a", "1", 1, 6), write("b", "1", 2, 6)], /two events .* at 6/],
    ["an answer and a call at once", [write("a", "1", 1, 6), write("b", "1", 6, 7)], /two events .* at 6/],
    ["a process with two calls", [write("a", "1", 1, 6), write("a", "1", 3, 7)], /process a/],
    ["a process that goes on without an answer", [write("a", "1", 1), write("a", "1", 3, 7)], /process a/],
  ])("%s are refused", (_, calls, message) => {
    expect(() => checkLinearizability(registerModel, calls)).toThrow(message);
  });

  test.each([
    ["reads", /only reads, and changes the state/],
    ["total", /is possible in every state, and is not/],
    ["overwrites", /overwrites all, and makes different states/],
  ] as const)("a model whose operations do otherwise than it says (%s) is refused", (effect, message) => {
    const model: SequentialModel<string | null, CasRegisterOp> = { ...casRegisterModel, effect: () => effect };
    const cas = (from: string | null, to: string, ok: boolean | undefined, at: number): Call<CasRegisterOp> => ({
      process: "a",
      op: { kind: "cas", from, to, ok },
      invokedAt: at,
      returnedAt: at + 1,
    });
    const calls =
      effect === "total" ? [cas("2", "3", true, 0)] : [cas("9", "1", undefined, 0), cas(null, "1", undefined, 2)];
    calls.push(cas("9", "1", undefined, 4));
    expect(() => checkLinearizability(model, calls)).toThrow(message);
  });
});
