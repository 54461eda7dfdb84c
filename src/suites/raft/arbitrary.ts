import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Profile } from "../../harness/suite.ts";
import { FAULT_KINDS, type Fault } from "../../simulator/faults.ts";
import { driftMax, inOrder, raftConfig, schedule, surroundings, weighted } from "../shared/arbitrary.ts";
import {
  CLOCK_RATES,
  CLOCK_RATES_OF_LEASES,
  type FaultSetting,
  faultOf,
  RAFT_POINTS,
} from "../shared/fault-arbitrary.ts";
import { episode } from "./episodes.ts";
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
      drift: driftMax,
    })
    .map(({ drift, ...rest }) => ({ ...rest, driftMax: drift }));
}

const systemSpec: Arbitrary<RaftSystemSpec> = fc.record({
  voters: weighted([1, 1], [8, 3], [6, 5], [1, 7], [1, 2]),
  learners: weighted([4, 0], [1, 1], [1, 2]),
  spares: weighted([3, 0], [1, 1], [1, 2]),
  config: raftConfig,
  overrides: weighted([9, {}], [1, { m1: { preVote: false } }]),
});

function scenarioIn(drawn: Swarm, profile: Profile): Arbitrary<RaftScenario> {
  const { system, chaosMs } = drawn;
  const members = memberIdsOf(system);
  const faults = faultSetting(drawn, members);
  const { electionTimeoutMs } = system.config;
  const setting = { members, chaosMs, electionTimeoutMs };
  const having = {
    reads: drawn.operations.includes("read"),
    changes: drawn.operations.includes("changeMembership"),
    transfers: drawn.operations.includes("transferLeadership"),
  };
  return fc
    .record({
      ...surroundings,
      workload: fc.array(operation(drawn, members), { maxLength: profile.operationsMax, size: "max" }),
      faults:
        drawn.faults.length === 0
          ? fc.constant([])
          : fc.array(fc.oneof(...drawn.faults.map((kind) => faultOf(kind, faults))), {
              maxLength: profile.faultsMax,
              size: "max",
            }),
      episodes: fc.array(episode(setting, having), { maxLength: profile.episodesMax, size: "max" }),
      stayDown: weighted([3, 0], [1, 1], [1, 2]),
      schedule,
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

function faultSetting({ system, chaosMs }: Swarm, members: readonly string[]): FaultSetting {
  const { electionTimeoutMs, readMode } = system.config;
  const target = fc.oneof(
    { weight: 1, arbitrary: fc.constant("leader") },
    { weight: 2, arbitrary: fc.constantFrom(...members) },
  );
  return {
    chaosMs,
    electionTimeoutMs,
    processes: members,
    target,
    diskTarget: target,
    points: [...RAFT_POINTS, { effect: "reply", detail: "committed" }],
    clockRates: readMode === "lease" ? CLOCK_RATES_OF_LEASES : CLOCK_RATES,
  };
}
