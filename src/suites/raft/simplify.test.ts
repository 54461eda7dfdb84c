import { describe, expect, test } from "vitest";
import { generate } from "../../harness/fast-check.ts";
import { check } from "../../harness/schema.ts";
import { raftScenario } from "./arbitrary.ts";
import { type RaftScenario, RaftScenarioSchema } from "./scenario.ts";
import { simplerSystems } from "./simplify.ts";
import { raftSuite } from "./suite.ts";

function scenario(parts: Readonly<Record<string, unknown>>): RaftScenario {
  const checked = check(RaftScenarioSchema, { suite: "raft", phases: { chaosMs: 100 }, ...parts });
  if (checked.kind === "flawed") throw new Error(JSON.stringify(checked.flaws));
  return checked.value;
}

/** The candidate with that many voters, learners and spares. */
function withMembers(from: RaftScenario, voters: number, learners: number, spares: number): RaftScenario {
  const found = [...simplerSystems(from)].find(
    ({ system }) => system.voters === voters && system.learners === learners && system.spares === spares,
  );
  return found!;
}

/** m1 to m3 vote, m4 and m5 learn, m6 is a spare. */
const CLUSTER = { system: { voters: 3, learners: 2, spares: 1 } };

describe("fewer members", () => {
  test("the boldest change comes first, and none adds members", () => {
    const counts = [...simplerSystems(scenario({ system: { voters: 5, learners: 2, spares: 1 } }))]
      .map(({ system: { voters, learners, spares } }) => `${voters}+${learners}+${spares}`)
      .filter((count) => count !== "5+2+1");
    expect(counts).toEqual(["1+2+1", "2+2+1", "3+2+1", "5+0+1", "5+1+1", "5+2+0"]);
  });

  test("members keep their number within their group", () => {
    const before = scenario({
      ...CLUSTER,
      workload: ["m1", "m4", "m5", "m6", "leader"].map((to, i) => ({ kind: "read", atMs: i, to })),
    });
    const to = (after: RaftScenario) => after.workload.map((operation) => operation.to);
    expect(to(withMembers(before, 1, 2, 1))).toEqual(["m1", "m2", "m3", "m4", "leader"]);
    expect(to(withMembers(before, 3, 1, 1))).toEqual(["m1", "m4", "m5", "leader"]);
    expect(to(withMembers(before, 3, 0, 1))).toEqual(["m1", "m4", "leader"]);
    expect(to(withMembers(before, 3, 2, 0))).toEqual(["m1", "m4", "m5", "leader"]);
  });

  test("an action that names a member that is gone goes, one that still names others stays", () => {
    const target = { atMs: 1, downMs: 5 };
    const before = scenario({
      ...CLUSTER,
      workload: [
        { kind: "transferLeadership", atMs: 1, target: "m3" },
        { kind: "changeMembership", atMs: 2, changes: [{ kind: "demoteVoter", member: "m3" }] },
        {
          kind: "changeMembership",
          atMs: 3,
          changes: [
            { kind: "demoteVoter", member: "m3" },
            { kind: "promoteLearner", member: "m4" },
          ],
        },
        { kind: "propose", atMs: 4, command: "m3" },
      ],
      faults: [
        { kind: "kill", target: "m2", ...target },
        { kind: "kill", target: "m1", ...target },
        { kind: "kill", target: "self", ...target, on: { effect: "send", process: "m3" } },
        { kind: "kill", target: "self", ...target, on: { effect: "send", process: "m5", detail: "requestVote" } },
        { kind: "partition", side: ["m1", "m2", "leader"], durationMs: 5 },
        { kind: "partition", side: ["m2", "m3"], durationMs: 5 },
        { kind: "link", from: "m1", to: "m3", durationMs: 5 },
        { kind: "link", from: "m6", to: "m5", durationMs: 5, loss: 0.5 },
        { kind: "storm", durationMs: 5 },
      ],
      phases: { chaosMs: 100, stayDown: ["m2", "m4"] },
    });
    const { workload, faults, phases } = withMembers(before, 1, 2, 1);
    expect(workload).toEqual([
      { ...before.workload[2], changes: [{ kind: "promoteLearner", member: "m2" }] },
      before.workload[3],
    ]);
    expect(faults).toMatchObject([
      { kind: "kill", target: "m1" },
      { kind: "kill", target: "self", on: { effect: "send", process: "m3", detail: "requestVote" } },
      { kind: "partition", side: ["m1", "leader"] },
      { kind: "link", from: "m4", to: "m3", loss: 0.5 },
      { kind: "storm" },
    ]);
    expect(phases.stayDown).toEqual(["m2"]);
  });

  test("what is set for one member follows it", () => {
    const overrides = { m1: { preVote: false }, m3: { preVote: false }, m4: { checkQuorum: false } };
    const before = scenario({ system: { ...CLUSTER.system, overrides } });
    expect(withMembers(before, 1, 2, 1).system.overrides).toEqual({
      m1: { preVote: false },
      m2: { checkQuorum: false },
    });
  });
});

describe("switches at their defaults", () => {
  test("all at once first, then one at a time; the pace of elections only with the rest", () => {
    const before = scenario({
      system: {
        voters: 1,
        config: { preVote: false, snapshotEntries: 5, heartbeatIntervalMs: 20, electionTimeoutMs: 200 },
      },
    });
    const configs = [...simplerSystems(before)].map(({ system }) => system.config);
    const { config } = before.system;
    const defaults = scenario({ system: { voters: 1 } }).system.config;
    expect(configs).toEqual([defaults, { ...config, preVote: true }, { ...config, snapshotEntries: 0 }]);
  });

  test("no member is different from the others", () => {
    const before = scenario({ system: { voters: 1, overrides: { m1: { preVote: false } } } });
    expect([...simplerSystems(before)][0]!.system.overrides).toEqual({});
  });
});

test("what is simpler than a generated scenario is a scenario, names no one who is gone, and is no larger", () => {
  const arbitrary = raftScenario(raftSuite.profiles.quick!);
  for (let index = 0; index < 60; index++) {
    const before = generate(arbitrary, 2, index);
    for (const after of simplerSystems(before)) {
      expect(check(RaftScenarioSchema, after)).toEqual({ kind: "fits", value: after });
      const flaw = raftSuite.contradiction(after);
      // A single switch may not go with the others; the shrinker asks, and leaves such a scenario out.
      if (flaw !== null) expect(flaw.path[0]).toBe("system");
      expect(after.workload.length + after.faults.length).toBeLessThanOrEqual(
        before.workload.length + before.faults.length,
      );
    }
  }
});
