/**
 * Which pods would have to go for another (kubernetes pkg/scheduler/framework/preemption/preemption.go and plugins/
 * defaultpreemption/default_preemption.go).
 */
import type { PodDisruptionBudget } from "../../machinery/kinds/index.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import { type ActiveFilter, type Nominations, type Rejection, rejectionOf, withPodCounted } from "./filtering.ts";
import { fitError } from "./fit-error.ts";
import { type NodeInfo, withPodAdded, withPodRemoved } from "./node-info.ts";
import type { Cycle } from "./plugin.ts";
import { isTerminating, type PodInfo, startTimeOf } from "./pod-info.ts";
import type { PreemptionArgs } from "./profile.ts";
import { isEmptySelector } from "./selectors.ts";
import { nodeNamed, nodesOf } from "./snapshot.ts";
import { type Status, unresolvable } from "./status.ts";

/** A node that can take the pod when its victims are gone. */
export interface Candidate {
  readonly info: NodeInfo;
  /** Most important first. */
  readonly victims: readonly PodInfo[];
  /** How many of them a disruption budget would keep. */
  readonly violations: number;
}

export type Preemption =
  | { readonly kind: "nomination"; readonly candidate: Candidate; readonly candidates: readonly Candidate[] }
  /** With what the pod's condition says, and whether others were looked for at all. */
  | { readonly kind: "none"; readonly message: string; readonly isEligible: boolean };

/** What an unsuccessful cycle has found out. */
export interface Failure {
  readonly filters: readonly ActiveFilter[];
  readonly rejections: readonly Rejection[];
  /** The status of the nodes that were not looked at; null: all were. */
  readonly absent: Status | null;
}

const NO_VICTIMS = unresolvable("No preemption victims found for incoming pod");
const NOT_HELPFUL = unresolvable("Preemption is not helpful for scheduling");

/** preemption.go, Preempt. `offset`: where the search for candidates begins; the real one draws it. */
export function preempt(
  cycle: Cycle,
  args: PreemptionArgs,
  failure: Failure,
  nominations: Nominations,
  offset = 0,
): Preemption {
  const ineligible = ineligibility(cycle, failure);
  if (ineligible !== null) return { kind: "none", message: `preemption: ${ineligible}`, isEligible: false };
  const nodes = helpfulNodes(cycle, failure);
  const { candidates, statuses } = dryRun(cycle, args, failure.filters, nodes, nominations, offset);
  const best = bestCandidate(candidates);
  if (best !== null) return { kind: "nomination", candidate: best, candidates };
  const message = fitError({
    nodes: cycle.snapshot.nodes.length,
    statuses,
    absent: NOT_HELPFUL,
    preFilter: null,
    postFilter: null,
  });
  return { kind: "none", message: `preemption: ${message}`, isEligible: true };
}

