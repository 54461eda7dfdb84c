import { describe, expect, test } from "vitest";
import type { StoreWorldTypes } from "../../../models/client/types.ts";
import { type CampaignPlan, runBatch, runsOf, scenarioOf } from "../../harness/campaign.ts";
import { runScenario } from "../../harness/run.ts";
import { check, renderPath } from "../../harness/schema.ts";
import { TraceRecorder } from "../../simulator/trace.ts";
import { RAFT_POINTS } from "../shared/fault-arbitrary.ts";
import { STORE_POINTS } from "./arbitrary.ts";
import { type StoreScenario, StoreScenarioSchema } from "./scenario.ts";
import { storeSuite } from "./suite.ts";
import { storeSystem } from "./system.ts";

function scenario(parts: Readonly<Record<string, unknown>> = {}): StoreScenario {
  const checked = check(StoreScenarioSchema, {
    suite: "store",
    system: { members: 3 },
    phases: { chaosMs: 6000 },
    ...parts,
  });
  if (checked.kind === "flawed") throw new Error(JSON.stringify(checked.flaws));
  return checked.value;
}

interface Told {
  readonly requests: { readonly process: string; readonly id: string; readonly body: StoreWorldTypes["request"] }[];
  readonly replies: Map<string, StoreWorldTypes["response"]>;
}

/** What was asked for and what was answered; of probes only where `probes` says so. */
function told(of: StoreScenario, probes = false): Told {
  const found: Told = { requests: [], replies: new Map() };
  const wanted = (id: string) => probes === id.startsWith("probe");
  const suite: typeof storeSuite = {
    ...storeSuite,
    properties: [
      {
        id: "store/told",
        kind: "always",
        source: "a test",
        monitor: () => ({
          onRequest(process, id, body) {
            if (wanted(id)) found.requests.push({ process: process.id, id, body });
          },
          onReply(_process, id, response) {
            if (wanted(id)) found.replies.set(id, response);
          },
        }),
      },
    ],
  };
  expect(runScenario(suite, of).verdict.kind).toBe("holds");
  return found;
}

describe("the store suite", () => {
  test("has properties of each kind, each with a path of its own and a source", () => {
    const ids = storeSuite.properties.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, source } of storeSuite.properties) {
      expect(id).toMatch(/^store\/[a-z0-9/-]+$/);
      expect(source.length, id).toBeGreaterThan(10);
    }
    expect(new Set(storeSuite.properties.map(({ kind }) => kind)).size).toBe(3);
  });

  test("names each rule once, and none that nothing here takes", () => {
    expect(new Set(storeSuite.rules).size).toBe(storeSuite.rules.length);
    expect(storeSuite.rules.filter((name) => name.startsWith("configuration/"))).toEqual([]);
  });

  test.each([1, 2, 3, 5])("%i members without any trouble carry out what clients ask, and come to rest", (members) => {
    const workload = [2500, 3000, 3500].map((atMs, i) => {
      return { kind: "put", atMs, client: `c${i + 1}`, key: "k", value: `v${i}`, count: 2 };
    });
    const { verdict, virtualUs, coverage } = runScenario(storeSuite, scenario({ system: { members }, workload }));
    expect(verdict).toEqual({ kind: "holds" });
    expect(virtualUs).toBeLessThan(12_000_000);
    expect(coverage["store/backend/committed"]![0]).toBeGreaterThan(0);
  });

  test("a run of generated trouble is the same each time", () => {
    const profile = { ...storeSuite.profiles.quick!, chaosMsMax: 8000 };
    const plan: CampaignPlan = { suite: "store", profile, seed: 1, runs: 12, shard: { index: 0, of: 1 } };
    const [one, two] = [runBatch(storeSuite, plan, runsOf(plan)), runBatch(storeSuite, plan, runsOf(plan))];
    expect(two).toEqual(one);
    expect([one.violations, one.unknown, one.faults]).toEqual([[], [], []]);
    expect(Object.values(one.sums.struck).reduce((a, b) => a + b, 0)).toBeGreaterThan(10);
  });
});

