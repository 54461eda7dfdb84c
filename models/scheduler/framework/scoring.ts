/** Which of the nodes that can take a pod is best (kubernetes pkg/scheduler/schedule_one.go, prioritizeNodes). */
import type { NodeInfo } from "./node-info.ts";
import type { Cycle } from "./plugin.ts";
import type { Profile } from "./profile.ts";
import type { Status } from "./status.ts";

/** The scores of one plugin, in the order of the nodes. */
export interface PluginScores {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: readonly number[];
  /** 0 to 100. */
  readonly normalised: readonly number[];
}

export interface Scored {
  /** Of the plugins that have a say. */
  readonly plugins: readonly PluginScores[];
  /** Those whose preScore answered Skip. */
  readonly skipped: readonly string[];
  /** In the order of the nodes. */
  readonly totals: readonly number[];
  /** A preScore went wrong: the pod is not scheduled. */
  readonly error: Status | null;
}

/** runtime/framework.go, RunPreScorePlugins and RunScorePlugins: normalised scores, each times its plugin's weight. */
export function scored(profile: Profile, cycle: Cycle, nodes: readonly NodeInfo[]): Scored {
  const plugins: PluginScores[] = [];
  const skipped: string[] = [];
  const totals = new Array<number>(nodes.length).fill(profile.scores.length === 0 ? 1 : 0);
  for (const { plugin, weight, prepares } of profile.scores) {
    let state: unknown = null;
    if (plugin.preScore !== undefined) {
      const answer = plugin.preScore(cycle, nodes);
      if (answer.status?.code === "Skip") {
        if (prepares) skipped.push(plugin.name);
        continue;
      }
      if (answer.status !== null) return { plugins, skipped, totals, error: answer.status };
      state = answer.state;
    }
    const raw = new Array<number>(nodes.length);
    for (let i = 0; i < nodes.length; i++) raw[i] = plugin.score!(state, cycle, nodes[i]!);
    const normalised = plugin.normalise === undefined ? raw : plugin.normalise(state, raw, nodes);
    for (let i = 0; i < nodes.length; i++) totals[i]! += normalised[i]! * weight;
    plugins.push({ plugin: plugin.name, weight, raw, normalised });
  }
  return { plugins, skipped, totals, error: null };
}

/**
 * schedule_one.go, selectHost: among the best; the real one draws lots, here `tieBreak` (0 or above) picks, in the order of
 * the nodes.
 */
export function bestOf(nodes: readonly NodeInfo[], totals: readonly number[], tieBreak: number): NodeInfo {
  let most = totals[0]!;
  let ties = 0;
  for (const total of totals)
    if (total > most) {
      most = total;
      ties = 1;
    } else if (total === most) ties++;
  let left = tieBreak % ties;
  for (let i = 0; i < totals.length; i++) if (totals[i] === most && left-- === 0) return nodes[i]!;
  return nodes[0]!;
}
