/** The trouble that any suite of clusters generates, and how a scenario is put together from it. */
import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Scenario } from "../../harness/scenario.ts";
import type { Profile } from "../../harness/suite.ts";
import type { Fault } from "../../simulator/faults.ts";
import { inOrder } from "../shared/arbitrary.ts";
import { CLOCK_RATES_OF_LEASES, type FaultSetting, faultOf, type Point } from "../shared/fault-arbitrary.ts";
import type { ClusterEpisode, ClusterSetting } from "./episodes/setting.ts";
import type { WorkloadPlan } from "./manifests.ts";
import { type OperationKind, operation } from "./operation-arbitrary.ts";
import type { Pace } from "./paces.ts";
import { type Cast, type ControlPlaneOperation, type ControlPlaneSystem, castOf, hostsOf } from "./scenario.ts";

/** A cluster in which there is trouble. */
export interface Ground {
  readonly suite: string;
  readonly system: ControlPlaneSystem;
}

/** What may happen on it. */
export interface Trouble {
  readonly chaosMs: number;
  readonly pace: Pace;
  readonly driftMax: number;
  readonly plans: readonly WorkloadPlan[];
  readonly faults: readonly Fault["kind"][];
  readonly operations: readonly OperationKind[];
}

/** Scenarios on a ground: single operations and faults of these kinds, and episodes, as many as the profile has. */
export function troubled(
  { suite, system }: Ground,
  { chaosMs, pace, driftMax, plans, faults: faultKinds, operations }: Trouble,
  episodeIn: (setting: ClusterSetting) => Arbitrary<ClusterEpisode>,
  profile: Profile,
): Arbitrary<Scenario<ControlPlaneSystem, ControlPlaneOperation>> {
  const cast = castOf(system);
  const isShort = pace.name === "short";
  const setting: ClusterSetting = {
    cast,
    chaosMs,
    plans,
    graceMs: isShort ? 8000 : 60_000,
    leaseMs: isShort ? 6000 : 18_000,
  };
  return fc
    .record({
      network,
      disk,
      skewMaxUs: fc.constantFrom(0, 0, 1_000_000),
      workload: fc.array(operation(operations, setting), { maxLength: profile.operationsMax, size: "max" }),
      faults: faultsOf(faultKinds, faultSetting(setting, isShort), profile),
      episodes: fc.array(episodeIn(setting), { maxLength: profile.episodesMax, size: "max" }),
      stayDown: stayDown(cast),
    })
    .map(({ network, disk, skewMaxUs, workload, faults, episodes, stayDown }) => ({
      suite,
      seed: 0,
      schedule: { kind: "timed" },
      system,
      network,
      disk,
      clock: { driftMax, skewMaxUs },
      workload: putInOrder(
        inOrder(
          [
            ...workload.filter((made): made is ControlPlaneOperation => made !== null),
            ...episodes.flatMap((part) => part.workload),
          ],
          chaosMs,
        ),
        chaosMs,
      ),
      faults: inOrder([...faults, ...episodes.flatMap((part) => part.faults)], chaosMs),
      phases: { chaosMs, settleMs: pace.settleMs, stayDown },
    }));
}

/**
 * At the end the person puts the nodes in order again that they have cordoned or tainted. In the same session, it comes
 * after that, however long it takes.
 */
function putInOrder(workload: readonly ControlPlaneOperation[], chaosMs: number): readonly ControlPlaneOperation[] {
  const atEnd = new Map<string, ControlPlaneOperation>();
  for (const operation of workload) {
    if (operation.kind === "cordon" || operation.kind === "drain")
      atEnd.set(`${operation.node} ${operation.session}`, {
        kind: "uncordon",
        atMs: chaosMs,
        session: operation.session,
        node: operation.node,
      });
    if (operation.kind === "taint" && !operation.remove)
      atEnd.set(`${operation.node} ${operation.session} ${operation.effect}`, {
        ...operation,
        atMs: chaosMs,
        remove: true,
      });
  }
  return [...workload, ...atEnd.values()];
}

