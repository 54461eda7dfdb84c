/** Small objects for tests of plugins. */
import type { KubeObject, Node, Pod, PodSpec } from "../../machinery/kinds/index.ts";
import { type CycleOptions, type CycleResult, schedulePod, USUAL } from "../framework/cycle.ts";
import { listersOf } from "../framework/listers.ts";
import { podInfoOf } from "../framework/pod-info.ts";
import { snapshotOf } from "../framework/snapshot.ts";
import { profileOf } from "./profiles.ts";
import { DEFAULT_ARGS, type PluginArgs } from "./registry.ts";

export function aNode(
  name: string,
  allocatable: Record<string, string> = {},
  labels: Record<string, string> = {},
): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
    status: { allocatable: { cpu: "4", memory: "8Gi", pods: "10", ...allocatable } },
  };
}

export function aPod(name: string, spec: Partial<PodSpec> = {}, requests: Record<string, string> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", uid: `uid-${name}`, labels: { app: name.split("-")[0]! } },
    spec: { containers: [{ name: "c", resources: { requests } }], ...spec },
  };
}

export interface Case {
  readonly nodes: readonly Node[];
  readonly existing?: readonly Pod[];
  readonly pod: Pod;
  readonly objects?: readonly KubeObject[];
  readonly args?: Partial<PluginArgs>;
  readonly options?: Partial<CycleOptions>;
}

/** What the default plugins decide, every filter asked of every node. */
export function decided({ nodes, existing = [], pod, objects = [], args = {}, options = {} }: Case): CycleResult {
  const spec = { schedulerName: "s", percentageOfNodesToScore: 0, plugins: {}, args: { ...DEFAULT_ARGS, ...args } };
  const snapshot = snapshotOf(nodes, existing);
  return schedulePod(profileOf(spec), listersOf(objects), snapshot, podInfoOf(pod), {
    ...USUAL,
    allPlugins: true,
    ...options,
  });
}

/** The raw and the normalised scores of a plugin, by node; null: it does not score. */
export function scoresOf(
  result: CycleResult,
  plugin: string,
): Readonly<Record<string, readonly [number, number]>> | null {
  const scores = result.scored?.plugins.find((one) => one.plugin === plugin);
  if (scores === undefined) return null;
  const { raw, normalised } = scores;
  return Object.fromEntries(result.filtered!.feasible.map(({ name }, i) => [name, [raw[i]!, normalised[i]!] as const]));
}

/** The reasons of a plugin, by node. */
export function reasonsOf(result: CycleResult, plugin: string): readonly (readonly string[])[] {
  return result.answers!.find((one) => one.plugin === plugin)!.statuses.map((status) => status?.reasons ?? []);
}
