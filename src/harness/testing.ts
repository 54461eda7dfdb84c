/** A suite of toy machines, for tests of the harness. */
import * as Schema from "effect/Schema";
import type { Monitor, MonitorContext, Property } from "../checkers/property.ts";
import type { Fault } from "../simulator/faults.ts";
import { EVEN_NETWORK, putSync, reply, send, setTimer, type ToyTypes, toySystem } from "../simulator/testing.ts";
import { type Arbitrary, fc } from "./fast-check.ts";
import { requestId } from "./run.ts";
import { type Scenario, scenarioFields } from "./scenario.ts";
import { check, defaulting, Milliseconds, whole } from "./schema.ts";
import type { Profile, Suite } from "./suite.ts";

const OperationSchema = Schema.Struct({
  kind: Schema.Literal("put"),
  atMs: Milliseconds,
  to: defaulting(Schema.String, "first"),
  value: whole(0, 1_000_000),
  count: defaulting(whole(1, 100), 1),
});

/** Members t1, t2, … that send each other a beat in a ring, and write what clients put. */
export const ToyScenarioSchema = Schema.Struct({
  ...scenarioFields,
  suite: Schema.Literal("toy"),
  system: Schema.Struct({ members: whole(1, 9), beatMs: defaulting(whole(1, 10_000), 50) }),
  workload: defaulting(Schema.Array(OperationSchema), []),
});

export type ToyScenario = typeof ToyScenarioSchema.Type;
export type ToyOperation = ToyScenario["workload"][number];
export type ToySuite = Suite<ToyTypes, ToyScenario["system"], ToyOperation>;

export const TOY_PROFILE: Profile = {
  name: "quick",
  runs: 20,
  chaosMsMax: 2000,
  operationsMax: 10,
  faultsMax: 4,
  episodesMax: 0,
};

/** A suite of these properties, with parts of it replaced. */
export function toySuite(properties: readonly Property<ToyTypes>[], parts: Partial<ToySuite> = {}): ToySuite {
  return {
    name: "toy",
    summary: "toy machines that beat in a ring",
    schema: ToyScenarioSchema,
    profiles: { quick: TOY_PROFILE },
    properties,
    rules: [],
    arbitrary: toyArbitrary as ToySuite["arbitrary"],
    contradiction({ system, workload }) {
      const members = memberIds(system.members);
      const at = workload.findIndex(({ to }) => to !== "first" && !members.includes(to));
      return at < 0 ? null : { path: ["workload", at, "to"], message: `Expected one of ${members.join(", ")}` };
    },
    system({ system }) {
      const ids = memberIds(system.members);
      const configs = ids.map((id, i) => {
        const tick = setTimer("beat", system.beatMs * 1000);
        const next = ids[(i + 1) % ids.length]!;
        return [id, { onBoot: [tick], onTimer: { beat: [...(next === id ? [] : [send(next, "beat", i)]), tick] } }];
      });
      return toySystem(Object.fromEntries(configs), { losses: Math.ceil(ids.length / 2) - 1 });
    },
    perform(world, { to, value, count }, index) {
      const target = world.resolve(to);
      if (target === null) return;
      for (let i = 0; i < count; i++) {
        const id = requestId(index, i);
        world.request(target.id, id, { kind: "put", n: value, effects: [putSync(value), reply(id, "done")] });
      }
    },
    probe() {},
    excuse: () => null,
    *simplify(scenario) {
      for (let members = 1; members < scenario.system.members; members++)
        yield { ...scenario, system: { ...scenario.system, members } };
    },
    ...parts,
  };
}

function memberIds(members: number): string[] {
  return Array.from({ length: members }, (_, i) => `t${i + 1}`);
}

/** A scenario with the defaults filled in: an even network, instant fsyncs, a second of chaos. */
export function toyScenario(parts: Readonly<Record<string, unknown>> = {}): ToyScenario {
  const checked = check(ToyScenarioSchema, {
    suite: "toy",
    system: { members: 3 },
    network: EVEN_NETWORK,
    disk: { syncMinUs: 0, syncJitterUs: 0 },
    phases: { chaosMs: 1000, settleMs: 5000 },
    ...parts,
  });
  if (checked.kind === "flawed") throw new Error(JSON.stringify(checked.flaws));
  return checked.value;
}

/** Puts of these values, one each ten milliseconds. */
export function puts(...values: readonly number[]): ToyOperation[] {
  return values.map((value, i) => ({ kind: "put", atMs: i * 10, to: "t1", value, count: 1 }));
}

function toyArbitrary({ operationsMax, faultsMax, chaosMsMax }: Profile): Arbitrary<Scenario> {
  const atMs = fc.integer({ min: 0, max: chaosMsMax });
  const target = fc.constantFrom("t1", "t2", "t3");
  const durationMs = fc.integer({ min: 1, max: 500 });
  const fault: Arbitrary<Fault> = fc.oneof(
    fc.record({ kind: fc.constant("crash" as const), atMs, target, downMs: durationMs, torn: fc.boolean() }),
    fc.record({ kind: fc.constant("pause" as const), atMs, target, durationMs }),
    fc.record({ kind: fc.constant("storm" as const), atMs, durationMs, loss: fc.constant(0.3) }),
  );
  const put = fc.record({
    kind: fc.constant("put" as const),
    atMs,
    to: fc.constantFrom("first", "t1", "t2", "t3"),
    value: fc.integer({ min: 0, max: 99 }),
    count: fc.integer({ min: 1, max: 3 }),
  });
  return fc
    .record({
      workload: fc.array(put, { maxLength: operationsMax }),
      faults: fc.array(fault, { maxLength: faultsMax }),
      reorder: fc.constantFrom(0, 0.2),
    })
    .map(({ workload, faults, reorder }) => ({
      ...toyScenario({ network: { reorder } }),
      workload,
      faults,
      phases: { chaosMs: chaosMsMax, settleMs: 5000, stayDown: [] },
    }));
}

/** A property whose monitor is as given. */
export function property(
  id: string,
  kind: Property<ToyTypes>["kind"],
  monitor: (context: MonitorContext<ToyTypes>) => Monitor<ToyTypes>,
): Property<ToyTypes> {
  return { id, kind, source: "a test", monitor };
}

/** Violated as soon as clients have put all of these values, in whatever order. */
export function neverAllOf(id: string, values: readonly number[]): Property<ToyTypes> {
  return property(id, "always", ({ violate }) => {
    const missing = new Set(values);
    return {
      onRequest: (_process, _id, { n }) => {
        if (missing.delete(n) && missing.size === 0) violate(`all of ${values.join(", ")} were put`, { values });
      },
    };
  });
}