describe("operations", () => {
  test("reach the client that they name, and are answered by the members", () => {
    const { requests, replies } = told(
      scenario({
        workload: [
          { kind: "put", atMs: 3000, client: "c2", session: 1, key: "k", value: "x", count: 2 },
          { kind: "increment", atMs: 3200, key: "n", count: 3 },
          { kind: "get", atMs: 3500, client: "c3", key: "", prefix: true, to: "follower" },
          { kind: "defragment", atMs: 3600, to: "m2" },
          { kind: "moveLeader", atMs: 3700, target: "follower" },
          { kind: "put", atMs: 4000, client: "holder", key: "k", value: "y" },
        ],
      }),
    );
    expect(requests.map(({ process, id }) => `${process} ${id}`).slice(0, 7)).toEqual([
      "c2 op0",
      "c2 op0.1",
      "c1 op1",
      "c1 op1.1",
      "c1 op1.2",
      "c3 op2",
      "m2 op3",
    ]);
    expect(requests.slice(0, 2).map(({ body }) => body)).toMatchObject([
      { kind: "call", session: 1, endpoint: null, request: { kind: "put", value: "x" } },
      { kind: "call", session: 1, endpoint: null, request: { kind: "put", value: "x.1" } },
    ]);
    // Nobody holds a lock: the last one is not made.
    expect(requests).toHaveLength(8);
    expect(replies.get("op1.2")).toMatchObject({ kind: "done", outcome: "ok", result: 3 });
    expect([...replies.values()].map(({ kind }) => kind).sort()).toEqual([
      "defragment",
      "done",
      "done",
      "done",
      "done",
      "done",
      "done",
      "moveLeader",
    ]);
  });

  test("go by what the client has seen", () => {
    const { requests } = told(
      scenario({
        workload: [
          { kind: "put", atMs: 3000, key: "k", value: "x", count: 4 },
          { kind: "get", atMs: 4000, key: "k", revision: "seen-1" },
          { kind: "get", atMs: 4000, client: "c2", key: "k", revision: "seen" },
        ],
      }),
    );
    const revisions = requests.flatMap(({ body }) =>
      body.kind === "call" && body.request.kind === "range" ? [body.request.revision] : [],
    );
    expect(revisions).toEqual([4, 1]);
  });

  test("that name nobody who is there are not made", () => {
    const workload = [
      { kind: "get", key: "k", to: "leader" },
      { kind: "defragment", to: "leader" },
      { kind: "lock", name: "l", client: "holder" },
      { kind: "moveLeader", to: "m1", target: "leader" },
      { kind: "put", atMs: 0, client: "self", key: "k", value: "v", on: { effect: "persist", process: "m1" } },
    ];
    expect(told(scenario({ workload })).requests).toEqual([]);
  });

  test("may wait for a client that holds a lock, and name it", () => {
    const { requests } = told(
      scenario({
        workload: [
          { kind: "lock", atMs: 3000, client: "c2", name: "l", holdMs: 2000 },
          { kind: "get", atMs: 4000, client: "holder", session: 1, key: "l/", prefix: true },
        ],
      }),
    );
    expect(requests.map(({ process, id }) => `${process} ${id}`)).toEqual(["c2 op0", "c2 op1"]);
  });

  test("after the heal each client writes, and the first that is up reads all there is", () => {
    const { requests, replies } = told(scenario({ system: { members: 3, clients: 2 } }), true);
    expect(requests.slice(0, 3).map(({ process, id }) => `${process} ${id}`)).toEqual([
      "c1 probe0.c1",
      "c2 probe0.c2",
      "c1 probe0.all",
    ]);
    expect(replies.get("probe0.all")).toMatchObject({ kind: "done", outcome: "ok" });
  });
});

describe("the system", () => {
  test("gives each client the members from its own number on, round and round", () => {
    const { processes } = storeSystem(scenario({ system: { members: 3, clients: 4 } }));
    const endpoints = processes.flatMap(({ config }) => (config.kind === "client" ? [config.endpoints.join()] : []));
    expect(endpoints).toEqual(["m1,m2,m3", "m2,m3,m1", "m3,m1,m2", "m1,m2,m3"]);
    expect(new Set(processes.map(({ host }) => host)).size).toBe(7);
  });

  test("connects clients with members, and leaves members to find one another", () => {
    const { connected } = storeSystem(scenario());
    expect([connected!("c1", "m1"), connected!("m1", "c1"), connected!("m1", "m2")]).toEqual([true, true, false]);
  });

  test("compares no more fields than a mask has bits for", () => {
    const { fields } = storeSystem(scenario());
    expect(new Set(fields).size).toBe(fields!.length);
    expect(fields!.length).toBeLessThanOrEqual(16);
  });

  test("bears the loss of all clients, and of members as long as a quorum is left", () => {
    const survived: boolean[] = [];
    const suite: typeof storeSuite = {
      ...storeSuite,
      properties: [],
      probe(world, poll) {
        if (poll > 0) return;
        const survives = (...ids: string[]) => world.system.survives(new Set(ids), world.processes);
        survived.push(survives("c1", "c2", "c3"), survives("m1", "c1"), survives("m1", "m2"));
      },
    };
    runScenario(suite, scenario());
    expect(survived).toEqual([true, true, false]);
  });
});

