import { describe, expect, test } from "vitest";
import { generate } from "../../harness/fast-check.ts";
import { check } from "../../harness/schema.ts";
import { storeScenario } from "./arbitrary.ts";
import { contradiction } from "./contradiction.ts";
import { type StoreScenario, StoreScenarioSchema } from "./scenario.ts";
import { simplerOperations, simplerScenarios, simplerSystems, simplerWorkloads } from "./simplify.ts";
import { storeSuite } from "./suite.ts";

function scenario(parts: Readonly<Record<string, unknown>>): StoreScenario {
  const checked = check(StoreScenarioSchema, { suite: "store", phases: { chaosMs: 100 }, ...parts });
  if (checked.kind === "flawed") throw new Error(JSON.stringify(checked.flaws));
  return checked.value;
}

function counts(of: StoreScenario): string[] {
  return [...simplerSystems(of)].map(({ system: { members, clients } }) => `${members}+${clients}`);
}

describe("fewer members and clients", () => {
  test("the boldest change comes first, and none adds a process", () => {
    const before = scenario({ system: { members: 4, clients: 3 } });
    expect(counts(before).slice(0, 7)).toEqual(["1+3", "2+3", "3+3", "4+1", "4+2", "4+2", "4+2"]);
    expect(counts(scenario({ system: { members: 1, clients: 1 } })).every((count) => count === "1+1")).toBe(true);
  });

  test("what names a member that is gone goes; roles and keys keep their names", () => {
    const before = scenario({
      system: { members: 3, clients: 1 },
      workload: [
        { kind: "get", key: "m3", to: "m3" },
        { kind: "leaseHold", keys: ["m3", "c2"] },
        { kind: "put", key: "m2", value: "m3", to: "candidate" },
        { kind: "defragment", to: "m1" },
        { kind: "moveLeader", target: "m2" },
        { kind: "watch", key: "x", on: { effect: "send", process: "m3" } },
      ],
      faults: [
        { kind: "partition", side: ["m1", "m3", "candidate"], durationMs: 1 },
        { kind: "kill", target: "m2", downMs: 1 },
      ],
      phases: { chaosMs: 100, stayDown: ["m1", "m3"] },
    });
    const [one] = [...simplerSystems(before)];
    expect(one!.workload).toEqual([before.workload[1], before.workload[2], before.workload[3]]);
    expect(one!.faults).toEqual([{ ...before.faults[0], side: ["m1", "candidate"] }]);
    expect(one!.phases.stayDown).toEqual(["m1"]);
  });

  test("one client does what all did, or one is gone and those after it move up", () => {
    const before = scenario({
      system: { members: 1, clients: 3 },
      workload: ["c1", "c2", "c3", "holder"].map((client) => ({ kind: "get", key: "x", client })),
      faults: [
        { kind: "pause", target: "c3", durationMs: 1 },
        { kind: "partition", side: ["c2", "c3"], durationMs: 1 },
      ],
    });
    const clients = (after: StoreScenario) =>
      after.workload.map((operation) => ("client" in operation ? operation.client : ""));
    const [one, ...rest] = [...simplerSystems(before)].filter(({ system }) => system.clients < 3);
    expect(clients(one!)).toEqual(["c1", "c1", "c1", "holder"]);
    expect(one!.faults).toMatchObject([{ target: "c1" }, { side: ["c1"] }]);
    expect(rest.map(clients)).toEqual([
      ["c1", "c2", "holder"],
      ["c1", "c2", "holder"],
      ["c1", "c2", "holder"],
    ]);
    expect(rest.map(({ faults }) => faults)).toMatchObject([
      [{ side: ["c2"] }],
      [{ target: "c2" }, { side: ["c2"] }],
      [{ target: "c2" }, { side: ["c1", "c2"] }],
    ]);
  });
});

