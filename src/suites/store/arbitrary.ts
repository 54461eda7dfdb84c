import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Profile } from "../../harness/suite.ts";
import { FAULT_KINDS, type Fault } from "../../simulator/faults.ts";
import { driftMax, inOrder, mostly, raftConfig, schedule, surroundings, weighted } from "../shared/arbitrary.ts";
import {
  CLOCK_RATES_OF_LEASES,
  type FaultSetting,
  faultOf,
  type Point,
  RAFT_POINTS,
} from "../shared/fault-arbitrary.ts";
import { mix } from "../shared/raft-members.ts";
import { balances, Doing, type Stage, withValues } from "./doing.ts";
import { EPISODE_KINDS, type EpisodeKind, episode } from "./episodes.ts";
import { OPERATION_KINDS, type OperationKind, operation } from "./operation-arbitrary.ts";
import { clientIdsOf, memberIdsOf, type StoreOperation, type StoreScenario, type StoreSystemSpec } from "./scenario.ts";

/** What a run has at all (swarm testing): runs differ in kind, not only in detail. */
interface Swarm {
  readonly faults: readonly Fault["kind"][];
  readonly operations: readonly OperationKind[];
  readonly episodes: readonly EpisodeKind[];
  readonly chaosMs: number;
  readonly system: StoreSystemSpec;
  readonly keys: number;
  readonly driftMax: number;
}

/** Generated trouble for a store and its clients. */
export function storeScenario(profile: Profile): Arbitrary<StoreScenario> {
  return swarm(profile).chain((drawn) => scenarioIn(drawn, profile));
}

function swarm(profile: Profile): Arbitrary<Swarm> {
  return fc.record({
    faults: fc.subarray([...FAULT_KINDS], { minLength: 0 }),
    operations: fc.subarray([...OPERATION_KINDS], { minLength: 0 }),
    episodes: fc.subarray([...EPISODE_KINDS], { minLength: 1 }),
    chaosMs: fc.integer({ min: 30, max: profile.chaosMsMax / 100 }).map((n) => n * 100),
    system: systemSpec,
    keys: fc.integer({ min: 2, max: 6 }),
    driftMax,
  });
}

const memberConfig = fc.record({
  forwardProposals: mostly(true),
  requestTimeoutMs: fc.constantFrom(1500, 7000),
  readRetryIntervalMs: fc.constantFrom(100, 500),
  backendBatchIntervalMs: fc.constantFrom(20, 100, 100, 1000),
  backendBatchLimit: fc.constantFrom(1, 5, 100),
  scrubDelayMs: fc.constantFrom(0, 50, 500),
  leaseCheckIntervalMs: fc.constantFrom(100, 500),
  leaseCheckpointIntervalMs: fc.constantFrom(0, 300, 2000),
  leaseTtlMinMs: fc.constantFrom(500, 1500),
  watchProgressIntervalMs: fc.constantFrom(300, 2000),
  watchWindow: fc.constantFrom(1, 2, 8),
  watchFragmentEvents: fc.constantFrom(1, 3),
  watchStreamTimeoutMs: fc.constantFrom(1000, 5000),
  txnOpsMax: fc.constantFrom(4, 128, 128),
});

const clientConfig = fc.record({
  sessions: fc.constantFrom(1, 3, 3, 5),
  requestTimeoutMs: fc.constantFrom(500, 1500, 3000),
  backoffMs: fc.constantFrom(10, 25),
  backoffMaxMs: fc.constantFrom(100, 500),
  attemptsMax: fc.constantFrom(4, 12),
  watchSilenceMs: fc.constantFrom(500, 2000),
});

/** How fast a watcher that is behind gets on: so many revisions, every so many milliseconds. */
const catchingUp = fc.constantFrom<[number, number][]>([2, 20], [3, 50], [10, 20], [10, 100]);

/** About what a run writes at the most. */
const REVISIONS = 400;

/**
 * A client opens its stream again when it has heard nothing for twice `watchSilenceMs`. A watcher that is behind hears
 * nothing of what does not concern it: it must have the time to catch up, or it begins anew for ever.
 */
const configs = fc
  .tuple(raftConfig, memberConfig, clientConfig, catchingUp)
  .map(([raft, member, client, [max, ms]]) => ({
    config: { ...raft, ...member, watchBatchRevisionsMax: max, watchSyncIntervalMs: ms },
    client: { ...client, watchSilenceMs: Math.max(client.watchSilenceMs, Math.ceil(((REVISIONS / max) * ms) / 2)) },
  }));

