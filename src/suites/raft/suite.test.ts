import { describe, expect, test } from "vitest";
import { type CampaignPlan, runBatch, runsOf, scenarioOf } from "../../harness/campaign.ts";
import { runScenario } from "../../harness/run.ts";
import { check, renderPath } from "../../harness/schema.ts";
import { TraceRecorder } from "../../simulator/trace.ts";
import { findSuite, SUITES } from "../index.ts";
import { type RaftScenario, RaftScenarioSchema } from "./scenario.ts";
import { raftSuite } from "./suite.ts";
import type { Types } from "./system.ts";

function scenario(parts: Readonly<Record<string, unknown>> = {}): RaftScenario {
  const checked = check(RaftScenarioSchema, {
    suite: "raft",
    system: { voters: 3 },
    phases: { chaosMs: 5000 },
    ...parts,
  });
  if (checked.kind === "flawed") throw new Error(JSON.stringify(checked.flaws));
  return checked.value;
}

/** What clients asked for and what they were answered, as `process id what`. */
function asked(of: RaftScenario): { requests: string[]; replies: string[] } {
  const told = { requests: [] as string[], replies: [] as string[] };
  const suite: typeof raftSuite = {
    ...raftSuite,
    properties: [
      {
        id: "raft/told",
        kind: "always",
        source: "a test",
        monitor: () => ({
          onRequest(process, id, body: Types["request"]) {
            if (!id.startsWith("probe")) told.requests.push(`${process.id} ${id} ${JSON.stringify(body)}`);
          },
          onReply(_process, id, response) {
            if (!id.startsWith("probe")) told.replies.push(`${id} ${response.kind}`);
          },
        }),
      },
    ],
  };
  expect(runScenario(suite, of).verdict.kind).toBe("holds");
  return told;
}

describe("the Raft suite", () => {
  test("is found by its name", () => {
    expect(findSuite("raft")).toBe(raftSuite);
    expect(findSuite("paxos")).toBeUndefined();
    expect(new Set(SUITES.map(({ name }) => name)).size).toBe(SUITES.length);
  });

  test("has properties of each kind, each with a path of its own and a source", () => {
    const ids = raftSuite.properties.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, source } of raftSuite.properties) {
      expect(id).toMatch(/^raft\/[a-z0-9/-]+$/);
      expect(source.length, id).toBeGreaterThan(10);
    }
    expect(new Set(raftSuite.properties.map(({ kind }) => kind)).size).toBe(3);
  });

  test.each([1, 2, 3, 5])("%i members without any trouble elect a leader, commit and come to rest", (voters) => {
    const workload = [2000, 3000, 4000].map((atMs, i) => ({ kind: "propose", atMs, command: `c${i}`, count: 2 }));
    const { verdict, virtualUs, coverage } = runScenario(raftSuite, scenario({ system: { voters }, workload }));
    expect(verdict).toEqual({ kind: "holds" });
    expect(virtualUs).toBeLessThan(10_000_000);
    if (voters > 1) expect(coverage.appendEntriesReply![0]).toBeGreaterThan(10);
  });

  test("a run of generated trouble is the same each time, and holds", () => {
    const profile = { ...raftSuite.profiles.quick!, chaosMsMax: 5000 };
    const plan: CampaignPlan = { suite: "raft", profile, seed: 1, runs: 12, shard: { index: 0, of: 1 } };
    const [one, two] = [runBatch(raftSuite, plan, runsOf(plan)), runBatch(raftSuite, plan, runsOf(plan))];
    expect(two).toEqual(one);
    expect([one.violations, one.unknown, one.faults]).toEqual([[], [], []]);
    expect(Object.values(one.sums.struck).reduce((a, b) => a + b, 0)).toBeGreaterThan(10);
  });
});

describe("operations", () => {
  test("reach whoever leads, and are answered", () => {
    const { requests, replies } = asked(
      scenario({
        system: { voters: 3, spares: 1 },
        workload: [
          { kind: "propose", atMs: 3000, command: "x", count: 3 },
          { kind: "read", atMs: 3100 },
          { kind: "changeMembership", atMs: 3200, changes: [{ kind: "addLearner", member: "m4" }] },
          { kind: "transferLeadership", atMs: 4000, target: "m1" },
        ],
      }),
    );
    const leader = requests[0]!.split(" ")[0]!;
    expect(requests).toEqual(
      [
        'op0 {"kind":"propose","command":"x"}',
        'op0.1 {"kind":"propose","command":"x.1"}',
        'op0.2 {"kind":"propose","command":"x.2"}',
        'op1 {"kind":"read"}',
        'op2 {"kind":"changeMembership","changes":[{"kind":"addLearner","member":"m4"}],"joint":false}',
        'op3 {"kind":"transferLeadership","to":"m1"}',
      ].map((request) => `${leader} ${request}`),
    );
    for (const id of ["op0", "op0.1", "op0.2", "op1", "op2"])
      expect(replies.filter((reply) => reply.startsWith(`${id} `))).toHaveLength(1);
    expect(replies).toContain("op0 committed");
  });

  test("to a leader when there is none are not made, to a member are", () => {
    const workload = [
      { kind: "read", atMs: 0 },
      { kind: "read", atMs: 0, to: "m2" },
    ];
    expect(asked(scenario({ workload })).requests).toEqual(['m2 op1 {"kind":"read"}']);
  });
});

