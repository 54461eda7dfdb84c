import { qosClass } from "../../../models/machinery/pods.ts";
import type { NodeInfo } from "../../../models/scheduler/framework/node-info.ts";
import { nodesOf } from "../../../models/scheduler/framework/snapshot.ts";
import { codeOf, type Status } from "../../../models/scheduler/framework/status.ts";
import type { Placement } from "./place.ts";

/** A plugin's or a filter's answer. */
export interface StatusResult {
  readonly status: string;
  readonly reasons: readonly string[];
}

export interface ScoreResult {
  readonly raw: number;
  /** 0 to 100, before the weight. */
  readonly normalised: number;
  readonly weight: number;
}

/** What was found out about a node. */
export interface NodeResult extends StatusResult {
  /** Who refused it. */
  readonly plugin: string | null;
  /** Every filter's own answer; only where it was asked for. */
  readonly filters?: Readonly<Record<string, StatusResult>>;
  /** By plugin; null: the node was not scored. */
  readonly scores: Readonly<Record<string, ScoreResult>> | null;
  /** The sum of the normalised scores, each times its weight. */
  readonly total: number | null;
}

export interface PodResult {
  readonly namespace: string;
  readonly name: string;
  readonly priority: number;
  readonly qosClass: string;
  readonly schedulerName: string;
  readonly node: string | null;
  readonly message: string | null;
  /** Where room was made for it, and by whose end. */
  readonly nominatedNode: string | null;
  readonly victims: readonly string[];
  /** Answers of preFilters other than success; only where every filter was asked. */
  readonly preFilters?: Readonly<Record<string, StatusResult & { readonly nodeNames: readonly string[] | null }>>;
  /** Plugins that do not score this pod. */
  readonly notScoring: readonly string[];
  /** By name; those that were looked at. */
  readonly nodes: Readonly<Record<string, NodeResult>>;
}

/** What `seatrial schedule --json` writes. */
export interface ScheduleResult {
  readonly format: 1;
  readonly seatrial: string;
  readonly node: string;
  readonly pods: readonly PodResult[];
}

/** @param isWhole with what was found out about each node */
export function podResult(placement: Placement, isWhole: boolean): PodResult {
  const { pod, profile, result, node, message, preemption } = placement;
  const answers = result?.answers ?? null;
  const preFilters = answers?.filter(({ preFilter, nodeNames }) => preFilter !== null || nodeNames !== null);
  return {
    namespace: pod.namespace,
    name: pod.pod.metadata.name,
    priority: pod.priority,
    qosClass: qosClass(pod.pod),
    schedulerName: profile.schedulerName,
    node,
    message,
    nominatedNode: preemption?.info.name ?? null,
    victims: preemption?.victims.map(({ namespace, pod: victim }) => `${namespace}/${victim.metadata.name}`) ?? [],
    ...(preFilters !== undefined && {
      preFilters: Object.fromEntries(
        preFilters.map(({ plugin, preFilter, nodeNames }) => [plugin, { ...statusResult(preFilter), nodeNames }]),
      ),
    }),
    notScoring: result?.scored?.skipped ?? [],
    nodes: result === null || !isWhole ? {} : nodeResults(placement),
  };
}

function statusResult(status: Status | null): StatusResult {
  return { status: codeOf(status), reasons: status?.reasons ?? [] };
}

function nodeResults({ result }: Placement): Readonly<Record<string, NodeResult>> {
  const { preFiltered, filtered, snapshot } = result!;
  const results: Record<string, NodeResult> = {};
  const add = (info: NodeInfo, status: Status | null, plugin: string | null, scores: ScoresOf | null) => {
    const answers = filterAnswers(result!, info);
    const scored = scores?.(info) ?? null;
    results[info.name] = {
      ...statusResult(status),
      plugin,
      ...(answers !== null && { filters: answers }),
      scores: scored?.scores ?? null,
      total: scored?.total ?? null,
    };
  };
  const refused = preFiltered?.status ?? null;
  const rejections = new Map(filtered?.rejections.map((one) => [one.info.name, one]) ?? []);
  const scores = scoresOf(result!);
  const feasible = new Set(filtered?.feasible.map(({ name }) => name) ?? []);
  for (const info of nodesOf(snapshot)) {
    const rejection = rejections.get(info.name);
    if (refused !== null) add(info, refused, preFiltered!.plugin, null);
    else if (rejection !== undefined) add(info, rejection.status, rejection.plugin, null);
    else if (feasible.has(info.name)) add(info, null, null, scores);
    else if (filtered?.absent != null) add(info, filtered.absent, preFiltered!.narrowedBy.join(", "), null);
  }
  return results;
}

type ScoresOf = (info: NodeInfo) => { readonly scores: Readonly<Record<string, ScoreResult>>; readonly total: number };

function scoresOf({ filtered, scored }: NonNullable<Placement["result"]>): ScoresOf | null {
  if (scored === null || filtered === null) return null;
  const places = new Map(filtered.feasible.map(({ name }, i) => [name, i]));
  return ({ name }) => {
    const i = places.get(name)!;
    const scores = Object.fromEntries(
      scored.plugins.map(({ plugin, raw, normalised, weight }) => [
        plugin,
        { raw: raw[i]!, normalised: normalised[i]!, weight },
      ]),
    );
    return { scores, total: scored.totals[i]! };
  };
}

function filterAnswers(
  { answers }: NonNullable<Placement["result"]>,
  { slot }: NodeInfo,
): Readonly<Record<string, StatusResult>> | null {
  if (answers === null) return null;
  return Object.fromEntries(answers.map(({ plugin, statuses }) => [plugin, statusResult(statuses[slot]!)]));
}
