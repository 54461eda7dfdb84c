/** plugins/podtopologyspread. */
import { matchesLabels } from "../../machinery/selectors.ts";
import { matchesRequiredNodeAffinity, requiredNodeAffinityOf } from "../framework/node-affinity.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import { type Cycle, found, type Plugin, refusal } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { tallied } from "../framework/snapshot.ts";
import { failed, SKIP, type Status, unresolvable, unschedulable } from "../framework/status.ts";
import { hasUntoleratedTaint } from "../framework/taints.ts";
import { countAt, leastOf, type Tally, type TallyRequest } from "../framework/tallies.ts";
import {
  type Constraint,
  constraintsOf,
  domainTally,
  HOSTNAME,
  hasAllKeys,
  nodeTally,
  type PodTopologySpreadArgs,
} from "./spread-constraints.ts";
import {
  normalisedSpread,
  preScoreSpread,
  requiresAllTopologies,
  type SpreadScore,
  spreadScore,
} from "./spread-score.ts";

/** A constraint, and where its pods are. */
export interface SpreadCount {
  readonly constraint: Constraint;
  /** 1: the pod itself will count. */
  readonly self: 0 | 1;
  readonly tally: Tally;
  /** By domain: what preemption adds or takes away; null: nothing. */
  readonly changes: ReadonlyMap<number, number> | null;
  readonly least: number;
}

export type SpreadState = readonly SpreadCount[];

const NOT_SPREAD = unschedulable("node(s) didn't match pod topology spread constraints");
const NO_LABEL = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");

export function podTopologySpread(args: PodTopologySpreadArgs): Plugin<SpreadState, SpreadScore> {
  const hard = ({ pod, listers }: Cycle) => constraintsOf(pod.pod, "DoNotSchedule", args, listers);
  const soft = ({ pod, listers }: Cycle) => constraintsOf(pod.pod, "ScheduleAnyway", args, listers);
  return {
    name: "PodTopologySpread",
    tallies: (cycle) => [
      ...hardTallies(hard(cycle), cycle.pod),
      ...softTallies(soft(cycle), cycle, requiresAllTopologies(cycle, args)),
    ],
    preFilter: (cycle) => {
      const constraints = hard(cycle);
      if (typeof constraints === "string") return refusal(failed(constraints));
      return constraints.length === 0 ? refusal(SKIP) : found(countsOf(constraints, cycle));
    },
    withPod: (state, cycle, pod, info, change) => changedBy(state, cycle, pod, info, change),
    filter: (state, cycle, info) => against(state ?? stateOf(hard(cycle), cycle), info),
    preScore: (cycle, nodes) => preScoreSpread(soft(cycle), cycle, nodes, requiresAllTopologies(cycle, args)),
    score: (state, _, info) => spreadScore(state!, info),
    normalise: (state, scores, nodes) => normalisedSpread(state!, scores, nodes),
  };
}

function hardTallies(constraints: readonly Constraint[] | string, { pod }: PodInfo): readonly TallyRequest[] {
  if (typeof constraints === "string") return [];
  const keys = constraints.map(({ topologyKey }) => topologyKey);
  return constraints.map((constraint) => domainTally(constraint, pod, keys));
}

function softTallies(
  constraints: readonly Constraint[] | string,
  { pod: { pod } }: Cycle,
  requiresAll: boolean,
): readonly TallyRequest[] {
  if (typeof constraints === "string") return [];
  const keys = requiresAll ? constraints.map(({ topologyKey }) => topologyKey) : [];
  return constraints.map((constraint) =>
    constraint.topologyKey === HOSTNAME ? nodeTally(constraint, pod) : domainTally(constraint, pod, keys),
  );
}

function stateOf(constraints: readonly Constraint[] | string, cycle: Cycle): SpreadState {
  return typeof constraints === "string" ? [] : countsOf(constraints, cycle);
}

/** filtering.go, calPreFilterState. */
function countsOf(constraints: readonly Constraint[], { pod, snapshot }: Cycle): SpreadState {
  const keys = constraints.map(({ topologyKey }) => topologyKey);
  return constraints.map((constraint) => {
    const tally = tallied(snapshot, domainTally(constraint, pod.pod, keys));
    const self = matchesLabels(constraint.selector, pod.pod.metadata.labels) ? 1 : 0;
    return { constraint, self, tally, changes: null, least: leastMatch(constraint, tally, leastOf(tally)) };
  });
}

/** filtering.go, minMatchNum: with fewer domains than demanded, the least is 0. */
function leastMatch({ minDomains }: Constraint, { domains }: Tally, least: number | null): number {
  return least === null || domains < minDomains ? 0 : least;
}

/** filtering.go, Filter: match + self - least within maxSkew, for each constraint. */
function against(state: SpreadState, { slot }: NodeInfo): Status | null {
  for (const { constraint, self, tally, changes, least } of state) {
    const domain = tally.topology.domainOf[slot]!;
    if (domain < 0) return NO_LABEL;
    const count = countAt(tally, slot) + (changes === null ? 0 : (changes.get(domain) ?? 0));
    if (count + self - least > constraint.maxSkew) return NOT_SPREAD;
  }
  return null;
}

/** filtering.go, updateWithPod. */
function changedBy(state: SpreadState, { pod }: Cycle, other: PodInfo, info: NodeInfo, change: 1 | -1): SpreadState {
  const { node, slot } = info;
  const constraints = state.map(({ constraint }) => constraint);
  if (other.namespace !== pod.namespace || !hasAllKeys(node, constraints)) return state;
  return state.map((count) => {
    const { constraint, tally } = count;
    if (!isIncluded(constraint, pod, info) || !matchesLabels(constraint.selector, other.pod.metadata.labels))
      return count;
    const domain = tally.topology.domainOf[slot]!;
    const changes = new Map(count.changes ?? []);
    changes.set(domain, (changes.get(domain) ?? 0) + change);
    return { ...count, changes, least: leastMatch(constraint, tally, leastWith(tally, changes)) };
  });
}

/** common.go, matchNodeInclusionPolicies. */
function isIncluded({ honoursAffinity, honoursTaints }: Constraint, { pod }: PodInfo, { node }: NodeInfo): boolean {
  if (honoursAffinity && !matchesRequiredNodeAffinity(requiredNodeAffinityOf(pod), node)) return false;
  return !honoursTaints || !hasUntoleratedTaint(node.spec?.taints, pod.spec.tolerations);
}

function leastWith(tally: Tally, changes: ReadonlyMap<number, number>): number | null {
  const { exists, counts } = tally;
  let least: number | null = null;
  for (let domain = 0; domain < exists.length; domain++) {
    if (!exists[domain]) continue;
    const count = counts.chunks[domain >> 6]![domain & 63]! + (changes.get(domain) ?? 0);
    if (least === null || count < least) least = count;
  }
  return least;
}