/** default_preemption.go, PodEligibleToPreemptOthers: why it may not; null where it may. */
function ineligibility({ pod, snapshot }: Cycle, { rejections, absent }: Failure): string | null {
  if (pod.pod.spec.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  const nominated = pod.pod.status?.nominatedNodeName ?? "";
  if (nominated === "") return null;
  // What keeps the pod from its node now will not go with other pods: it may look for another.
  const status = rejections.find(({ info }) => info.name === nominated)?.status ?? absent;
  if (status?.code === "UnschedulableAndUnresolvable") return null;
  const leaving = nodeNamed(snapshot, nominated)?.pods.some(
    (other) => other.priority < pod.priority && isTerminating(other.pod) && isPreempted(other),
  );
  return leaving === true ? "not eligible due to a terminating pod on the nominated node." : null;
}

/** default_preemption.go, podTerminatingByPreemption. */
function isPreempted({ pod }: PodInfo): boolean {
  return (pod.status?.conditions ?? []).some(
    ({ type, status, reason }) =>
      type === "DisruptionTarget" && status === "True" && reason === "PreemptionByScheduler",
  );
}

/** preemption.go, findCandidates: the nodes for which the end of other pods may help, NodesForStatusCode(Unschedulable). */
function helpfulNodes({ snapshot }: Cycle, { rejections, absent }: Failure): readonly NodeInfo[] {
  const rejected = new Map(rejections.map(({ info, status }) => [info.name, status]));
  return nodesOf(snapshot).filter(({ name }) => (rejected.get(name) ?? absent)?.code === "Unschedulable");
}

/** default_preemption.go, calculateNumCandidates. */
export function candidatesWanted(nodes: number, args: PreemptionArgs): number {
  const { minCandidateNodesPercentage, minCandidateNodesAbsolute } = args;
  const share = Math.trunc((nodes * minCandidateNodesPercentage) / 100);
  return Math.min(nodes, Math.max(share, minCandidateNodesAbsolute));
}

/** preemption.go, DryRunPreemption: until there are enough candidates, of which one keeps all budgets. */
function dryRun(
  cycle: Cycle,
  args: PreemptionArgs,
  filters: readonly ActiveFilter[],
  nodes: readonly NodeInfo[],
  nominations: Nominations,
  offset: number,
): { readonly candidates: readonly Candidate[]; readonly statuses: readonly Status[] } {
  const budgets = cycle.listers.budgets.list();
  const wanted = candidatesWanted(nodes.length, args);
  const kept: Candidate[] = [];
  const violating: Candidate[] = [];
  const statuses: Status[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const result = victimsOn(cycle, filters, nodes[(offset + i) % nodes.length]!, budgets, nominations);
    if ("code" in result) statuses.push(result);
    else (result.violations === 0 ? kept : violating).push(result);
    if (kept.length > 0 && kept.length + violating.length >= wanted) break;
  }
  return { candidates: [...kept, ...violating], statuses };
}

/**
 * default_preemption.go, SelectVictimsOnNode: without any pod of lower priority, it must fit. Then as many as can be are
 * let back: first those whose budget would be violated, and the most important first.
 */
export function victimsOn(
  cycle: Cycle,
  filters: readonly ActiveFilter[],
  info: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
  nominations: Nominations,
): Candidate | Status {
  const lower = info.pods.filter(({ priority }) => priority < cycle.pod.priority);
  if (lower.length === 0) return NO_VICTIMS;
  let there = info;
  let counted = filters;
  const move = (pod: PodInfo, change: 1 | -1) => {
    there = change === 1 ? withPodAdded(there, pod) : withPodRemoved(there, pod.id);
    counted = withPodCounted(cycle, counted, pod, there, change);
  };
  for (const pod of lower) move(pod, -1);
  const rejection = rejectionOf(cycle, counted, there, nominations);
  if (rejection !== null) return rejection.status;
  const { violating, others } = byBudgets(lower.toSorted(moreImportant), budgets);
  const victims: PodInfo[] = [];
  const isReprieved = (pod: PodInfo): boolean => {
    move(pod, 1);
    if (rejectionOf(cycle, counted, there, nominations) === null) return true;
    move(pod, -1);
    victims.push(pod);
    return false;
  };
  const violations = violating.filter((pod) => !isReprieved(pod)).length;
  for (const pod of others) isReprieved(pod);
  return { info, victims: victims.toSorted(moreImportant), violations };
}

/** pkg/scheduler/util, MoreImportantPod: higher priority, then the one that has run for longer. */
export function moreImportant(one: PodInfo, two: PodInfo): number {
  return two.priority - one.priority || startTimeOf(one.pod) - startTimeOf(two.pod);
}

/** default_preemption.go, filterPodsWithPDBViolation: in their order, each takes from the budgets that select it. */
export function byBudgets(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]) {
  const allowed = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  const selectors = budgets.map(({ spec }) => selectorOf(spec.selector));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    const { name, labels } = pod.pod.metadata;
    let isViolated = false;
    for (const [i, { metadata, status }] of budgets.entries()) {
      if (labels === undefined || Object.keys(labels).length === 0) break;
      const selector = selectors[i]!;
      if (metadata.namespace !== pod.namespace || isEmptySelector(selector) || !matchesLabels(selector, labels))
        continue;
      // It has been evicted already: its end is accounted for.
      if (status?.disruptedPods !== undefined && Object.hasOwn(status.disruptedPods, name)) continue;
      allowed[i]!--;
      if (allowed[i]! < 0) isViolated = true;
    }
    (isViolated ? violating : others).push(pod);
  }
  return { violating, others };
}

/** What each victim counts for in the sum: no priority is negative then (preemption.go, pickOneNodeForPreemption). */
const PRIORITY_OFFSET = 2 ** 31;

/** pickOneNodeForPreemption: what makes a candidate better, from the first rule to the last; less is better. */
const RULES: readonly ((candidate: Candidate) => number)[] = [
  ({ violations }) => violations,
  ({ victims }) => victims[0]?.priority ?? 0,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + PRIORITY_OFFSET, 0),
  ({ victims }) => victims.length,
  ({ victims }) => -earliestStart(victims),
];

/** preemption.go, SelectCandidate: the best by the rules, and of those that are equal the first. */
export function bestCandidate(candidates: readonly Candidate[]): Candidate | null {
  let left = candidates;
  for (const rule of RULES) {
    if (left.length <= 1) break;
    const least = Math.min(...left.map(rule));
    left = left.filter((candidate) => rule(candidate) === least);
  }
  return left[0] ?? null;
}

/** pkg/scheduler/util, GetEarliestPodStartTime: of the victims with the highest priority. */
function earliestStart(victims: readonly PodInfo[]): number {
  const highest = Math.max(...victims.map(({ priority }) => priority));
  return Math.min(...victims.filter(({ priority }) => priority === highest).map(({ pod }) => startTimeOf(pod)));
}
