import { describe, expect, test } from "vitest";
import { FAULT_KINDS } from "../simulator/faults.ts";
import { generate } from "./fast-check.ts";
import { ExpectationSchema, FaultSchema, ScheduleSchema } from "./scenario.ts";
import { check, renderPath } from "./schema.ts";
import { TOY_PROFILE, ToyScenarioSchema, toySuite } from "./testing.ts";

function flaws(schema: Parameters<typeof check>[0], value: unknown): string[] {
  const checked = check(schema, value);
  return checked.kind === "fits" ? [] : checked.flaws.map(({ path, message }) => `${renderPath(path)}: ${message}`);
}

/** Each kind of fault with no more than it must have. */
const LEAST: Record<(typeof FAULT_KINDS)[number], object> = {
  crash: { target: "m1", downMs: 5 },
  kill: { target: "m1", downMs: 5 },
  pause: { target: "m1", durationMs: 5 },
  slow: { target: "m1", durationMs: 5, stepUs: 1 },
  partition: { side: ["m1"], durationMs: 5 },
  link: { from: "m1", to: "m2", durationMs: 5 },
  clog: { from: "m1", to: "m2", durationMs: 5 },
  storm: { durationMs: 5 },
  slowDisk: { target: "m1", durationMs: 5, syncMs: 5 },
  fullDisk: { target: "m1", durationMs: 5 },
  corrupt: { target: "m1" },
  clockRate: { target: "m1", durationMs: 5, rate: 1.5 },
  clockJump: { target: "m1", byMs: -5 },
};

describe("a fault", () => {
  test.each(FAULT_KINDS)("%s is at the start unless it says when, and lacks nothing", (kind) => {
    const least = { kind, ...LEAST[kind] };
    expect(check(FaultSchema, least)).toMatchObject({ kind: "fits", value: { ...least, atMs: 0 } });
    for (const key of Object.keys(LEAST[kind])) {
      const { [key as never]: _, ...without } = least as Record<string, unknown>;
      expect(flaws(FaultSchema, without).join(), `${kind} without ${key}`).toMatch(new RegExp(`^${key}: `));
    }
    expect(flaws(FaultSchema, { ...least, severity: 3 }).join()).toMatch(/^severity: Unknown field/);
  });

  test("waits for a point, by default after the first effect of its kind", () => {
    const crash = { kind: "crash", target: "self", downMs: 5 };
    expect(check(FaultSchema, { ...crash, on: { effect: "send" } })).toMatchObject({
      value: { torn: false, on: { effect: "send", nth: 1, edge: "after" } },
    });
    expect(flaws(FaultSchema, { ...crash, on: { effect: "breathe" } }).join()).toMatch(/^on\.effect: /);
    expect(flaws(FaultSchema, { ...crash, on: { effect: "send", nth: 0 } }).join()).toMatch(/^on\.nth: /);
  });

  test.each([
    [{ kind: "crash", target: "m1", downMs: -1 }, "downMs"],
    [{ kind: "clockRate", target: "m1", durationMs: 5, rate: 3 }, "rate"],
    [{ kind: "partition", side: [], durationMs: 5 }, "side"],
    [{ kind: "link", from: "m1", to: "m2", durationMs: 5, loss: 1.5 }, "loss"],
    [{ kind: "slow", target: "m1", durationMs: 5, stepUs: 0.5 }, "stepUs"],
    [{ kind: "pause", target: "m1", durationMs: 5, atMs: "soon" }, "atMs"],
  ])("%o is out of its range", (fault, field) => {
    expect(flaws(FaultSchema, fault).join()).toMatch(new RegExp(`^${field}: `));
  });

  test("of an unknown kind is told so", () => {
    expect(flaws(FaultSchema, { kind: "earthquake", target: "m1" })).not.toEqual([]);
  });
});

describe("a scenario", () => {
  test("needs little", () => {
    const checked = check(ToyScenarioSchema, { suite: "toy", system: { members: 3 }, phases: { chaosMs: 100 } });
    expect(checked).toMatchInlineSnapshot(`
      {
        "kind": "fits",
        "value": {
          "clock": {
            "driftMax": 0,
            "skewMaxUs": 0,
          },
          "disk": {
            "syncJitterUs": 100,
            "syncMinUs": 100,
            "tailDoublingsMax": 6,
          },
          "faults": [],
          "network": {
            "duplicate": 0,
            "latencyJitterUs": 300,
            "latencyMinUs": 200,
            "loss": 0,
            "reorder": 0,
            "tailDoublingsMax": 6,
          },
          "phases": {
            "chaosMs": 100,
            "settleMs": 60000,
            "stayDown": [],
          },
          "schedule": {
            "kind": "timed",
          },
          "seed": 1,
          "suite": "toy",
          "system": {
            "beatMs": 50,
            "members": 3,
          },
          "workload": [],
        },
      }
    `);
  });

  test.each([
    [{ suite: "raft" }, "suite"],
    [{ seed: 0.5 }, "seed"],
    [{ seed: 2 ** 32 }, "seed"],
    [{ phases: {} }, "phases.chaosMs"],
    [{ network: { loss: 2 } }, "network.loss"],
    [{ faults: [{ kind: "storm", durationMs: 1 }, { kind: "storm" }] }, "faults[1].durationMs"],
    [{ workload: [{ kind: "put", atMs: 0 }] }, "workload[0].value"],
    [{ wokload: [] }, "wokload"],
  ])("with %o is flawed there", (part, place) => {
    const scenario = { suite: "toy", system: { members: 3 }, phases: { chaosMs: 100 }, ...part };
    expect(flaws(ToyScenarioSchema, scenario).map((flaw) => flaw.split(": ")[0])).toEqual([place]);
  });

  test("that was generated fits, is its own default, and survives a JSON round trip", () => {
    const suite = toySuite([]);
    for (let index = 0; index < 100; index++) {
      const scenario = generate(suite.arbitrary(TOY_PROFILE), 3, index);
      expect(check(ToyScenarioSchema, JSON.parse(JSON.stringify(scenario)))).toEqual({ kind: "fits", value: scenario });
    }
  });
});

describe("a schedule", () => {
  test.each([
    { kind: "timed" },
    { kind: "pct", depth: 3, windowMs: 20, steps: 500 },
    { kind: "random", windowMs: 0 },
    { kind: "replay", windowMs: 20, choices: [0, 7, 12] },
  ])("$kind", (schedule) => {
    expect(check(ScheduleSchema, schedule)).toEqual({ kind: "fits", value: schedule });
  });

  test("needs what its kind needs", () => {
    expect(flaws(ScheduleSchema, { kind: "pct", depth: 0, windowMs: 20, steps: 1 })).not.toEqual([]);
    expect(flaws(ScheduleSchema, { kind: "replay", windowMs: 20 })).not.toEqual([]);
    expect(flaws(ScheduleSchema, { kind: "timed", windowMs: 20 })).not.toEqual([]);
  });
});

test("an expectation is by default that all holds", () => {
  expect(check(ExpectationSchema, {})).toEqual({
    kind: "fits",
    value: { verdict: "holds", reached: [], notReached: [] },
  });
  expect(flaws(ExpectationSchema, { verdict: "unknown" })).not.toEqual([]);
});
