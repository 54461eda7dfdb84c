import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { bits, streamKey } from "../simulator/random.ts";
import { generate } from "./fast-check.ts";
import { runScenario } from "./run.ts";
import { reduceList, SHRINK_BUDGET, shrink } from "./shrink.ts";
import { neverAllOf, property, puts, TOY_PROFILE, type ToyScenario, toyScenario, toySuite } from "./testing.ts";

/** Some numbers below 200, drawn. */
function drawn(count: number, seed: number): Set<number> {
  const key = streamKey(seed, "matter");
  const chosen = new Set<number>();
  for (let i = 0; chosen.size < count; i++) chosen.add((bits(key, i, 0) >>> 0) % 200);
  return chosen;
}

function values(scenario: { readonly workload: readonly unknown[] }): number[] {
  return (scenario as ToyScenario).workload.map(({ value }) => value);
}

function size({ workload, faults }: { readonly workload: readonly unknown[]; readonly faults: readonly unknown[] }) {
  return workload.length + faults.length;
}

describe("reduceList", () => {
  const list = Array.from({ length: 200 }, (_, i) => i);

  test.each([
    [1, 25],
    [3, 50],
    [10, 110],
    [20, 180],
  ])("finds the %i of 200 that matter with at most %i questions", (count, questionsMax) => {
    for (let seed = 0; seed < 20; seed++) {
      const matter = drawn(count, seed);
      let questions = 0;
      const left = reduceList(list, (kept) => {
        questions++;
        return [...matter].every((n) => kept.includes(n));
      });
      expect([...left].sort((a, b) => a - b)).toEqual([...matter].sort((a, b) => a - b));
      expect(questions).toBeLessThanOrEqual(questionsMax);
    }
  });

  test.prop([fc.uniqueArray(fc.nat({ max: 50 }), { maxLength: 40 }), fc.func(fc.boolean())], { seed: 1, numRuns: 200 })(
    "keeps the order, and only what was found interesting, whatever that is",
    (all, interesting) => {
      let last: readonly number[] = all;
      const left = reduceList(all, (kept) => {
        const answer = interesting(kept.join());
        if (answer) last = kept;
        return answer;
      });
      expect(left).toEqual(last);
      expect(left).toEqual(all.filter((n) => left.includes(n)));
    },
  );

  test("takes away everything when nothing matters, and asks nothing of an empty list", () => {
    expect(reduceList(list, () => true)).toEqual([]);
    expect(
      reduceList([], () => {
        throw new Error("asked");
      }),
    ).toEqual([]);
  });
});

