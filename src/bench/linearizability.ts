import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MODELS, type ModelOperations } from "../checkers/formats/operations.ts";
import { readHistory } from "../checkers/formats/read.ts";
import type { Call, SequentialModel } from "../checkers/history.ts";
import { checkLinearizability } from "../checkers/linearizability.ts";
import { type KvOp, type KvState, kvModel } from "../checkers/models/kv.ts";
import { type RegisterOp, registerModel } from "../checkers/models/register.ts";
import { between, streamKey, uniform } from "../simulator/random.ts";
import type { Figure } from "./benchmarks.ts";

const HISTORIES = fileURLToPath(new URL("../../../shared/data/histories/", import.meta.url));

type Measured = Omit<Figure, "ratio">;

/** What checking histories takes: recorded ones, where their folder is there, and long generated ones. */
export function linearizability(): Measured[] {
  // First of all, while nothing is compiled; then memory, as the peak of a process never falls.
  const cold = existsSync(HISTORIES) ? [coldStart()] : [];
  const history = registerHistory(20_000, 10, 0);
  const before = process.resourceUsage().maxRSS;
  const first = cpuMs(registerModel, history, 1);
  const peak = process.resourceUsage().maxRSS;
  const long = [
    generated("20,000, register", registerModel, history, `; the first time ${Math.round(first)}`),
    generated("20,000, kv, one key", kvModel, kvHistory(20_000, 10), ""),
  ];
  const lossy = registerHistory(20_000, 10, 0.02);
  const lost = lossy.filter(({ returnedAt }) => returnedAt === Number.POSITIVE_INFINITY).length;
  return [
    ...cold,
    ...(existsSync(HISTORIES) ? recorded() : [missing()]),
    ...long,
    {
      name: "20,000, memory",
      value: (peak - before) / 1024,
      unit: "MiB",
      note: "register: growth of the process's peak in the first check",
    },
    generated("20,000, register, lossy", registerModel, lossy, `, ${lost} writes never answered`),
    generated("20,000, 30 clients", registerModel, registerHistory(20_000, 30, 0), ", register"),
  ];
}

function missing(): Measured {
  return { name: "linearizability", value: 0, unit: "files", note: `skipped: no recorded histories in ${HISTORIES}` };
}

function coldStart(): Measured {
  const start = process.cpuUsage();
  const logs = filesOf("jepsen-etcd");
  for (const file of logs) checkLinearizability(MODELS["cas-register"].model, callsOf(MODELS["cas-register"], file));
  const { user, system } = process.cpuUsage(start);
  const note = "read and checked once, by a process that has just started";
  return { name: `jepsen-etcd, ${logs.length} files, cold`, value: (user + system) / 1000, unit: "ms CPU", note };
}

function recorded(): Measured[] {
  const logs = filesOf("jepsen-etcd").map((file) => ({ file, calls: callsOf(MODELS["cas-register"], file) }));
  const times = logs.map(({ file, calls }) => ({ file, ms: cpuMs(MODELS["cas-register"].model, calls, 40) }));
  const total = times.reduce((sum, { ms }) => sum + ms, 0);
  const kv = filesOf("kv").map((file) => ({
    name: file.replace(/^kv\/|\.txt$/g, ""),
    calls: callsOf(MODELS.kv, file),
  }));
  const whole = kv.find(({ name }) => name === "c10-ok");
  return [
    {
      name: `jepsen-etcd, ${logs.length} files`,
      value: total * 1000,
      unit: "µs CPU",
      note: "the sum of those below",
    },
    ...times.map(({ file, ms }) => ({
      name: file.replace(/^jepsen-etcd\/|\.log$/g, ""),
      value: ms * 1000,
      unit: "µs CPU",
      note: "median of 40, warm",
    })),
    ...kv.map(({ name, calls }) => ({
      name,
      value: cpuMs(kvModel, calls, 200) * 1000,
      unit: "µs CPU",
      note: "median of 200, warm",
    })),
    ...(whole === undefined
      ? []
      : [
          {
            name: "c10-ok, not partitioned",
            value: cpuMs(wholeStore, whole.calls, 3),
            unit: "ms CPU",
            note: "median of 3, warm",
          },
        ]),
  ];
}

function filesOf(folder: string): string[] {
  return readdirSync(HISTORIES + folder)
    .sort()
    .map((file) => `${folder}/${file}`);
}

function callsOf<State, Op>(of: ModelOperations<State, Op>, file: string): readonly Call<Op>[] {
  const read = readHistory(readFileSync(HISTORIES + file), of as ModelOperations<unknown, Op>);
  if (read.kind !== "read") throw new Error(`${file}: ${read.flaws[0]!.message}`);
  return read.calls;
}

