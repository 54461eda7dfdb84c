import { describe, expect, test } from "vitest";
import type { Property } from "../checkers/property.ts";
import type { ToyTypes } from "../simulator/testing.ts";
import { TraceRecorder } from "../simulator/trace.ts";
import { requestId, runScenario, type Verdict } from "./run.ts";
import { neverAllOf, property, puts, type ToySuite, toyScenario, toySuite } from "./testing.ts";

/** Pending as long as `reason` gives one. Time in milliseconds. */
function eventually(id: string, reason: (nowMs: number) => string | null): Property<ToyTypes> {
  return property(id, "eventually", ({ now }) => ({ pending: () => reason(now() / 1000) }));
}

function violation(verdict: Verdict) {
  return verdict.kind === "violated" ? verdict.violation : null;
}

describe("a property that cannot be decided", () => {
  const undecided = property("toy/open", "always", (context) => ({
    atEnd() {
      context.undecided("too many orders");
      context.undecided("and more");
    },
  }));

  test("does not let the run pass", () => {
    const { verdict } = runScenario(toySuite([undecided]), toyScenario());
    expect(verdict).toEqual({ kind: "unknown", reason: "toy/open is not decided: too many orders" });
  });

  test("does not hide a violation that shows later", () => {
    const violated = property("toy/bad", "always", (context) => ({ atEnd: () => context.violate("bad") }));
    const { verdict } = runScenario(toySuite([undecided, violated]), toyScenario());
    expect(violation(verdict)?.explanation).toBe("bad");
  });
});

describe("a run that holds", () => {
  test("ends when nothing was pending in 15 polls of 100 ms after the chaos", () => {
    const result = runScenario(toySuite([]), toyScenario());
    expect(result).toMatchObject({ verdict: { kind: "holds" }, virtualUs: 2_500_000, excuse: null, choices: [] });
    // Three members beat every 50 ms; a beat is a timer and, a millisecond later, a message.
    expect(result.events).toBe(3 * (2500 / 50) * 2 - 3);
  });

  test("waits for what is pending, and for it to stay", () => {
    const late = eventually("toy/late", (now) => (now < 3000 ? "not yet" : null));
    expect(runScenario(toySuite([late]), toyScenario()).virtualUs).toBe(3_000_000 + 14 * 100_000);
    const flicker = eventually("toy/flicker", (now) => (now < 2000 || now === 3000 ? "not yet" : null));
    const result = runScenario(toySuite([flicker]), toyScenario());
    expect(result).toMatchObject({ verdict: { kind: "holds" }, virtualUs: 3_100_000 + 14 * 100_000 });
  });

  test("asks what is pending only after the heal", () => {
    const asked: number[] = [];
    const late = eventually("toy/late", (now) => {
      asked.push(now);
      return null;
    });
    runScenario(toySuite([late]), toyScenario());
    expect(asked).toEqual(Array.from({ length: 15 }, (_, i) => 1100 + i * 100));
  });

  test("tells what was reached, by name, and which faults struck", () => {
    const sometimes = (id: string, reached: boolean) =>
      property(id, "sometimes", ({ reach }) => ({ onFault: () => reached && reach() }));
    const result = runScenario(
      toySuite([sometimes("toy/b", true), sometimes("toy/a", true), sometimes("toy/never", false)]),
      toyScenario({
        faults: [
          { kind: "kill", atMs: 10, target: "t1", downMs: 10 },
          { kind: "kill", atMs: 50, target: "t2", downMs: 10 },
          { kind: "kill", atMs: 55, target: "t2", downMs: 10 },
          { kind: "storm", atMs: 60, durationMs: 10 },
        ],
      }),
    );
    expect(result.reached).toEqual(["toy/a", "toy/b"]);
    expect(result.struck).toEqual({ kill: 2, storm: 1 });
    expect(result.coverage.beat!.length).toBe(14);
  });
});

