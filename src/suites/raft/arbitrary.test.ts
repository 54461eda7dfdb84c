import { describe, expect, test } from "vitest";
import { generate } from "../../harness/fast-check.ts";
import { check } from "../../harness/schema.ts";
import { FAULT_KINDS } from "../../simulator/faults.ts";
import { raftScenario } from "./arbitrary.ts";
import { memberIdsOf, RaftScenarioSchema } from "./scenario.ts";
import { raftSuite } from "./suite.ts";

const profile = raftSuite.profiles.quick!;
const scenarios = Array.from({ length: 400 }, (_, index) => generate(raftScenario(profile), 1, index));

function share(predicate: (scenario: (typeof scenarios)[number]) => boolean): number {
  return scenarios.filter(predicate).length / scenarios.length;
}

describe("a generated scenario", () => {
  test("fits its schema as it is, contradicts itself nowhere, and survives a JSON round trip", () => {
    for (const scenario of scenarios) {
      expect(check(RaftScenarioSchema, JSON.parse(JSON.stringify(scenario)))).toEqual({
        kind: "fits",
        value: scenario,
      });
      expect(raftSuite.contradiction(scenario)).toBeNull();
    }
  });

  test("keeps within its profile, and lists its actions in the order of their times", () => {
    for (const { workload, faults, phases } of scenarios) {
      expect(phases.chaosMs).toBeGreaterThanOrEqual(2000);
      expect(phases.chaosMs).toBeLessThanOrEqual(profile.chaosMsMax);
      for (const list of [workload, faults]) {
        const times = list.map(({ atMs }) => atMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
    }
    expect(Math.max(...scenarios.map(({ faults }) => faults.length))).toBeGreaterThan(profile.faultsMax / 2);
    expect(Math.max(...scenarios.map(({ workload }) => workload.length))).toBeGreaterThan(profile.operationsMax / 2);
  });

  test("gives each proposal a command of its own", () => {
    for (const { workload } of scenarios) {
      const commands = workload.flatMap((operation) => (operation.kind === "propose" ? [operation.command] : []));
      expect(new Set(commands).size).toBe(commands.length);
    }
  });

  test("leaves a quorum of the voters when some stay down", () => {
    for (const { system, phases } of scenarios) {
      expect(phases.stayDown.length).toBeLessThan(system.voters / 2);
      for (const id of phases.stayDown) expect(memberIdsOf(system)).toContain(id);
    }
    expect(share(({ phases }) => phases.stayDown.length > 0)).toBeGreaterThan(0.1);
  });

  test("keeps clocks within the bound that leases rest on", () => {
    const leases = scenarios.filter(({ system }) => system.config.readMode === "lease");
    expect(leases.length).toBeGreaterThan(50);
    for (const { system, clock, faults } of leases) {
      const rates = faults.flatMap((fault) => (fault.kind === "clockRate" ? [fault.rate] : []));
      const all = [1 - clock.driftMax, 1 + clock.driftMax, ...rates];
      expect(Math.max(...all) / Math.min(...all)).toBeLessThanOrEqual(system.config.clockDriftBound);
      expect(system.config.checkQuorum).toBe(true);
    }
  });

  test("is the same for the same seed and number", () => {
    for (const index of [0, 17, 399]) expect(generate(raftScenario(profile), 1, index)).toEqual(scenarios[index]);
    expect(generate(raftScenario(profile), 2, 0)).not.toEqual(scenarios[0]);
  });
});

describe("generated scenarios differ in kind", () => {
  test.each(FAULT_KINDS)("%s is in some, and not in all", (kind) => {
    const having = share(({ faults }) => faults.some((fault) => fault.kind === kind));
    expect(having).toBeGreaterThan(0.05);
    expect(having).toBeLessThan(0.9);
  });

  test.each(["propose", "read", "changeMembership", "leaveJoint", "transferLeadership"])("%s is in some", (kind) => {
    const having = share(({ workload }) => workload.some((operation) => operation.kind === kind));
    expect(having).toBeGreaterThan(0.1);
    if (kind !== "propose") expect(having).toBeLessThan(0.9);
  });

  test("in who chooses, in their clusters, and in where faults strike", () => {
    for (const kind of ["timed", "pct", "random"])
      expect(share(({ schedule }) => schedule.kind === kind)).toBeGreaterThan(0.02);
    expect(share(({ schedule }) => schedule.kind === "timed")).toBeGreaterThan(0.7);
    for (const voters of [1, 2, 3, 5, 7]) expect(share(({ system }) => system.voters === voters)).toBeGreaterThan(0.01);
    expect(share(({ system }) => system.voters === 3)).toBeGreaterThan(0.3);
    expect(share(({ faults }) => faults.some(({ on }) => on !== undefined))).toBeGreaterThan(0.2);
    expect(share(({ faults }) => faults.length === 0)).toBeGreaterThan(0.005);
  });

  test("most of what clients ask goes to the leader", () => {
    const all = scenarios.flatMap(({ workload }) => workload.map(({ to }) => to));
    expect(all.filter((to) => to === "leader").length / all.length).toBeGreaterThan(0.5);
  });
});
