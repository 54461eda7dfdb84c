import { describe, expect, test } from "vitest";
import { generate } from "../../harness/fast-check.ts";
import { check } from "../../harness/schema.ts";
import { describeFlaws, readManifests } from "../../manifests/index.ts";
import { schedulerScenario } from "./arbitrary.ts";
import { SCHEDULING_EPISODE_KINDS } from "./episodes.ts";
import { SchedulerScenarioSchema } from "./scenario.ts";
import { schedulerSuite } from "./suite.ts";
import { PRIORITIES, pod, WISHES } from "./workloads.ts";

const profile = schedulerSuite.profiles["quick"]!;
const scenarios = Array.from({ length: 150 }, (_, index) => generate(schedulerScenario(profile), 1, index));

function share(predicate: (scenario: (typeof scenarios)[number]) => boolean): number {
  return scenarios.filter(predicate).length / scenarios.length;
}

describe("a generated scenario", () => {
  test("fits its schema as it is, contradicts itself nowhere, and survives a JSON round trip", () => {
    for (const scenario of scenarios) {
      expect(check(SchedulerScenarioSchema, JSON.parse(JSON.stringify(scenario)))).toEqual({
        kind: "fits",
        value: scenario,
      });
      expect(schedulerSuite.contradiction(scenario)).toBeNull();
    }
  });

  test("begins with manifests that the API takes without a word", () => {
    for (const { system, workload } of scenarios.slice(0, 50)) {
      const applied = workload.flatMap((operation) => ("objects" in operation ? operation.objects : []));
      for (const object of [...system.objects, ...applied]) {
        const { flaws, warnings } = readManifests([{ path: "generated", text: JSON.stringify(object) }]);
        expect(describeFlaws([...flaws, ...warnings])).toEqual([]);
      }
    }
  });

  test("has something of each kind: nodes, wishes, priorities, claims", () => {
    const text = scenarios.map(({ system, workload }) =>
      JSON.stringify([system.objects, system.nodeOverrides, workload]),
    );
    for (const part of [
      "example.com/gpu",
      "example.com/dedicated",
      "hostPort",
      "schedulingGates",
      "WaitForFirstConsumer",
      "podAntiAffinity",
      "podAffinity",
      "preferredDuringScheduling",
      "nodeSelector",
      "DoNotSchedule",
      "ScheduleAnyway",
      "PodDisruptionBudget",
      ...Object.keys(PRIORITIES),
    ])
      expect(text.filter((one) => one.includes(part)).length, part).toBeGreaterThan(5);
    expect(share(({ system }) => system.masters > 1)).toBeGreaterThan(0.2);
    expect(SCHEDULING_EPISODE_KINDS.length).toBeGreaterThanOrEqual(10);
  });
});

test("every wish changes a pod", () => {
  const plan = { app: "a", friend: "b", cpu: "1", memory: "1Gi", image: "a:1", priority: null, graceSeconds: 1 };
  const made = WISHES.map((wish) => JSON.stringify(pod("p", { ...plan, wishes: [wish] })));
  expect(new Set([...made, JSON.stringify(pod("p", { ...plan, wishes: [] }))]).size).toBe(WISHES.length + 1);
});
