import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Profile } from "../../harness/suite.ts";
import { FAULT_KINDS, type Fault } from "../../simulator/faults.ts";
import { type EpisodeSetting, episode } from "./episodes.ts";
import { memberIdsOf, type RaftOperation, type RaftScenario, type RaftSystemSpec } from "./scenario.ts";

const OPERATION_KINDS = ["read", "changeMembership", "leaveJoint", "transferLeadership"] as const;

/** What a run has at all (swarm testing): runs differ in kind, not only in detail. */
interface Swarm {
  readonly faults: readonly Fault["kind"][];
  readonly operations: readonly (typeof OPERATION_KINDS)[number][];
  readonly chaosMs: number;
  readonly system: RaftSystemSpec;
  /** Whether clocks keep within the drift that leases allow for. */
  readonly driftMax: number;
}

/** Generated trouble for a Raft cluster. Choices are weighted so that leaders are elected, deposed and replaced. */
export function raftScenario(profile: Profile): Arbitrary<RaftScenario> {
  return swarm(profile).chain((drawn) => scenarioIn(drawn, profile));
}

function swarm(profile: Profile): Arbitrary<Swarm> {
  return fc
    .record({
      faults: fc.subarray([...FAULT_KINDS], { minLength: 0 }),
      operations: fc.subarray([...OPERATION_KINDS], { minLength: 0 }),
      chaosMs: fc.integer({ min: 20, max: profile.chaosMsMax / 100 }).map((n) => n * 100),
      system: systemSpec,
      drift: fc.constantFrom(0, 0, 0.01, 0.04),
    })
    .map(({ drift, ...rest }) => ({ ...rest, driftMax: drift }));
}

const config = fc
  .record({
    heartbeatIntervalMs: fc.constantFrom(20, 50, 100),
    electionFactor: fc.constantFrom(5, 10),
    electionSpread: fc.constantFrom(2, 2, 2, 1.5),
    preVote: mostly(true),
    checkQuorum: mostly(true),
    readMode: fc.constantFrom("readIndex" as const, "lease" as const),
    pipelining: mostly(true),
    inflightAppendsMax: fc.constantFrom(2, 8, 64),
    entriesPerAppendMax: fc.constantFrom(1, 4, 16, 64),
    fastBackup: mostly(true),
    snapshotEntries: fc.constantFrom(0, 5, 10, 50),
    snapshotCatchUpEntries: fc.constantFrom(0, 0, 3, 10),
    pendingProposalsMax: fc.constantFrom(4, 256, 256),
    promotionLagMax: fc.constantFrom(0, 10),
    forwardReads: mostly(true),
    autoLeave: mostly(true),
  })
  .map(({ electionFactor, electionSpread, readMode, checkQuorum, ...rest }) => {
    const electionTimeoutMs = rest.heartbeatIntervalMs * electionFactor;
    return {
      ...rest,
      checkQuorum,
      readMode: checkQuorum ? readMode : ("readIndex" as const),
      electionTimeoutMs,
      electionTimeoutMaxMs: electionTimeoutMs * electionSpread,
      clockDriftBound: 1.1,
    };
  });

const systemSpec: Arbitrary<RaftSystemSpec> = fc.record({
  voters: weighted([1, 1], [8, 3], [6, 5], [1, 7], [1, 2]),
  learners: weighted([4, 0], [1, 1], [1, 2]),
  spares: weighted([3, 0], [1, 1], [1, 2]),
  config,
  overrides: weighted([9, {}], [1, { m1: { preVote: false } }]),
});

