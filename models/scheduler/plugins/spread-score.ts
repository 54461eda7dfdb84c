/** The score of PodTopologySpread (plugins/podtopologyspread/scoring.go). */
import { multipliedAndDivided, naturalLogarithm, rounded } from "../framework/arithmetic.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import { type Cycle, type PreScoreAnswer, SCORE_MAX } from "../framework/plugin.ts";
import { tallied } from "../framework/snapshot.ts";
import { failed, SKIP } from "../framework/status.ts";
import { countAt, type Tally } from "../framework/tallies.ts";
import {
  type Constraint,
  domainTally,
  HOSTNAME,
  hasAllKeys,
  nodeTally,
  type PodTopologySpreadArgs,
} from "./spread-constraints.ts";

interface WeighedCount {
  readonly maxSkew: number;
  readonly tally: Tally;
  /** By slot, the label's domain; of a node of its own, where the key is the host's name, only as far as it has one. */
  readonly isLabelled: (info: NodeInfo) => boolean;
  readonly weight: number;
}

export interface SpreadScore {
  readonly counts: readonly WeighedCount[];
  /** Nodes that lack a key: they score 0. */
  readonly ignored: ReadonlySet<number>;
}

/** scoring.go, PreScore: with the system's defaults, nodes need not have all keys. */
export function requiresAllTopologies({ pod }: Cycle, { defaultingType }: PodTopologySpreadArgs): boolean {
  return (pod.pod.spec.topologySpreadConstraints ?? []).length > 0 || defaultingType !== "System";
}

/** scoring.go, initPreScoreState and PreScore. */
export function preScoreSpread(
  constraints: readonly Constraint[] | string,
  { pod: { pod }, snapshot }: Cycle,
  nodes: readonly NodeInfo[],
  requiresAll: boolean,
): PreScoreAnswer<SpreadScore> {
  if (typeof constraints === "string") return { status: failed(constraints), state: null };
  if (constraints.length === 0 || snapshot.nodes.length === 0) return { status: SKIP, state: null };
  const ignored = new Set<number>();
  if (requiresAll) for (const { slot, node } of nodes) if (!hasAllKeys(node, constraints)) ignored.add(slot);
  const keys = requiresAll ? constraints.map(({ topologyKey }) => topologyKey) : [];
  const counts = constraints.map((constraint): WeighedCount => {
    const { maxSkew, topologyKey } = constraint;
    if (topologyKey === HOSTNAME) {
      const tally = tallied(snapshot, nodeTally(constraint, pod));
      const isLabelled = ({ node }: NodeInfo) => node.metadata.labels?.[HOSTNAME] !== undefined;
      return { maxSkew, tally, isLabelled, weight: normalisingWeight(nodes.length - ignored.size) };
    }
    const tally = tallied(snapshot, domainTally(constraint, pod, keys));
    const { domainOf } = tally.topology;
    const domains = new Set<number>();
    for (const { slot } of nodes) if (!ignored.has(slot)) domains.add(domainOf[slot]!);
    const isLabelled = ({ slot }: NodeInfo) => domainOf[slot]! >= 0;
    return { maxSkew, tally, isLabelled, weight: normalisingWeight(domains.size) };
  });
  return { status: null, state: { counts, ignored } };
}

/** scoring.go, topologyNormalizingWeight: so that the counts of few domains are not watered down by those of many. */
function normalisingWeight(domains: number): number {
  return naturalLogarithm(domains + 2);
}

/** scoring.go, Score: count * weight + maxSkew - 1, for each constraint. */
export function spreadScore({ counts, ignored }: SpreadScore, info: NodeInfo): number {
  if (ignored.size > 0 && ignored.has(info.slot)) return 0;
  let score = 0;
  for (const { maxSkew, tally, isLabelled, weight } of counts)
    if (isLabelled(info)) score += countAt(tally, info.slot) * weight + (maxSkew - 1);
  return rounded(score);
}

/** scoring.go, NormalizeScore: the fewer pods there are, the higher it is. */
export function normalisedSpread(
  { ignored }: SpreadScore,
  scores: readonly number[],
  nodes: readonly NodeInfo[],
): readonly number[] {
  let least = Number.MAX_SAFE_INTEGER;
  let most = 0;
  const isIgnored = ({ slot }: NodeInfo) => ignored.size > 0 && ignored.has(slot);
  for (let i = 0; i < scores.length; i++) {
    if (isIgnored(nodes[i]!)) continue;
    least = Math.min(least, scores[i]!);
    most = Math.max(most, scores[i]!);
  }
  return scores.map((score, i) => {
    if (isIgnored(nodes[i]!)) return 0;
    return most === 0 ? SCORE_MAX : multipliedAndDivided(SCORE_MAX, most + least - score, most);
  });
}