describe("switches at their defaults", () => {
  test("all at once first, then one at a time; the pace of elections only with the rest", () => {
    const before = scenario({
      system: {
        members: 1,
        clients: 1,
        config: { scrubDelayMs: 0, heartbeatIntervalMs: 20, electionTimeoutMs: 200 },
        client: { sessions: 5, attemptsMax: 4 },
      },
    });
    const { system } = before;
    const defaults = scenario({ system: { members: 1 } }).system;
    const simpler = [...simplerSystems(before)].map((after) => after.system);
    expect(simpler).toEqual([
      { ...system, config: defaults.config },
      { ...system, config: { ...system.config, scrubDelayMs: 50 } },
      { ...system, client: defaults.client },
      { ...system, client: { ...system.client, sessions: 3 } },
      { ...system, client: { ...system.client, attemptsMax: 12 } },
    ]);
  });
});

describe("operations of which less has to be said", () => {
  const parsed = (workload: readonly unknown[]) => scenario({ system: { members: 1, clients: 1 }, workload });
  const workloads = (workload: readonly unknown[]) =>
    [...simplerWorkloads(parsed(workload))].map((after) => after.workload);
  const put = { kind: "put", atMs: 7, key: "x", value: "y" };
  const plain = { ...put, client: "c1", session: 0, lease: 0, prevKv: false, count: 1 };

  test("one option less; what needs to be said stays, and so does the time", () => {
    const [operation, nothingLess] = parsed([{ ...put, to: "leader", prevKv: true, session: 2 }, put]).workload;
    expect([...simplerOperations(operation!)]).toEqual([
      { ...plain, to: "leader", prevKv: true },
      { ...plain, prevKv: true, session: 2 },
      { ...plain, to: "leader", session: 2 },
    ]);
    expect([...simplerOperations(nothingLess!)]).toEqual([]);
  });

  test("within a transaction, too", () => {
    const { workload } = parsed([{ kind: "txn", success: [{ kind: "get", key: "x", serializable: true }] }]);
    const simpler = [...simplerOperations(workload[0]!)];
    expect(simpler).toMatchObject([{ success: [] }, { success: [{ serializable: false }] }]);
  });

  test("all options of all operations", () => {
    expect(workloads([put])).toEqual([]);
    expect(workloads([{ ...put, prevKv: true, session: 2 }])).toEqual([[plain]]);
  });

  test("in the order of their times", () => {
    const [a, b] = [3, 2].map((atMs) => ({ kind: "setRead", atMs, set: "s" }));
    expect(workloads([a, b])).toMatchObject([[b, a]]);
  });

  test("those that follow each other as one", () => {
    const read = { kind: "get", atMs: 9, key: "x" };
    const alike = [put, { ...put, key: "z", atMs: 8, count: 3 }];
    expect(workloads([...alike, read, put])[1]).toMatchObject([{ key: "x", atMs: 7, count: 4 }, read, put]);
    expect(workloads([put, { ...put, session: 1 }])).toEqual([[plain, plain]]);
    const later = { ...plain, atMs: 5000 };
    expect(workloads([put, put, later])).toEqual([[{ ...plain, count: 3 }], [{ ...plain, count: 2 }, later]]);
  });
});

test("what is simpler than a generated scenario is a scenario, names no one who is gone, and is no larger", () => {
  const arbitrary = storeScenario(storeSuite.profiles.quick!);
  for (let index = 0; index < 8; index++) {
    const before = generate(arbitrary, 2, index);
    for (const after of simplerScenarios(before)) {
      expect(check(StoreScenarioSchema, after)).toEqual({ kind: "fits", value: after });
      const flaw = contradiction(after);
      // A switch may not go with the others, or with a session that is used; the shrinker asks, and leaves it out.
      // So may who reached a point where nobody waits for one any more.
      if (flaw !== null)
        expect(flaw.path[0] === "system" || /session|client|to|target/.test(`${flaw.path[2]}`)).toBe(true);
      expect(after.workload.length + after.faults.length).toBeLessThanOrEqual(
        before.workload.length + before.faults.length,
      );
    }
  }
});