function scenarioIn(drawn: Swarm, profile: Profile): Arbitrary<RaftScenario> {
  const { system, chaosMs } = drawn;
  const members = memberIdsOf(system);
  const lease = system.config.readMode === "lease";
  return fc
    .record({
      network: fc.record({
        latencyMinUs: fc.constantFrom(100, 200, 1000, 3000),
        latencyJitterUs: fc.constantFrom(50, 300, 1000),
        tailDoublingsMax: fc.constantFrom(0, 4, 6),
        loss: fc.constantFrom(0, 0, 0, 0.01, 0.05, 0.2),
        duplicate: fc.constantFrom(0, 0, 0.02, 0.1),
        reorder: fc.constantFrom(0, 0, 0.05, 0.5),
      }),
      disk: fc.record({
        syncMinUs: fc.constantFrom(0, 50, 500, 2000),
        syncJitterUs: fc.constantFrom(0, 100, 1000),
        tailDoublingsMax: fc.constantFrom(0, 6),
      }),
      skewMaxUs: fc.constantFrom(0, 1_000_000),
      workload: fc.array(operation(drawn, members), { maxLength: profile.operationsMax, size: "max" }),
      faults:
        drawn.faults.length === 0
          ? fc.constant([])
          : fc.array(fault(drawn, members, lease), { maxLength: profile.faultsMax, size: "max" }),
      episodes: fc.array(episode(settingOf(drawn, members)), { maxLength: profile.episodesMax, size: "max" }),
      stayDown: weighted([3, 0], [1, 1], [1, 2]),
      schedule: weighted<RaftScenario["schedule"]>(
        [14, { kind: "timed" }],
        [1, { kind: "pct", depth: 3, windowMs: 20, steps: 5000 }],
        [1, { kind: "random", windowMs: 20 }],
      ),
    })
    .map(({ network, disk, skewMaxUs, workload, faults, episodes, stayDown, schedule }) => ({
      suite: "raft",
      seed: 0,
      schedule,
      system,
      network,
      disk,
      clock: { driftMax: drawn.driftMax, skewMaxUs },
      workload: inOrder([...workload, ...episodes.flatMap((part) => part.workload)], chaosMs).map((operation, i) =>
        operation.kind === "propose" ? { ...operation, command: `c${i}` } : operation,
      ),
      faults: inOrder([...faults, ...episodes.flatMap((part) => part.faults)], chaosMs),
      phases: {
        chaosMs,
        settleMs: 60_000,
        stayDown: members.slice(0, Math.min(stayDown, Math.ceil(system.voters / 2) - 1)),
      },
    }));
}

function settingOf({ system, operations, chaosMs }: Swarm, members: readonly string[]): EpisodeSetting {
  return {
    members,
    chaosMs,
    electionTimeoutMs: system.config.electionTimeoutMs,
    reads: operations.includes("read"),
    changes: operations.includes("changeMembership"),
    transfers: operations.includes("transferLeadership"),
  };
}

/** In the order of their times; what an episode would do after the chaos is left out. */
function inOrder<T extends { readonly atMs: number }>(actions: readonly T[], chaosMs: number): T[] {
  return actions.filter(({ atMs }) => atMs <= chaosMs).sort((a, b) => a.atMs - b.atMs);
}

/** Where clients go: mostly to the leader, as they would. */
function asked(members: readonly string[], chaosMs: number) {
  return {
    atMs: fc.integer({ min: 0, max: chaosMs }),
    to: fc.oneof(
      { weight: 4, arbitrary: fc.constant("leader") },
      { weight: 1, arbitrary: fc.constantFrom(...members) },
    ),
  };
}

function operation({ operations, chaosMs }: Swarm, members: readonly string[]): Arbitrary<RaftOperation> {
  const common = asked(members, chaosMs);
  const member = fc.constantFrom(...members);
  const change = fc.record({
    kind: fc.constantFrom(
      "addVoter" as const,
      "addLearner" as const,
      "promoteLearner" as const,
      "demoteVoter" as const,
      "removeMember" as const,
    ),
    member,
  });
  const kinds: Record<(typeof OPERATION_KINDS)[number], Arbitrary<RaftOperation>> = {
    read: fc.record({ kind: fc.constant("read" as const), ...common }),
    changeMembership: fc.record({
      kind: fc.constant("changeMembership" as const),
      ...common,
      changes: fc.oneof(
        { weight: 3, arbitrary: fc.array(change, { minLength: 1, maxLength: 1 }) },
        { weight: 1, arbitrary: fc.array(change, { minLength: 2, maxLength: 3 }) },
      ),
      joint: fc.boolean(),
    }),
    leaveJoint: fc.record({ kind: fc.constant("leaveJoint" as const), ...common }),
    transferLeadership: fc.record({ kind: fc.constant("transferLeadership" as const), ...common, target: member }),
  };
  const propose = fc.record({
    kind: fc.constant("propose" as const),
    ...common,
    command: fc.constant("c"),
    count: weighted([3, 1], [1, 3], [1, 20]),
  });
  return fc.oneof(
    { weight: 3, arbitrary: propose },
    ...operations.map((kind) => ({ weight: 1, arbitrary: kinds[kind] })),
  );
}

/** Points in a member's work at which a crash or a partition finds something in flight. */
const POINTS = [
  { effect: "send", detail: "requestVote" },
  { effect: "send", detail: "requestVoteReply" },
  { effect: "send", detail: "appendEntries" },
  { effect: "send", detail: "appendEntriesReply" },
  { effect: "send", detail: "installSnapshot" },
  { effect: "send", detail: "timeoutNow" },
  { effect: "persist", detail: "hardState" },
  { effect: "persist", detail: "entries" },
  { effect: "persist", detail: "snapshot" },
  { effect: "reply", detail: "committed" },
] as const;

