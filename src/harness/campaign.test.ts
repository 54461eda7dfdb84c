import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { hashText } from "../simulator/hash.ts";
import { type BatchResult, type CampaignPlan, describeError, runBatch, runsOf, scenarioOf, Tally } from "./campaign.ts";
import { generate } from "./fast-check.ts";
import { runScenario } from "./run.ts";
import { property, TOY_PROFILE, toySuite } from "./testing.ts";

const crashed = property("toy/crashed", "sometimes", ({ reach }) => ({ onCrash: () => reach() }));
/** Violated by a put of a value in a range. */
function noneIn(id: string, min: number, max: number) {
  return property(id, "always", ({ violate }) => ({
    onRequest: (_process, _id, { n }) => n >= min && n <= max && violate(`${n} was put`),
  }));
}

const suite = toySuite([noneIn("toy/high", 90, 99), noneIn("toy/low", 40, 45), crashed]);
const PLAN: CampaignPlan = { suite: "toy", profile: TOY_PROFILE, seed: 4, runs: 40, shard: { index: 0, of: 1 } };

function tallyOf(batches: readonly BatchResult[]): Tally {
  const tally = new Tally();
  for (const batch of batches) tally.add(batch);
  return tally;
}

function told(tally: Tally) {
  const { sums, violations, unknown, faults } = tally;
  return { sums, violations, unknown, faults, hash: tally.hash() };
}

describe("the runs of a campaign", () => {
  test.prop([fc.nat({ max: 200 }), fc.integer({ min: 1, max: 9 })], { seed: 1 })(
    "are spread over the shards, each made by one of them",
    (runs, of) => {
      const shards = Array.from({ length: of }, (_, index) => runsOf({ ...PLAN, runs, shard: { index, of } }));
      expect(shards.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: runs }, (_, run) => run));
      for (const shard of shards) {
        expect(Math.abs(shard.length - runs / of)).toBeLessThan(1);
        expect(shard).toEqual([...shard].sort((a, b) => a - b));
      }
    },
  );

  test("are what seed, profile and number make them, whichever are made besides", () => {
    const scenarios = Array.from({ length: 30 }, (_, run) => scenarioOf(suite, PLAN, run));
    expect(scenarioOf(suite, PLAN, 17)).toEqual(scenarios[17]);
    expect(scenarioOf(suite, { ...PLAN, seed: 5 }, 17)).not.toEqual(scenarios[17]);
    expect(new Set(scenarios.map((scenario) => JSON.stringify(scenario))).size).toBe(30);
    expect(new Set(scenarios.map(({ seed }) => seed)).size).toBe(30);
    for (const { seed } of scenarios) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
  });

  test("stay the same from version to version, unless the generator changes", () => {
    const scenarios = Array.from({ length: 10 }, (_, run) => scenarioOf(suite, PLAN, run));
    expect(scenarios.map(({ seed }) => seed).slice(0, 3)).toMatchInlineSnapshot(`
      [
        1525148669,
        2851955794,
        1946815094,
      ]
    `);
    expect(hashText(JSON.stringify(scenarios)).toString(16)).toMatchInlineSnapshot(`"6a3dcab9"`);
  });

  test("have their focus merged in", () => {
    const focus = { system: { beatMs: 77 }, schedule: { kind: "random", windowMs: 5 }, faults: [] };
    const plain = scenarioOf(suite, PLAN, 3);
    expect(scenarioOf(suite, { ...PLAN, focus }, 3)).toEqual({
      ...plain,
      ...focus,
      system: { members: 3, beatMs: 77 },
    });
  });
});

