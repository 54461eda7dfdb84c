/** One decision: a node for a pod, or why there is none (kubernetes pkg/scheduler/schedule_one.go, schedulePod). */

import {
  type Filtered,
  filtered,
  NO_NOMINATIONS,
  type Nominations,
  type OwnAnswer,
  ownAnswers,
  type PreFiltered,
  preFiltered,
  rejectionOf,
} from "./filtering.ts";
import { type Diagnosis, fitError } from "./fit-error.ts";
import type { Listers } from "./listers.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Cycle } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";
import { type Candidate, preempt } from "./preemption.ts";
import type { Profile } from "./profile.ts";
import { bestOf, type Scored, scored } from "./scoring.ts";
import { indexed, nodeNamed, type Snapshot } from "./snapshot.ts";
import { codeOf, type Status } from "./status.ts";

export interface CycleOptions {
  /** Where the search for nodes begins. */
  readonly start: number;
  /** Picks among the best nodes, and where the search for victims begins. */
  readonly tieBreak: number;
  readonly nominations: Nominations;
  /** All nodes are looked at and scored, and every filter is asked of every node. */
  readonly allPlugins: boolean;
}

export const USUAL: CycleOptions = Object.freeze({
  start: 0,
  tieBreak: 0,
  nominations: NO_NOMINATIONS,
  allPlugins: false,
});

export interface CycleResult {
  /** With the indexes that this cycle has asked for: the next one is quicker with it. */
  readonly snapshot: Snapshot;
  readonly node: NodeInfo | null;
  /** Why there is no node; null where there is one. */
  readonly message: string | null;
  readonly preFiltered: PreFiltered | null;
  readonly filtered: Filtered | null;
  /** Null: there was nothing to choose from. */
  readonly scored: Scored | null;
  /** What preemption has found; null: nothing, or it was not tried. */
  readonly preemption: Candidate | null;
  /** It was tried, and nothing was found: wherever the pod is nominated, it is no longer to be. */
  readonly isNominationVoid: boolean;
  /** Only with `allPlugins`. */
  readonly answers: readonly OwnAnswer[] | null;
  readonly nextStart: number;
}

/** Looks for a node. Pure: what it has learnt is in the result. */
export function schedulePod(
  profile: Profile,
  listers: Listers,
  given: Snapshot,
  pod: PodInfo,
  options: CycleOptions = USUAL,
): CycleResult {
  const cycle = cycleOf(profile, listers, given, pod);
  const { snapshot } = cycle;
  const none: CycleResult = {
    snapshot,
    node: null,
    message: "no nodes available to schedule pods",
    preFiltered: null,
    filtered: null,
    scored: null,
    preemption: null,
    isNominationVoid: false,
    answers: null,
    nextStart: options.start,
  };
  if (snapshot.nodes.length === 0) return none;
  const answers = options.allPlugins ? ownAnswers(profile, cycle) : null;
  const prepared = preFiltered(profile, cycle);
  if (prepared.status !== null) {
    const { status } = prepared;
    const failure = { ...none, answers, preFiltered: prepared };
    if (codeOf(status) === "Error") return { ...failure, message: errorMessage(prepared) };
    return withPreemption(profile, cycle, options, failure, {
      filters: prepared.filters,
      rejections: [],
      absent: status,
    });
  }
  const { start, nominations, allPlugins } = options;
  const nominee = allPlugins ? null : nominatedNode(cycle, prepared, nominations);
  if (nominee !== null) {
    const alone = { feasible: [nominee], rejections: [], absent: null, nextStart: start };
    return { ...none, preFiltered: prepared, filtered: alone, node: nominee, message: null };
  }
  const result = filtered(profile, cycle, prepared, nominations, start % snapshot.nodes.length, allPlugins);
  const found = { ...none, answers, preFiltered: prepared, filtered: result, nextStart: result.nextStart };
  const [only] = result.feasible;
  const error = result.rejections.find(({ status }) => status.code === "Error");
  if (error !== undefined)
    return { ...found, message: `running "${error.plugin}" filter plugin: ${error.status.reasons.join(", ")}` };
  if (only === undefined) {
    const { rejections, absent } = result;
    return withPreemption(profile, cycle, options, found, { filters: prepared.filters, rejections, absent });
  }
  // One is enough: there is nothing to compare it with.
  if (result.feasible.length === 1 && !allPlugins) return { ...found, node: only, message: null };
  const scores = scored(profile, cycle, result.feasible);
  if (scores.error !== null) return { ...found, scored: scores, message: scores.error.reasons.join(", ") };
  const node = bestOf(result.feasible, scores.totals, options.tieBreak);
  return { ...found, node, message: null, scored: scores };
}

/**
 * schedule_one.go, evaluateNominatedNode: the node where others have made room for the pod comes first, and no other is
 * looked at where it will do.
 */
function nominatedNode(cycle: Cycle, { filters }: PreFiltered, nominations: Nominations): NodeInfo | null {
  const info = nodeNamed(cycle.snapshot, cycle.pod.pod.status?.nominatedNodeName ?? "");
  return info !== null && rejectionOf(cycle, filters, info, nominations) === null ? info : null;
}

/** The cycle, with the counts that its plugins will read. */
export function cycleOf(profile: Profile, listers: Listers, snapshot: Snapshot, pod: PodInfo): Cycle {
  const asked: Cycle = { pod, snapshot, listers };
  const requests = profile.filters.flatMap((plugin) => plugin.tallies?.(asked) ?? []);
  const scoring = profile.scores.filter(({ plugin }) => !profile.filters.includes(plugin));
  for (const { plugin } of scoring) requests.push(...(plugin.tallies?.(asked) ?? []));
  return { pod, listers, snapshot: indexed(snapshot, requests) };
}

function errorMessage({ plugin, status }: PreFiltered): string {
  return `running PreFilter plugin "${plugin}": ${status!.reasons.join(", ")}`;
}

/** schedule_one.go, schedulingCycle: where no node is found, others may have to go. */
function withPreemption(
  profile: Profile,
  cycle: Cycle,
  { nominations, tieBreak }: CycleOptions,
  failure: CycleResult,
  { filters, rejections, absent }: Parameters<typeof preempt>[2],
): CycleResult {
  const { preFiltered: prepared, snapshot } = failure;
  const diagnosis: Diagnosis = {
    nodes: snapshot.nodes.length,
    statuses: rejections.map(({ status }) => status),
    absent,
    preFilter: prepared?.status?.reasons.join(", ") ?? null,
    postFilter: null,
  };
  if (profile.preemption === null) return { ...failure, message: fitError(diagnosis) };
  const result = preempt(cycle, profile.preemption, { filters, rejections, absent }, nominations, tieBreak);
  switch (result.kind) {
    case "nomination":
      return { ...failure, message: fitError(diagnosis), preemption: result.candidate };
    case "none":
      return {
        ...failure,
        message: fitError({ ...diagnosis, postFilter: result.message }),
        isNominationVoid: result.isEligible,
      };
  }
}

/** Why a pod does not even come into the queue: null where it does (PreEnqueue). */
export function gateOf(profile: Profile, pod: PodInfo): { readonly status: Status; readonly plugin: string } | null {
  for (const plugin of profile.preEnqueue) {
    const status = plugin.preEnqueue!(pod);
    if (status !== null) return { status, plugin: plugin.name };
  }
  return null;
}