const systemSpec: Arbitrary<StoreSystemSpec> = fc
  .tuple(
    fc.record({
      members: weighted([1, 1], [1, 2], [8, 3], [1, 4], [4, 5]),
      clients: weighted([1, 1], [3, 2], [5, 3], [2, 5], [1, 10]),
    }),
    configs,
  )
  .map(([size, config]) => ({ ...size, ...config }));

function scenarioIn(drawn: Swarm, profile: Profile): Arbitrary<StoreScenario> {
  const { system, chaosMs } = drawn;
  const stage: Stage = {
    members: memberIdsOf(system),
    clients: clientIdsOf(system),
    sessions: system.client.sessions,
    keys: Array.from({ length: drawn.keys }, (_, i) => `k${i + 1}`),
  };
  const faults = faultSetting(drawn, stage);
  const { electionTimeoutMs } = system.config;
  const doing = new Doing(stage);
  const setting = { ...stage, chaosMs, electionTimeoutMs, doing, asking: doing.asking(true) };
  return fc
    .record({
      ...surroundings,
      workload: fc.array(operation(drawn.operations, stage, chaosMs), {
        maxLength: profile.operationsMax,
        size: "max",
      }),
      faults:
        drawn.faults.length === 0
          ? fc.constant([])
          : fc.array(fc.oneof(...drawn.faults.map((kind) => faultOf(kind, faults))), {
              maxLength: profile.faultsMax,
              size: "max",
            }),
      episodes: fc.array(episode(drawn.episodes, setting), { maxLength: profile.episodesMax, size: "max" }),
      stayDown: weighted([3, 0], [1, 1], [1, 2]),
      schedule,
    })
    .map(({ network, disk, skewMaxUs, workload, faults, episodes, stayDown, schedule }) => ({
      suite: "store",
      seed: 0,
      schedule,
      system,
      network,
      disk,
      clock: { driftMax: drawn.driftMax, skewMaxUs },
      workload: workloadOf([...workload, ...episodes.flatMap((part) => part.workload)], drawn),
      faults: inOrder([...faults, ...episodes.flatMap((part) => part.faults)], chaosMs).map((fault) =>
        withClients(fault, stage.clients),
      ),
      phases: {
        chaosMs,
        settleMs: 60_000,
        stayDown: stage.members.slice(0, Math.min(stayDown, Math.ceil(system.members / 2) - 1)),
      },
    }));
}

function workloadOf(drawn: readonly StoreOperation[], { system, chaosMs }: Swarm): StoreOperation[] {
  return withValues(inOrder([...balances(drawn, system.config.electionTimeoutMs * 2), ...drawn], chaosMs));
}

/**
 * Members that are cut off have clients with them as often as not: only those see what a stale leader says. Which they are
 * follows from the time, as in {@link Doing}.
 */
function withClients(fault: Fault, clients: readonly string[]): Fault {
  if (fault.kind !== "partition" || mix(fault.atMs, 11) % 3 === 0) return fault;
  if (fault.side.some((id) => clients.includes(id) || id === "self" || id === "holder")) return fault;
  return { ...fault, side: [...fault.side, ...clients.filter((_, i) => mix(fault.atMs, 12 + i) % 2 === 0)] };
}

/** Points in the work of a member or a client at which a fault finds something in flight. */
export const STORE_POINTS: readonly Point[] = [
  { effect: "persist", detail: "backend" },
  { effect: "send", detail: "forward" },
  { effect: "send", detail: "answer" },
  { effect: "send", detail: "watchResponse" },
  { effect: "send", detail: "call" },
  { effect: "note", detail: "store/compaction/compacted" },
  { effect: "note", detail: "store/compaction/history-removed" },
  { effect: "note", detail: "store/lease/promoted" },
  { effect: "note", detail: "store/lease/expired" },
];

function faultSetting({ system, chaosMs }: Swarm, { members, clients }: Stage): FaultSetting {
  const leader = fc.constant("leader");
  const member = fc.constantFrom(...members);
  return {
    chaosMs,
    electionTimeoutMs: system.config.electionTimeoutMs,
    processes: [...members, ...clients],
    target: fc.oneof(
      { weight: 3, arbitrary: leader },
      { weight: 5, arbitrary: member },
      { weight: 2, arbitrary: fc.constantFrom(...clients, "holder") },
    ),
    diskTarget: fc.oneof({ weight: 1, arbitrary: leader }, { weight: 2, arbitrary: member }),
    points: [...RAFT_POINTS, ...STORE_POINTS],
    // Leases rest on clocks in every run.
    clockRates: CLOCK_RATES_OF_LEASES,
  };
}