describe("the points at which faults wait", () => {
  test("are ones that processes come by", () => {
    const trace = new TraceRecorder();
    const of = scenario({
      system: {
        members: 3,
        config: { snapshotEntries: 5, snapshotCatchUpEntries: 0, leaseTtlMinMs: 500 },
      },
      faults: [{ kind: "pause", atMs: 3000, target: "follower", durationMs: 3000 }],
      workload: [
        { kind: "watch", atMs: 2500, key: "", prefix: true },
        { kind: "leaseHold", atMs: 3000, client: "c2", keys: ["h"], ttlMs: 500, keepMs: 0 },
        ...[1, 2, 3].map((n) => ({
          kind: "put",
          atMs: 4000,
          client: `c${n}`,
          session: 1,
          key: "k",
          value: `${n}`,
          count: 20,
        })),
        { kind: "compactTo", atMs: 5000, keep: 0 },
        { kind: "moveLeader", atMs: 7000, target: "m1" },
        { kind: "moveLeader", atMs: 8000, target: "m2" },
      ],
      phases: { chaosMs: 10_000 },
    });
    runScenario({ ...storeSuite, properties: [] }, of, { trace });
    const texts = trace.lines.map(({ text }) => text.trim()).filter((text) => text.startsWith("{"));
    const seen = new Set(
      texts.map((text) => {
        const effect = JSON.parse(text);
        return `${effect.kind} ${(effect.message ?? effect.record)?.kind ?? effect.name}`;
      }),
    );
    for (const { effect, detail } of [...RAFT_POINTS, ...STORE_POINTS]) expect(seen).toContain(`${effect} ${detail}`);
  });
});

describe("a contradiction", () => {
  const get = { kind: "get", key: "k" };

  test.each([
    [{ system: { members: 3, config: { electionTimeoutMaxMs: 900 } } }, "system.config.electionTimeoutMaxMs"],
    [{ system: { members: 3, client: { backoffMaxMs: 1 } } }, "system.client.backoffMaxMs"],
    [{ workload: [get, { ...get, client: "c4" }] }, "workload[1].client"],
    [{ workload: [{ ...get, client: "m1" }] }, "workload[0].client"],
    [{ workload: [{ ...get, client: "leader" }] }, "workload[0].client"],
    [{ workload: [{ ...get, client: "self" }] }, "workload[0].client"],
    [{ workload: [{ ...get, to: "c1" }] }, "workload[0].to"],
    [{ workload: [{ ...get, to: "holder" }] }, "workload[0].to"],
    [{ workload: [{ ...get, session: 3 }] }, "workload[0].session"],
    [{ workload: [{ ...get, on: { effect: "send", process: "m4" } }] }, "workload[0].on.process"],
    [{ workload: [{ kind: "defragment", to: "m4" }] }, "workload[0].to"],
    [{ workload: [{ kind: "moveLeader", target: "m4" }] }, "workload[0].target"],
    [
      { workload: [{ kind: "txn", compare: [{ key: "k", target: "mod", operand: "1" }] }] },
      "workload[0].compare[0].operand",
    ],
    [{ workload: [{ kind: "txn", compare: [{ key: "k", operand: 1 }] }] }, "workload[0].compare[0].operand"],
    [{ faults: [{ kind: "kill", target: "c4", downMs: 1 }] }, "faults[0].target"],
    [{ faults: [{ kind: "partition", side: ["c1", "m7"], durationMs: 1 }] }, "faults[0].side[1]"],
    [{ phases: { chaosMs: 1, stayDown: ["c1", "holder"] } }, "phases.stayDown[1]"],
  ])("%j is told with its place", (parts, place) => {
    const found = storeSuite.contradiction(scenario(parts));
    expect(found && renderPath(found.path)).toBe(place);
    expect(found!.message).toMatch(/^Expected /);
  });

  test("is not in a scenario that names processes, roles, and itself where a point is", () => {
    const found = storeSuite.contradiction(
      scenario({
        workload: [
          { ...get, client: "holder", to: "follower", session: 2 },
          { ...get, client: "self", on: { effect: "send", process: "c1" } },
          { ...get, to: "self", on: { effect: "persist" } },
          { kind: "moveLeader", target: "follower" },
        ],
        faults: [
          { kind: "kill", target: "holder", downMs: 1 },
          { kind: "kill", target: "self", downMs: 1, on: { effect: "send" } },
          { kind: "link", from: "leader", to: "c3", durationMs: 1 },
        ],
        phases: { chaosMs: 1, stayDown: ["m3", "c1"] },
      }),
    );
    expect(found).toBeNull();
  });
});

describe("what concerns a monitor", () => {
  test("is all that it would act on: told of everything, the properties reach the same", () => {
    const plan = { seed: 3, profile: storeSuite.profiles["quick"]! };
    const telling: typeof storeSuite = {
      ...storeSuite,
      properties: storeSuite.properties.map((property) => ({
        ...property,
        monitor: (context) => ({ ...property.monitor(context), concerns: {} }),
      })),
    };
    for (let run = 0; run < 30; run++) {
      const generated = scenarioOf(storeSuite, plan, run);
      const [some, all] = [runScenario(storeSuite, generated), runScenario(telling, generated)];
      expect([all.hash, all.verdict, all.reached]).toEqual([some.hash, some.verdict, some.reached]);
    }
  });
});