/** A network of a data centre: what is lost is sent again by TCP, so that little is lost for good. */
const network = fc.record({
  latencyMinUs: fc.constantFrom(100, 200, 1000),
  latencyJitterUs: fc.constantFrom(50, 300, 1000),
  tailDoublingsMax: fc.constantFrom(0, 4, 6),
  loss: fc.constantFrom(0, 0, 0, 0, 0.001, 0.01),
  duplicate: fc.constantFrom(0, 0, 0.02),
  reorder: fc.constantFrom(0, 0, 0.05),
});

const disk = fc.record({
  syncMinUs: fc.constantFrom(50, 500, 2000),
  syncJitterUs: fc.constantFrom(0, 100, 1000),
  tailDoublingsMax: fc.constantFrom(0, 6),
});

function faultsOf(kinds: readonly Fault["kind"][], setting: FaultSetting, { faultsMax }: Profile) {
  if (kinds.length === 0) return fc.constant<Fault[]>([]);
  const one = fc.oneof(...kinds.map((kind) => faultOf(kind, setting).map(milder)));
  return fc.array(one, { maxLength: faultsMax, size: "max" });
}

/** Who waits by the calendar must not have to wait for an hour: that is for an episode. */
function milder(fault: Fault): Fault {
  if (fault.kind !== "clockJump") return fault;
  return { ...fault, byMs: Math.max(-3000, Math.min(3000, fault.byMs)) };
}

/** Nodes and masters that never come back, each as a whole. */
function stayDown({ nodes, masters }: Cast): Arbitrary<string[]> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.constant<string[]>(nodes.length > 1 ? [nodes[0]!] : []) },
    { weight: 1, arbitrary: fc.constant<string[]>(masters.length > 2 ? [masters[0]!] : []) },
  );
}

/** Points in the work of a cluster's parts at which a fault finds something in flight. */
const POINTS: readonly Point[] = [
  { effect: "send", detail: "apiCall" },
  { effect: "send", detail: "apiAnswer" },
  { effect: "send", detail: "apiWatch" },
  { effect: "send", detail: "apiWatchEvents" },
  { effect: "send", detail: "apiCall create pods" },
  { effect: "send", detail: "apiCall create pods/binding" },
  { effect: "send", detail: "apiCall create pods/eviction" },
  { effect: "send", detail: "apiCall delete pods" },
  { effect: "send", detail: "apiCall patch pods/status" },
  { effect: "send", detail: "apiCall update leases" },
  { effect: "send", detail: "call" },
  { effect: "send", detail: "answer" },
  { effect: "send", detail: "watchResponse" },
  { effect: "send", detail: "criCall" },
  { effect: "send", detail: "criAnswer" },
  { effect: "persist", detail: "entries" },
  { effect: "persist", detail: "container" },
];

function faultSetting({ chaosMs, cast }: ClusterSetting, isShort: boolean): FaultSetting {
  const { members, apiServers, managers, schedulers, kubelets, runtimes, nodes, masters } = cast;
  const onMasters = fc.constantFrom(...members, ...apiServers, ...managers, ...schedulers);
  return {
    chaosMs,
    // The unit of durations: some are shorter, some up to six times as long.
    electionTimeoutMs: isShort ? 2500 : 15_000,
    processes: [...hostsOf(cast)],
    target: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom("leader", "api", "managerLeader", "schedulerLeader", "busyKubelet") },
      { weight: 3, arbitrary: onMasters },
      { weight: 2, arbitrary: fc.constantFrom(...kubelets, ...runtimes) },
      { weight: 3, arbitrary: fc.constantFrom(...nodes, ...masters) },
    ),
    diskTarget: fc.constantFrom("leader", ...members),
    points: POINTS,
    clockRates: CLOCK_RATES_OF_LEASES,
  };
}