describe("a campaign", () => {
  const whole = told(tallyOf([runBatch(suite, PLAN, runsOf(PLAN))]));

  test("has something to tell", () => {
    expect(whole.sums).toMatchObject({ runs: 40, excused: 0 });
    expect(whole.violations.length).toBeGreaterThan(3);
    expect(new Set(whole.violations.map(({ violation }) => violation.property)).size).toBe(2);
    expect(whole.sums.reached["toy/crashed"]).toBeGreaterThan(5);
    expect(Object.keys(whole.sums.struck).sort()).toEqual(["crash", "pause", "storm"]);
  });

  test.prop([fc.shuffledSubarray(runsOf(PLAN), { minLength: 40 }), fc.array(fc.nat({ max: 40 }), { maxLength: 5 })], {
    seed: 1,
    numRuns: 8,
  })("comes to the same in any order and in any batches", (order, cuts) => {
    const bounds = [0, ...cuts.sort((a, b) => a - b), 40];
    const batches = bounds.slice(1).map((end, i) => runBatch(suite, PLAN, order.slice(bounds[i], end)));
    expect(told(tallyOf(batches))).toEqual(whole);
  });

  test("comes to the same when its shards are put together", () => {
    const shards = [2, 0, 1].map((index) => runBatch(suite, PLAN, runsOf({ ...PLAN, shard: { index, of: 3 } })));
    expect(told(tallyOf(shards))).toEqual(whole);
  });

  test("adds up what its runs are", () => {
    const results = runsOf(PLAN).map((run) => runScenario(suite, scenarioOf(suite, PLAN, run)));
    const sum = (of: (result: (typeof results)[number]) => number) => results.reduce((all, each) => all + of(each), 0);
    expect(whole.sums).toMatchObject({
      events: sum(({ events }) => events),
      virtualUs: sum(({ virtualUs }) => virtualUs),
      reached: { "toy/crashed": sum(({ reached }) => reached.length) },
    });
    for (const kind of ["crash", "pause", "storm"])
      expect(whole.sums.struck[kind]).toBe(sum(({ struck }) => struck[kind] ?? 0));
    for (const column of whole.sums.coverage.beat!.keys())
      expect(whole.sums.coverage.beat![column]).toBe(sum(({ coverage }) => coverage.beat?.[column] ?? 0));
    expect(whole.violations.map(({ run }) => run)).toEqual(
      results.flatMap(({ verdict }, run) => (verdict.kind === "violated" ? [run] : [])),
    );
  });

  test("another seed, or one run less, gives another hash", () => {
    const hash = (plan: CampaignPlan) => tallyOf([runBatch(suite, plan, runsOf(plan))]).hash();
    expect(hash({ ...PLAN, seed: 5 })).not.toBe(whole.hash);
    expect(hash({ ...PLAN, runs: 39 })).not.toBe(whole.hash);
    expect(hash(PLAN)).toBe(whole.hash);
  });

  test("shows the first violation of each property, in the order of the runs", () => {
    const runs = [...runsOf(PLAN)].reverse();
    const first = tallyOf(runs.map((run) => runBatch(suite, PLAN, [run]))).firstOfEach();
    expect(first).toHaveLength(2);
    for (const { run, violation } of first)
      expect(run).toBe(whole.violations.find((each) => each.violation.property === violation.property)!.run);
    expect(first[0]!.run).toBeLessThan(first[1]!.run);
  });
});

describe("a batch", () => {
  test("tells of each run before it starts", () => {
    const order: number[] = [];
    runBatch(suite, PLAN, [5, 2, 9], { onRun: (run) => order.push(run) });
    expect(order).toEqual([5, 2, 9]);
  });

  test("a found violation has its scenario, which shows it again", () => {
    const { violations } = runBatch(suite, PLAN, runsOf(PLAN));
    const { scenario, hash, events, violation } = violations[0]!;
    expect(runScenario(suite, scenario)).toMatchObject({ verdict: { kind: "violated", violation }, hash, events });
  });

  test("stops at a violation when it is asked to", () => {
    const [first] = runBatch(suite, PLAN, runsOf(PLAN)).violations;
    const stopped = runBatch(suite, PLAN, runsOf(PLAN), { stopAtViolation: true });
    expect([stopped.violations.length, stopped.sums.runs]).toEqual([1, first!.run + 1]);
  });

  test("goes on past a run that ends with an error, which counts in nothing else", () => {
    const bad = toySuite([], {
      system: (scenario) => {
        if (scenario.seed === scenarioOf(suite, PLAN, 2).seed) throw new Error("out of order");
        return suite.system(scenario);
      },
    });
    const { faults, sums, hashes } = runBatch(bad, PLAN, [1, 2, 3]);
    expect(faults).toEqual([{ run: 2, message: expect.stringMatching(/^Error: out of order/) }]);
    expect([sums.runs, hashes.map(({ run }) => run)]).toEqual([2, [1, 3]]);
  });

  test("counts those excused", () => {
    const never = property("toy/never", "eventually", () => ({ pending: () => "never" }));
    const excused = runBatch(toySuite([never], { excuse: () => "gone" }), PLAN, [0, 1, 2]);
    expect([excused.sums.excused, excused.violations]).toEqual([3, []]);
    expect(tallyOf([excused, excused]).sums.excused).toBe(6);
  });
});

test("an error is told in a line, with its place", () => {
  expect(describeError(new TypeError("no such thing"))).toMatch(/^TypeError: no such thing \(at .*campaign\.test/);
  expect(describeError("text")).toBe("text");
});

test("what is generated depends on seed and number alone", () => {
  const numbers = (seed: number) =>
    Array.from({ length: 20 }, (_, i) => generate(fc.tuple(fc.integer(), fc.integer()), seed, i).join());
  expect(numbers(1)).toEqual(numbers(1));
  expect(new Set([...numbers(1), ...numbers(2)]).size).toBe(40);
});