/** The store as one object of many keys. What the model says of the state of a partition does not hold then. */
const wholeStore: SequentialModel<KvState, KvOp> = {
  name: "whole kv",
  initial: kvModel.initial,
  step: kvModel.step,
  identity: kvModel.identity,
  effect: (op) => (kvModel.effect!(op) === "reads" ? "reads" : "total"),
  opIdentity: kvModel.opIdentity!,
  describe: kvModel.describe,
  describeState: kvModel.describeState,
};

/** What a generated history takes: of 10 clients, unless its name says otherwise. */
function generated<State, Op>(
  name: string,
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
  what: string,
): Measured {
  return { name, value: cpuMs(model, calls, 9), unit: "ms CPU", note: `median of 9, warm${what}` };
}

/** CPU time of a check, in ms: the median, for more than one after some that do not count. */
function cpuMs<State, Op>(model: SequentialModel<State, Op>, calls: readonly Call<Op>[], times: number): number {
  const one = (): number => {
    const start = process.cpuUsage();
    const { kind } = checkLinearizability(model, calls);
    const { user, system } = process.cpuUsage(start);
    if (kind === "unknown") throw new Error("a history of the benchmark was not decided");
    return (user + system) / 1000;
  };
  for (let i = 0; i < times / 2 && times > 1; i++) one();
  return Array.from({ length: times }, one).sort((a, b) => a - b)[times >> 1]!;
}

/** When a call of an atomic object was made, took effect and was answered. */
interface Timed {
  readonly process: string;
  readonly invokedAt: number;
  readonly effectAt: number;
  readonly answeredAt: number;
  readonly index: number;
}

/** Clients that are nearly always busy; each call takes effect at some time while it is open. */
function timed(operations: number, clients: number, lossRate: number): Timed[] {
  const key = streamKey("bench", "history");
  const busy = Array.from({ length: clients }, (_, i) => ({ process: `${i}`, until: uniform(key, i, 9) }));
  return Array.from({ length: operations }, (_, index) => {
    const client = busy.reduce((a, b) => (b.until < a.until ? b : a));
    const { process, until: invokedAt } = client;
    const took = 0.1 + uniform(key, index, 0);
    client.until = invokedAt + took + 0.2 * uniform(key, index, 1);
    const lost = index % 2 === 1 && uniform(key, index, 2) < lossRate;
    if (lost) client.process = `${process}'`;
    return {
      process,
      invokedAt,
      effectAt: invokedAt + took * uniform(key, index, 3),
      answeredAt: lost ? Number.POSITIVE_INFINITY : invokedAt + took,
      index,
    };
  });
}

/** Gives each call its operation in the order of effects, then numbers the events in the order of time. */
function historyOf<Op>(calls: readonly Timed[], opOf: (call: Timed) => Op): Call<Op>[] {
  const ops = new Map([...calls].sort((a, b) => a.effectAt - b.effectAt).map((call) => [call, opOf(call)]));
  const times = calls.flatMap(({ invokedAt, answeredAt }) => [invokedAt, answeredAt]);
  const position = new Map([...times].sort((a, b) => a - b).map((time, i) => [time, i]));
  const at = (time: number) => (time === Number.POSITIVE_INFINITY ? time : position.get(time)!);
  return [...calls]
    .sort((a, b) => a.invokedAt - b.invokedAt)
    .map((call) => ({
      process: call.process,
      op: ops.get(call)!,
      invokedAt: at(call.invokedAt),
      returnedAt: at(call.answeredAt),
    }));
}

function registerHistory(operations: number, clients: number, lossRate: number): Call<RegisterOp>[] {
  let held: string | null = null;
  return historyOf(timed(operations, clients, lossRate), ({ index }): RegisterOp => {
    if (index % 2 === 0) return { kind: "read", value: held };
    held = `${index}`;
    return { kind: "write", value: held };
  });
}

/** Half of the calls are gets; every fifth of the others is a put. */
function kvHistory(operations: number, clients: number): Call<KvOp>[] {
  const stream = streamKey("bench", "kv");
  const key = "key";
  let held = "";
  return historyOf(timed(operations, clients, 0), ({ index }): KvOp => {
    if (index % 2 === 0) return { kind: "get", key, value: held };
    const value = `${index};`;
    const put = between(stream, index, 0, 1, 5) === 1;
    held = put ? value : held + value;
    return { kind: put ? "put" : "append", key, value };
  });
}