describe("the points at which faults wait", () => {
  test("are ones that members come by", () => {
    const trace = new TraceRecorder();
    for (const each of [
      scenario({
        system: { voters: 3, spares: 1, config: { snapshotEntries: 5, snapshotCatchUpEntries: 0 } },
        faults: [{ kind: "pause", atMs: 3000, target: "follower", durationMs: 3000 }],
        workload: [
          { kind: "propose", atMs: 4000, command: "x", count: 20 },
          { kind: "transferLeadership", atMs: 7000, target: "m1" },
          { kind: "transferLeadership", atMs: 8000, target: "m2" },
        ],
        phases: { chaosMs: 10_000 },
      }),
    ])
      runScenario(raftSuite, each, { trace });
    const texts = trace.lines.map(({ text }) => text.trim()).filter((text) => text.startsWith("{"));
    const seen = new Set(
      texts.map((text) => {
        const effect = JSON.parse(text);
        const part = effect.message ?? effect.record ?? effect.response;
        return `${effect.kind} ${part?.kind ?? effect.name}`;
      }),
    );
    for (const point of [
      "send requestVote",
      "send requestVoteReply",
      "send appendEntries",
      "send appendEntriesReply",
      "send installSnapshot",
      "send timeoutNow",
      "persist hardState",
      "persist entries",
      "persist snapshot",
      "reply committed",
    ])
      expect(seen).toContain(point);
  });
});

describe("a contradiction", () => {
  const at = { atMs: 1 };

  test.each([
    [{ system: { voters: 3, config: { electionTimeoutMaxMs: 900 } } }, "system.config.electionTimeoutMaxMs"],
    [{ system: { voters: 3, config: { heartbeatIntervalMs: 1000 } } }, "system.config.heartbeatIntervalMs"],
    [{ system: { voters: 3, config: { readMode: "lease", checkQuorum: false } } }, "system.config.readMode"],
    [
      {
        workload: [
          { kind: "read", ...at },
          { kind: "read", ...at, to: "m4" },
        ],
      },
      "workload[1].to",
    ],
    [{ workload: [{ kind: "read", ...at, to: "self" }] }, "workload[0].to"],
    [{ workload: [{ kind: "transferLeadership", ...at, target: "m9" }] }, "workload[0].target"],
    [
      { workload: [{ kind: "changeMembership", ...at, changes: [{ kind: "addVoter", member: "leader" }] }] },
      "workload[0].changes[0].member",
    ],
    [{ faults: [{ kind: "kill", target: "m4", downMs: 1 }] }, "faults[0].target"],
    [{ faults: [{ kind: "kill", target: "self", downMs: 1 }] }, "faults[0].target"],
    [{ faults: [{ kind: "link", from: "m1", to: "m4", durationMs: 1 }] }, "faults[0].to"],
    [{ faults: [{ kind: "partition", side: ["m1", "m7"], durationMs: 1 }] }, "faults[0].side[1]"],
    [
      { faults: [{ kind: "kill", target: "m1", downMs: 1, on: { effect: "send", process: "m4" } }] },
      "faults[0].on.process",
    ],
    [{ phases: { chaosMs: 1, stayDown: ["m1", "leader"] } }, "phases.stayDown[1]"],
  ])("%j is told with its place", (parts, place) => {
    const found = raftSuite.contradiction(scenario(parts));
    expect(found && renderPath(found.path)).toBe(place);
    expect(found!.message).toMatch(/^Expected /);
  });

  test("is not in a scenario that names members, roles, and itself where a point is", () => {
    const found = raftSuite.contradiction(
      scenario({
        workload: [{ kind: "read", ...at, to: "follower" }],
        faults: [
          { kind: "kill", target: "self", downMs: 1, on: { effect: "send" } },
          { kind: "link", from: "leader", to: "m3", durationMs: 1 },
        ],
        phases: { chaosMs: 1, stayDown: ["m3"] },
      }),
    );
    expect(found).toBeNull();
  });
});

describe("what concerns a monitor", () => {
  test("is all that it would act on: told of everything, the properties reach the same", () => {
    const plan = { seed: 3, profile: raftSuite.profiles["quick"]! };
    const telling: typeof raftSuite = {
      ...raftSuite,
      properties: raftSuite.properties.map((property) => ({
        ...property,
        monitor: (context) => ({ ...property.monitor(context), concerns: {} }),
      })),
    };
    for (let run = 0; run < 40; run++) {
      const generated = scenarioOf(raftSuite, plan, run);
      const [some, all] = [runScenario(raftSuite, generated), runScenario(telling, generated)];
      expect([all.hash, all.verdict, all.reached]).toEqual([some.hash, some.verdict, some.reached]);
    }
  });
});