describe("shrink", () => {
  test.each([3, 10, 20])("of 200 operations leaves the %i that matter", (count) => {
    const matter = [...drawn(count, 7)].sort((a, b) => a - b);
    const suite = toySuite([neverAllOf("toy/all", matter)]);
    const scenario = toyScenario({
      system: { members: 1 },
      workload: puts(...Array.from({ length: 200 }, (_, i) => i)),
      phases: { chaosMs: 3000 },
    });
    // Times are round already, so that what is left to pay for is the list.
    const shrunk = shrink(suite, scenario);
    expect(values(shrunk.scenario)).toEqual(matter);
    expect(shrunk.exhausted).toBe(false);
    const list = shrink(suite, { ...scenario, workload: scenario.workload.map((op) => ({ ...op, atMs: 0 })) });
    expect(values(list.scenario)).toEqual(matter);
    expect(list.executions).toBeLessThanOrEqual({ 3: 60, 10: 120, 20: 200 }[count]!);
  });

  test("the same property only: a simpler scenario that violates another does not count", () => {
    const seven = neverAllOf("toy/seven", [7]);
    const other = property("toy/other", "always", ({ violate }) => {
      const seen = new Set<number>();
      return {
        onRequest: (_process, _id, { n }) => {
          if (n === 3 && !seen.has(1)) violate("3 without 1");
          seen.add(n);
        },
      };
    });
    const suite = toySuite([seven, other]);
    const both = toyScenario({ workload: puts(1, 2, 3, 4, 7) });
    expect(values(shrink(suite, both).scenario)).toEqual([7]);
    // 7 does no harm before a third value: 3 is needed, and so 1 is, lest the other property fails.
    const third = property("toy/third", "always", ({ violate }) => {
      const seen = new Set<number>();
      return {
        onRequest: (_process, _id, { n }) => {
          seen.add(n);
          if (n === 7 && seen.has(3)) violate("7 after 3");
        },
      };
    });
    const shrunk = shrink(toySuite([third, other]), both);
    expect([values(shrunk.scenario), shrunk.violation.property]).toEqual([[1, 3, 7], "toy/third"]);
  });

  test("first cuts what comes after the violation, in one execution", () => {
    const scenario = toyScenario({
      workload: puts(...Array.from({ length: 100 }, (_, i) => i)),
      faults: [{ kind: "storm", atMs: 800, durationMs: 10 }],
      phases: { chaosMs: 5000 },
    });
    const shrunk = shrink(toySuite([neverAllOf("toy/ten", [10])]), scenario, { ...SHRINK_BUDGET, executionsMax: 2 });
    expect(values(shrunk.scenario)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(shrunk.scenario.faults).toEqual([]);
    expect(shrunk.scenario.phases.chaosMs).toBe(100);
    expect([shrunk.executions, shrunk.exhausted]).toEqual([2, true]);
  });

  test("ends the chaos soon after what is left, where the violation comes at the end of the run", () => {
    const never = property("toy/never", "eventually", () => {
      let put = false;
      return {
        onRequest: (_process, _id, { n }) => {
          put ||= n === 3;
        },
        pending: () => (put ? "3 was put" : null),
      };
    });
    const scenario = toyScenario({ workload: puts(1, 2, 3), phases: { chaosMs: 3000, settleMs: 2000 } });
    const shrunk = shrink(toySuite([never]), scenario);
    expect(values(shrunk.scenario)).toEqual([3]);
    expect(shrunk.scenario.phases.chaosMs).toBe(100);
  });

  test("leaves the simplest of everything", () => {
    const suite = toySuite([neverAllOf("toy/one", [1, 2])]);
    const scenario = toyScenario({
      system: { members: 5 },
      schedule: { kind: "pct", depth: 3, windowMs: 20, steps: 500 },
      network: { latencyMinUs: 3000, loss: 0.1, duplicate: 0.1, reorder: 0.1 },
      disk: { syncMinUs: 2000, syncJitterUs: 0 },
      clock: { driftMax: 0.01, skewMaxUs: 100 },
      workload: [
        { kind: "put", atMs: 123, to: "t1", value: 1, count: 17 },
        { kind: "put", atMs: 456, to: "t1", value: 2, count: 40 },
      ],
      faults: [{ kind: "crash", atMs: 3, target: "t4", downMs: 55, torn: true }],
      phases: { chaosMs: 1000, stayDown: ["t3"] },
    });
    const { scenario: left } = shrink(suite, scenario);
    expect(left).toEqual({
      ...toyScenario({ system: { members: 1 } }),
      network: { latencyMinUs: 200, latencyJitterUs: 300, tailDoublingsMax: 6, loss: 0, duplicate: 0, reorder: 0 },
      disk: { syncMinUs: 100, syncJitterUs: 100, tailDoublingsMax: 6 },
      workload: [
        { kind: "put", atMs: 0, to: "t1", value: 1, count: 1 },
        { kind: "put", atMs: 0, to: "t1", value: 2, count: 1 },
      ],
      phases: { chaosMs: left.phases.chaosMs, settleMs: 60_000, stayDown: [] },
    });
  });

  test("leaves each time as round as it can be", () => {
    // Not before 400 ms; and 20 puts or more.
    const late = property("toy/late", "always", ({ violate, now }) => {
      let count = 0;
      return { onRequest: () => ++count >= 20 && now() >= 400_000 && violate("20 late puts") };
    });
    const scenario = toyScenario({ workload: [{ kind: "put", atMs: 467, to: "t1", value: 1, count: 77 }] });
    const { scenario: left } = shrink(toySuite([late]), scenario);
    expect(left.workload).toEqual([{ kind: "put", atMs: 400, to: "t1", value: 1, count: 20 }]);
  });

  test("keeps to its budgets, and says that it ran out", () => {
    const matter = [...drawn(10, 3)];
    const suite = toySuite([neverAllOf("toy/all", matter)]);
    const scenario = toyScenario({ workload: puts(...Array.from({ length: 200 }, (_, i) => i)) });
    const few = shrink(
      suite,
      { ...scenario, phases: { ...scenario.phases, chaosMs: 3000 } },
      { ...SHRINK_BUDGET, executionsMax: 30 },
    );
    expect([few.executions, few.exhausted]).toEqual([30, true]);
    expect(few.scenario.workload.length).toBeLessThan(200);
    const events = shrink(
      suite,
      { ...scenario, phases: { ...scenario.phases, chaosMs: 3000 } },
      { ...SHRINK_BUDGET, eventsMax: 5000 },
    );
    expect(events.exhausted).toBe(true);
    expect(events.events).toBeLessThan(5000 + 1000);
  });

  test("does not execute what contradicts itself", () => {
    const suite = toySuite([neverAllOf("toy/one", [1])], {
      contradiction: ({ system }) => (system.members === 2 ? null : { path: ["system"], message: "Expected 2" }),
      system: (scenario) => {
        expect(scenario.system.members).toBe(2);
        return toySuite([]).system(scenario);
      },
    });
    expect(shrink(suite, toyScenario({ system: { members: 2 }, workload: puts(1) })).scenario.system).toMatchObject({
      members: 2,
    });
  });

  test("refuses a scenario that violates nothing", () => {
    expect(() => shrink(toySuite([]), toyScenario())).toThrow("a scenario that violates nothing cannot be shrunk");
  });

  test("of generated scenarios reproduces, is never larger, and cannot lose any one action", () => {
    const crashed = property("toy/crashed", "always", ({ violate }) => {
      const crashed = new Set<string>();
      return {
        onCrash: ({ id }) => crashed.add(id),
        onReply: ({ id }) => crashed.has(id) && violate(`${id} answers after a crash`),
      };
    });
    const suite = toySuite([crashed]);
    let found = 0;
    for (let index = 0; index < 200 && found < 12; index++) {
      const scenario = generate(suite.arbitrary(TOY_PROFILE), 1, index);
      const { verdict, hash } = runScenario(suite, scenario);
      if (verdict.kind !== "violated") continue;
      found++;
      const shrunk = shrink(suite, scenario);
      expect(size(shrunk.scenario)).toBeLessThanOrEqual(size(scenario));
      expect(size(shrunk.scenario)).toBe(2);
      const again = runScenario(suite, shrunk.scenario);
      expect(again).toEqual(shrunk.result);
      expect(again.verdict).toEqual({ kind: "violated", violation: shrunk.violation });
      expect(runScenario(suite, scenario).hash, "the original is left as it was").toBe(hash);
    }
    expect(found).toBe(12);
  });

  test("is the same each time", () => {
    const suite = toySuite([neverAllOf("toy/all", [3, 30])]);
    const scenario = toyScenario({ workload: puts(...Array.from({ length: 50 }, (_, i) => i)) });
    expect(shrink(suite, scenario)).toEqual(shrink(suite, scenario));
  });
});
