/** From a profile's plugins and arguments to the plugins at each point (runtime/framework.go, NewFramework, expandMultiPointPlugins). */
import type { Plugin } from "../framework/plugin.ts";
import type { Profile } from "../framework/profile.ts";
import { DEFAULT_ARGS, isAskedAt, type PluginArgs, pluginNamed } from "./registry.ts";

/** `weight` 0: not given. */
export interface PluginRef {
  readonly name: string;
  readonly weight: number;
}

export interface PluginSet {
  readonly enabled: readonly PluginRef[];
  readonly disabled: readonly string[];
}

/** By point, and `multiPoint` for all of them. */
export type PluginSets = Readonly<Record<string, PluginSet>>;

/** apis/config/v1/default_plugins.go, getDefaultPlugins. */
export const DEFAULT_PLUGINS: readonly PluginRef[] = Object.freeze(
  (
    [
      ["SchedulingGates", 0],
      ["PrioritySort", 0],
      ["NodeUnschedulable", 0],
      ["NodeName", 0],
      ["TaintToleration", 3],
      ["NodeAffinity", 2],
      ["NodePorts", 0],
      ["NodeResourcesFit", 1],
      ["VolumeRestrictions", 0],
      ["NodeVolumeLimits", 0],
      ["VolumeBinding", 0],
      ["VolumeZone", 0],
      ["PodTopologySpread", 2],
      ["InterPodAffinity", 2],
      ["DefaultPreemption", 0],
      ["NodeResourcesBalancedAllocation", 1],
      ["ImageLocality", 1],
      ["DefaultBinder", 0],
    ] as const
  ).map(([name, weight]) => Object.freeze({ name, weight })),
);

const NONE: PluginSet = Object.freeze({ enabled: Object.freeze([]), disabled: Object.freeze([]) });

export interface ProfileSpec {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number;
  readonly plugins: PluginSets;
  readonly args: PluginArgs;
}

export function profileOf({ schedulerName, percentageOfNodesToScore, plugins, args }: ProfileSpec): Profile {
  const multiPoint = merged(DEFAULT_PLUGINS, plugins["multiPoint"] ?? NONE);
  const instances = new Map<string, Plugin | null>();
  const instance = (name: string): Plugin | null => {
    if (!instances.has(name)) instances.set(name, pluginNamed(name, args));
    return instances.get(name)!;
  };
  const at = (point: string): readonly Plugin[] =>
    enabledAt(point, plugins[point] ?? NONE, multiPoint, args).flatMap((name) => instance(name) ?? []);
  const preScores = at("preScore");
  return {
    schedulerName,
    percentageOfNodesToScore,
    preEnqueue: at("preEnqueue"),
    preFilters: at("preFilter"),
    filters: at("filter"),
    scores: at("score").map((plugin) => ({
      plugin,
      weight: weightOf(plugin.name, plugins["score"] ?? NONE, multiPoint),
      prepares: preScores.includes(plugin),
    })),
    reserves: at("reserve"),
    preemption: enabledAt("postFilter", plugins["postFilter"] ?? NONE, multiPoint, args).includes("DefaultPreemption")
      ? args.DefaultPreemption
      : null,
  };
}

/** The profile of a scheduler without a configuration. */
export function defaultProfile(): Profile {
  return profileOf({
    schedulerName: "default-scheduler",
    percentageOfNodesToScore: 0,
    plugins: {},
    args: DEFAULT_ARGS,
  });
}

/** apis/config/v1/default_plugins.go, mergePluginSet: what is set anew stays where the default is. */
function merged(defaults: readonly PluginRef[], { enabled, disabled }: PluginSet): readonly PluginRef[] {
  const kept = disabled.includes("*") ? [] : defaults.filter(({ name }) => !disabled.includes(name));
  const replaced = kept.map((ref) => enabled.find(({ name }) => name === ref.name) ?? ref);
  const names = new Set(replaced.map(({ name }) => name));
  return [...replaced, ...enabled.filter(({ name }) => !names.has(name))];
}

/**
 * runtime/framework.go, expandMultiPointPlugins: first those that are named both at the point and for all points, then
 * those for all points, then those at the point alone.
 */
function enabledAt(
  point: string,
  { enabled, disabled }: PluginSet,
  multiPoint: readonly PluginRef[],
  args: PluginArgs,
): readonly string[] {
  const own = enabled.map(({ name }) => name).filter((name) => isAskedAt(name, point, args));
  if (disabled.includes("*")) return own;
  const general = multiPoint
    .map(({ name }) => name)
    .filter((name) => isAskedAt(name, point, args) && (own.includes(name) || !disabled.includes(name)));
  return [
    ...own.filter((name) => general.includes(name)),
    ...general.filter((name) => !own.includes(name)),
    ...own.filter((name) => !general.includes(name)),
  ];
}

/** runtime/framework.go, getScoreWeights: 1 where none is given. */
function weightOf(plugin: string, score: PluginSet, multiPoint: readonly PluginRef[]): number {
  const ref = score.enabled.find(({ name }) => name === plugin) ?? multiPoint.find(({ name }) => name === plugin);
  return ref === undefined || ref.weight === 0 ? 1 : ref.weight;
}