describe("a violation", () => {
  test("has its property, its explanation and evidence, its event and its time, and ends the run", () => {
    const scenario = toyScenario({ workload: puts(1, 2, 3, 4) });
    const result = runScenario(toySuite([neverAllOf("toy/three", [3])]), scenario);
    // 20 ms: the first beat is at 50 ms, so only the workload has happened. The request itself is not yet an event.
    expect(result.verdict).toEqual({
      kind: "violated",
      violation: {
        property: "toy/three",
        explanation: "all of 3 were put",
        evidence: { values: [3] },
        event: 5,
        atUs: 20_000,
      },
    });
    expect(result.virtualUs).toBe(20_000);
  });

  test("is the first one, though others come at the same event, or another property is not to come any more", () => {
    const [one, two] = [neverAllOf("toy/one", [2]), neverAllOf("toy/two", [2])];
    const never = eventually("toy/never", () => "never");
    const scenario = toyScenario({ workload: puts(1, 2) });
    const first = (...properties: Property<ToyTypes>[]) =>
      violation(runScenario(toySuite(properties), scenario).verdict)?.property;
    expect([first(one, two, never), first(never, two, one)]).toEqual(["toy/one", "toy/two"]);
  });

  test("of an eventually property tells what is pending, at the end of the time to settle", () => {
    const never = eventually("toy/never", (now) => `no leader at ${now}`);
    const { verdict, virtualUs } = runScenario(toySuite([eventually("toy/well", () => null), never]), toyScenario());
    expect(violation(verdict)).toMatchObject({
      property: "toy/never",
      explanation: "still pending 5 s after the heal: no leader at 6000",
      atUs: 6_000_000,
    });
    expect(virtualUs).toBe(6_000_000);
  });

  test("is that a property comes to hold and does not stay", () => {
    const flicker = eventually("toy/flicker", (now) => (now % 1000 === 500 ? "deposed" : null));
    const { verdict } = runScenario(toySuite([flicker]), toyScenario());
    expect(violation(verdict)).toMatchObject({ property: "toy/flicker" });
    expect(violation(verdict)!.explanation).toMatch(/has not come to hold for good.*deposed/);
  });

  test("may be found at the end, and then only if none was before", () => {
    const ends: string[] = [];
    const atEnd = property("toy/end", "always", ({ violate }) => ({
      atEnd: () => {
        ends.push("asked");
        violate("at the end");
      },
    }));
    const scenario = toyScenario({ workload: puts(1) });
    expect(violation(runScenario(toySuite([atEnd]), scenario).verdict)).toMatchObject({
      property: "toy/end",
      atUs: 2_500_000,
    });
    runScenario(toySuite([neverAllOf("toy/one", [1]), atEnd]), scenario);
    runScenario(toySuite([eventually("toy/never", () => "never"), atEnd]), scenario);
    runScenario(toySuite([atEnd]), scenario, { eventsMax: 10 });
    expect(ends).toEqual(["asked"]);
  });

  test("at the start ends the run before anything happens", () => {
    const boot = property("toy/boot", "always", ({ violate }) => ({ onBoot: () => violate("started") }));
    expect(runScenario(toySuite([boot]), toyScenario())).toMatchObject({ events: 0, virtualUs: 0 });
  });

  test("of a property that is not watched does not count", () => {
    const suite = toySuite([neverAllOf("toy/one", [1]), neverAllOf("toy/two", [2])]);
    const scenario = toyScenario({ workload: puts(1, 2) });
    const property = (ids: string[]) => violation(runScenario(suite, scenario, { properties: ids }).verdict)?.property;
    expect([property(["toy/two"]), property([]), property(["toy/one", "toy/two"])]).toEqual([
      "toy/two",
      undefined,
      "toy/one",
    ]);
  });
});

describe("a run that is not decided", () => {
  test("is unknown, and says which bound was reached", () => {
    const result = runScenario(toySuite([neverAllOf("toy/one", [1])]), toyScenario(), { eventsMax: 50 });
    expect(result).toMatchObject({ verdict: { kind: "unknown", reason: "not decided within 50 events" }, events: 50 });
  });

  test("in the time to settle too", () => {
    const result = runScenario(toySuite([]), toyScenario(), { eventsMax: 200 });
    expect(result).toMatchObject({ verdict: { kind: "unknown" }, events: 200 });
    expect(result.virtualUs).toBeGreaterThan(1_000_000);
  });

  test("but a violation that was found by then is one", () => {
    const scenario = toyScenario({ workload: puts(1) });
    const result = runScenario(toySuite([neverAllOf("toy/one", [1])]), scenario, { eventsMax: 1 });
    expect(result.verdict.kind).toBe("violated");
  });
});

describe("an excuse", () => {
  const never = eventually("toy/never", () => "no quorum");
  const excused = (reason: string | null): ToySuite => toySuite([never], { excuse: () => reason });

  test("is asked for when something stays pending, and then the run holds", () => {
    expect(runScenario(excused("two of three are gone"), toyScenario())).toMatchObject({
      verdict: { kind: "holds" },
      excuse: "two of three are gone",
    });
    expect(runScenario(excused(null), toyScenario())).toMatchObject({ verdict: { kind: "violated" }, excuse: null });
  });

  test("is not asked for when nothing is pending, and does not excuse safety", () => {
    const suite = toySuite([], { excuse: () => "always" });
    expect(runScenario(suite, toyScenario()).excuse).toBeNull();
    const unsafe = toySuite([never, neverAllOf("toy/one", [1])], { excuse: () => "always" });
    expect(violation(runScenario(unsafe, toyScenario({ workload: puts(1) })).verdict)?.property).toBe("toy/one");
  });

  test("does not spare the checks at the end", () => {
    const atEnd = property("toy/end", "always", ({ violate }) => ({ atEnd: () => violate("lost") }));
    const result = runScenario(toySuite([never, atEnd], { excuse: () => "gone" }), toyScenario());
    expect(violation(result.verdict)?.property).toBe("toy/end");
  });
});