function fault(drawn: Swarm, members: readonly string[], lease: boolean): Arbitrary<Fault> {
  return fc.oneof(...drawn.faults.map((kind) => faultOf(kind, drawn, members, lease)));
}

function faultOf(kind: Fault["kind"], drawn: Swarm, members: readonly string[], lease: boolean): Arbitrary<Fault> {
  const atMs = fc.integer({ min: 0, max: drawn.chaosMs });
  const member = fc.constantFrom(...members);
  const target = fc.oneof({ weight: 1, arbitrary: fc.constant("leader") }, { weight: 2, arbitrary: member });
  const { electionTimeoutMs } = drawn.system.config;
  // Some shorter than an election, some longer, some long enough for several.
  const duration = fc.oneof(
    fc.integer({ min: 1, max: electionTimeoutMs }),
    fc.integer({ min: electionTimeoutMs, max: electionTimeoutMs * 6 }),
  );
  const durationMs = duration;
  const struck = fc.oneof(
    { weight: 2, arbitrary: fc.record({ atMs, target }) },
    {
      weight: 1,
      arbitrary: fc.record({
        atMs,
        target: fc.constant("self"),
        on: fc
          .record({
            point: fc.constantFrom(...POINTS),
            nth: fc.integer({ min: 1, max: 5 }),
            edge: fc.constantFrom("before" as const, "after" as const),
          })
          .map(({ point, nth, edge }) => ({ ...point, nth, edge })),
      }),
    },
  );
  const with_ = <R>(rest: Arbitrary<R>) => fc.tuple(struck, rest).map(([a, b]) => ({ ...a, ...b }));
  const rate = fc.constantFrom(0.01, 0.1, 0.3);
  const link = { atMs, durationMs, from: target, to: member };
  switch (kind) {
    case "crash":
      return with_(fc.record({ kind: fc.constant(kind), downMs: duration, torn: fc.boolean() }));
    case "kill":
      return with_(fc.record({ kind: fc.constant(kind), downMs: duration }));
    case "pause":
      return with_(fc.record({ kind: fc.constant(kind), durationMs }));
    case "slow":
      return with_(fc.record({ kind: fc.constant(kind), durationMs, stepUs: fc.constantFrom(500, 5000) }));
    case "partition":
      return fc.oneof(
        with_(fc.record({ kind: fc.constant(kind), durationMs, direction: directions })).map(({ target, ...rest }) => ({
          ...rest,
          side: [target],
        })),
        fc.record({
          kind: fc.constant(kind),
          atMs,
          durationMs,
          direction: directions,
          side: fc.subarray([...members], { minLength: 1, maxLength: Math.max(1, members.length - 1) }),
        }),
      );
    case "link":
      return fc.record({ kind: fc.constant(kind), ...link, loss: rate, delayMs: fc.constantFrom(0, 10, 100) });
    case "clog":
      return fc.record({ kind: fc.constant(kind), ...link });
    case "storm":
      return fc.record({ kind: fc.constant(kind), atMs, durationMs, loss: rate, duplicate: rate, reorder: rate });
    case "slowDisk":
      return with_(fc.record({ kind: fc.constant(kind), durationMs, syncMs: fc.constantFrom(5, 50) }));
    case "fullDisk":
      return with_(fc.record({ kind: fc.constant(kind), durationMs }));
    case "corrupt":
      return with_(fc.record({ kind: fc.constant(kind) }));
    case "clockRate":
      return with_(
        fc.record({
          kind: fc.constant(kind),
          durationMs,
          // Leases hold while no clock runs faster than another by more than the configured bound, 1.1.
          rate: lease ? fc.constantFrom(0.96, 1.04) : fc.constantFrom(0.5, 0.9, 1.1, 2),
        }),
      );
    case "clockJump":
      return with_(fc.record({ kind: fc.constant(kind), byMs: fc.constantFrom(-3_600_000, -1000, 1000, 3_600_000) }));
  }
}

const directions = weighted<"both" | "in" | "out">([2, "both"], [1, "in"], [1, "out"]);

function mostly(value: boolean): Arbitrary<boolean> {
  return weighted([3, value], [1, !value]);
}

function weighted<T>(...choices: readonly (readonly [weight: number, value: T])[]): Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}
