import { describe, expect, test } from "vitest";
import { generate } from "../../harness/fast-check.ts";
import { check } from "../../harness/schema.ts";
import { FAULT_KINDS } from "../../simulator/faults.ts";
import { storeScenario } from "./arbitrary.ts";
import { VALUE } from "./doing.ts";
import { clientIdsOf, memberIdsOf, type StoreOperation, StoreScenarioSchema } from "./scenario.ts";
import { storeSuite } from "./suite.ts";

const profile = storeSuite.profiles.quick!;
const scenarios = Array.from({ length: 400 }, (_, index) => generate(storeScenario(profile), 1, index));

function share(predicate: (scenario: (typeof scenarios)[number]) => boolean): number {
  return scenarios.filter(predicate).length / scenarios.length;
}

/** What an operation writes that no other may write. */
function valuesOf(operation: StoreOperation): string[] {
  switch (operation.kind) {
    case "put":
    case "enqueue":
    case "campaign":
      return [operation.value];
    case "setAdd":
      return [operation.element];
    case "txn":
      return [...operation.success, ...operation.failure].flatMap((op) => (op.kind === "put" ? [op.value] : []));
    default:
      return [];
  }
}

describe("a generated scenario", () => {
  test("fits its schema as it is, contradicts itself nowhere, and survives a JSON round trip", () => {
    for (const scenario of scenarios) {
      expect(check(StoreScenarioSchema, JSON.parse(JSON.stringify(scenario)))).toEqual({
        kind: "fits",
        value: scenario,
      });
      expect(storeSuite.contradiction(scenario)).toBeNull();
    }
  });

  test("keeps within its profile, and lists its actions in the order of their times", () => {
    for (const { workload, faults, phases } of scenarios) {
      expect(phases.chaosMs).toBeGreaterThanOrEqual(3000);
      expect(phases.chaosMs).toBeLessThanOrEqual(profile.chaosMsMax);
      for (const list of [workload, faults]) {
        const times = list.map(({ atMs }) => atMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(times.every((atMs) => atMs >= 0 && atMs <= phases.chaosMs)).toBe(true);
      }
    }
    expect(Math.max(...scenarios.map(({ faults }) => faults.length))).toBeGreaterThan(profile.faultsMax / 2);
    expect(Math.max(...scenarios.map(({ workload }) => workload.length))).toBeGreaterThan(profile.operationsMax / 2);
  });

  test("gives each write a value of its own, but for what is in the accounts at first", () => {
    for (const { workload } of scenarios) {
      const values = workload.flatMap(valuesOf).filter((value) => value !== "100");
      expect(new Set(values).size).toBe(values.length);
      expect(values).not.toContain(VALUE);
    }
  });

  test("fills the accounts at once, and before anything is moved between them", () => {
    for (const { workload } of scenarios) {
      const filling = workload.filter((operation) => valuesOf(operation).includes("100"));
      const moves = workload.some(({ kind }) => kind === "transfer");
      expect(filling.length).toBe(moves ? 1 : 0);
      if (moves) expect(filling[0]).toMatchObject({ kind: "txn", client: "c1", success: { length: 3 } });
    }
  });

  test("leaves a quorum of the members when some stay down", () => {
    for (const { system, phases } of scenarios) {
      expect(phases.stayDown.length).toBeLessThan(system.members / 2);
      for (const id of phases.stayDown) expect(memberIdsOf(system)).toContain(id);
    }
    expect(share(({ phases }) => phases.stayDown.length > 0)).toBeGreaterThan(0.1);
  });

  test("keeps clocks within the bound that leases rest on", () => {
    for (const { system, clock, faults } of scenarios) {
      const rates = faults.flatMap((fault) => (fault.kind === "clockRate" ? [fault.rate] : []));
      const all = [1 - clock.driftMax, 1 + clock.driftMax, ...rates];
      expect(Math.max(...all) / Math.min(...all)).toBeLessThan(system.config.clockDriftBound);
    }
    expect(share(({ clock }) => clock.driftMax > 0)).toBeGreaterThan(0.2);
  });

  test("lets no disk rot that holds nothing", () => {
    for (const { system, faults } of scenarios)
      for (const fault of faults) if (fault.kind === "corrupt") expect(clientIdsOf(system)).not.toContain(fault.target);
  });

  test("is the same for the same seed and number", () => {
    for (const index of [0, 17, 399]) expect(generate(storeScenario(profile), 1, index)).toEqual(scenarios[index]);
    expect(generate(storeScenario(profile), 2, 0)).not.toEqual(scenarios[0]);
  });
});

describe("generated scenarios differ in kind", () => {
  test.each(FAULT_KINDS)("%s is in some, and not in all", (kind) => {
    const having = share(({ faults }) => faults.some((fault) => fault.kind === kind));
    expect(having).toBeGreaterThan(0.05);
    expect(having).toBeLessThan(0.9);
  });

  test.each([
    "put",
    "get",
    "delete",
    "txn",
    "increment",
    "transfer",
    "setAdd",
    "setRead",
    "enqueue",
    "dequeue",
    "lock",
    "campaign",
    "leaseHold",
    "grant",
    "revoke",
    "keepAlive",
    "timeToLive",
    "watch",
    "compactTo",
    "compact",
    "defragment",
    "moveLeader",
  ])("%s is in some", (kind) => {
    const having = share(({ workload }) => workload.some((operation) => operation.kind === kind));
    expect(having).toBeGreaterThan(0.1);
    if (kind !== "put" && kind !== "get") expect(having).toBeLessThan(0.9);
  });

  test("in who chooses, in their clusters, and in where faults strike", () => {
    for (const kind of ["timed", "pct", "random"])
      expect(share(({ schedule }) => schedule.kind === kind)).toBeGreaterThan(0.02);
    expect(share(({ schedule }) => schedule.kind === "timed")).toBeGreaterThan(0.7);
    for (const members of [1, 2, 3, 4, 5])
      expect(share(({ system }) => system.members === members)).toBeGreaterThan(0.01);
    expect(share(({ system }) => system.members === 3 || system.members === 5)).toBeGreaterThan(0.6);
    for (const clients of [1, 2, 3, 5, 10])
      expect(share(({ system }) => system.clients === clients)).toBeGreaterThan(0.01);
    expect(share(({ faults }) => faults.some(({ on }) => on !== undefined))).toBeGreaterThan(0.2);
    expect(share(({ faults }) => faults.length === 0)).toBeGreaterThan(0.005);
  });

  test("clients are struck as well as members", () => {
    const struck = scenarios.flatMap(({ faults }) =>
      faults.flatMap((fault) => ("target" in fault ? [fault.target] : [])),
    );
    const clients = struck.filter((name) => /^c\d|holder/.test(name)).length;
    expect(clients / struck.length).toBeGreaterThan(0.05);
    expect(clients / struck.length).toBeLessThan(0.4);
  });
});