describe("the phases", () => {
  test("the workload happens at its times, each operation with its place, after faults of the same time", () => {
    const told: string[] = [];
    const suite = toySuite(
      [property("toy/x", "always", ({ now }) => ({ onFault: (kind) => told.push(`${now()} ${kind}`) }))],
      { perform: (world, { value }, index) => told.push(`${world.now} op ${index} ${value}`) },
    );
    const [one, two] = puts(10, 20);
    runScenario(
      suite,
      toyScenario({
        workload: [
          { ...two!, atMs: 500 },
          { ...one!, atMs: 0.5 },
          { ...one!, atMs: 2000 },
        ],
        faults: [{ kind: "storm", atMs: 500, durationMs: 1 }],
      }),
    );
    expect(told).toEqual(["500 op 1 10", "500000 storm", "500000 op 0 20", "2000000 op 2 10"]);
  });

  test("heals at the end of the chaos, and keeps down whom it is told to", () => {
    const statuses: Record<number, string[]> = {};
    const suite = toySuite([], {
      probe: (world) => {
        statuses[world.now] = world.processes.map(({ status }) => status);
      },
    });
    const result = runScenario(
      suite,
      toyScenario({
        faults: [{ kind: "crash", atMs: 900, target: "t1", downMs: 100_000 }],
        phases: { chaosMs: 1000, settleMs: 5000, stayDown: ["t2", "t3"] },
      }),
    );
    expect(result.virtualUs).toBe(2_500_000);
    expect(Object.keys(statuses)).toHaveLength(15);
    // One of three may be lost.
    for (const each of Object.values(statuses)) expect(each).toEqual(["up", "dead", "up"]);
  });

  test("the network is calm after the heal", () => {
    const lossy = { network: { latencyMinUs: 1000, latencyJitterUs: 0, loss: 1 } };
    const first = property("toy/heard", "sometimes", ({ now, reach, violate }) => ({
      onStep: (_process, _before, _after, input) => {
        if (input.kind !== "receive") return;
        reach();
        if (now() < 1_000_000) violate("heard in the chaos");
      },
    }));
    expect(runScenario(toySuite([first]), toyScenario(lossy))).toMatchObject({
      verdict: { kind: "holds" },
      reached: ["toy/heard"],
    });
  });

  test("a suite is asked for a sign of life at each poll", () => {
    const polls: number[] = [];
    const suite = toySuite([], { probe: (_world, poll) => polls.push(poll) });
    runScenario(suite, toyScenario());
    expect(polls).toEqual(Array.from({ length: 15 }, (_, i) => i));
  });
});

describe("a run again", () => {
  const scenario = toyScenario({
    seed: 5,
    network: { latencyJitterUs: 20_000, loss: 0.1, duplicate: 0.1, reorder: 0.3 },
    workload: puts(1, 2, 3, 4, 5, 6, 7, 8),
    faults: [{ kind: "crash", atMs: 300, target: "t1", downMs: 100, torn: true }],
  });
  const suite = toySuite([]);

  test("gives the same result, with a trace or without; another seed another hash", () => {
    const first = runScenario(suite, scenario);
    const trace = new TraceRecorder();
    expect(runScenario(suite, scenario, { trace })).toEqual(first);
    expect(trace.lines.length).toBeGreaterThan(100);
    expect(trace.lines.map(({ text }) => text)).toContain("heal");
    expect(runScenario(suite, { ...scenario, seed: 6 }).hash).not.toBe(first.hash);
    expect(first.hash).toMatch(/^[0-9a-f]{16}$/);
  });

  test.each([
    { kind: "random", windowMs: 20 },
    { kind: "pct", depth: 3, windowMs: 20, steps: 200 },
  ] as const)("with the choices that a $kind schedule made gives the same run", (schedule) => {
    const first = runScenario(suite, { ...scenario, schedule });
    expect(first.choices.length).toBeGreaterThan(50);
    expect(first.hash).not.toBe(runScenario(suite, scenario).hash);
    const replay = { kind: "replay", windowMs: 20, choices: first.choices } as const;
    expect(runScenario(suite, { ...scenario, schedule: replay })).toEqual(first);
  });

  test("chooses by time after the heal", () => {
    const { choices } = runScenario(suite, { ...scenario, schedule: { kind: "random", windowMs: 20 } });
    const calm = runScenario(suite, {
      ...scenario,
      workload: [],
      schedule: { kind: "random", windowMs: 20 },
      phases: { ...scenario.phases, chaosMs: 0 },
    });
    expect(choices.length).toBeGreaterThan(50);
    expect(calm.choices).toEqual([]);
  });
});

test("requests are named by the place of their operation, and their number", () => {
  expect([requestId(3, 0), requestId(3, 2)]).toEqual(["op3", "op3.2"]);
});
