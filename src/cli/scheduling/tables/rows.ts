/**
 * Rows of tables in Kubernetes' own tests (Apache-2.0, kubernetes/kubernetes), in a short notation, run as `seatrial
 * schedule` runs manifests. What a row says is theirs; the notation is ours.
 */
import { expect } from "vitest";
import { readConfiguration } from "../../../../models/scheduler/plugins/config.ts";
import { defaultProfile } from "../../../../models/scheduler/plugins/index.ts";
import { describeFlaws, readStoredObjects } from "../../../manifests/index.ts";
import { placePods } from "../place.ts";
import { type PodResult, podResult } from "../result.ts";

export type Fields = Readonly<Record<string, unknown>>;
type Texts = Readonly<Record<string, string>>;

const HOSTNAME = "kubernetes.io/hostname";

/** `foo zone=z1 @node-a`: a label without a value, one with, and that of the host's name. */
export function labels(text: string): Texts {
  const entries = words(text).map((word) => {
    if (word.startsWith("@")) return [HOSTNAME, word.slice(1)] as const;
    const [key = "", value = ""] = word.split("=");
    return [key, value] as const;
  });
  return Object.fromEntries(entries);
}

/** `foo !bar zone=a|b tier!=x`: Exists, DoesNotExist, In, NotIn. */
export function selector(text: string): Fields {
  return { matchExpressions: expressions(text) };
}

/** The same, and `size>3`, `size<5`. */
export function expressions(text: string): readonly Fields[] {
  return words(text).map((word) => {
    const match = /^(!?)([^=!<>]+)(!=|=|<|>)?(.*)$/.exec(word)!;
    const [, not, key, operator, values] = match;
    if (operator === undefined) return { key, operator: not === "" ? "Exists" : "DoesNotExist" };
    const names: Texts = { "=": "In", "!=": "NotIn", "<": "Lt", ">": "Gt" };
    return { key, operator: names[operator], values: values === "" ? [] : values!.split("|") };
  });
}

function words(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}

/** `key=value:NoSchedule`. */
export function taints(text: string): readonly Fields[] {
  return words(text).map((word) => {
    const [rest = "", effect] = word.split(":");
    const [key, value] = rest.split("=");
    return { key, ...(value !== undefined && { value }), effect };
  });
}

export function node(name: string, labelled = "", allocatable: Texts = {}, spec: Fields = {}, status: Fields = {}) {
  const amounts = { pods: "110", ...allocatable };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: labels(labelled) },
    spec,
    status: { capacity: amounts, allocatable: amounts, ...status },
  };
}

/** `a zone=z1; b zone=z2`. */
export function nodes(text: string) {
  return list(text).map((one) => {
    const [name = "", ...rest] = words(one);
    return node(name, rest.join(" "));
  });
}

function list(text: string): readonly string[] {
  return text
    .split(";")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

/** The name: `p`, `team/p`, `p@node`, and `p@node!` for one that is being deleted. */
export function pod(name: string, labelled = "", spec: Fields = {}, more: Fields = {}, metadata: Fields = {}) {
  const [, namespace = "default", short = "", , nodeName, ending] = /^(?:([^/]+)\/)?([^@!]+)(@([^!]+))?(!)?$/.exec(
    name,
  )!;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: short,
      namespace,
      uid: short,
      labels: labels(labelled),
      ...(ending !== undefined && { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["test/hold"] }),
      ...metadata,
    },
    spec: {
      containers: [{ name: "c", image: "registry.k8s.io/pause:3.10.1" }],
      ...(nodeName !== undefined && { nodeName }),
      ...spec,
    },
    ...more,
  };
}

/** `a1@a foo; a2@a foo bar`. */
export function pods(text: string) {
  return list(text).map((one) => {
    const [name = "", ...rest] = words(one);
    return pod(name, rest.join(" "));
  });
}

/** A container for each, which requests and is limited to what it says. */
export function asking(...requests: readonly Texts[]): Fields {
  return {
    containers: requests.map((one, i) => ({
      name: `c${i}`,
      image: "registry.k8s.io/pause:3.10.1",
      resources: { requests: one, limits: extended(one) },
    })),
  };
}

/** Extended resources and huge pages must be limited. */
function extended(requests: Texts): Texts {
  return Object.fromEntries(Object.entries(requests).filter(([name]) => /[/]|hugepages/.test(name)));
}

export interface Row {
  readonly name: string;
  readonly nodes: readonly Fields[];
  readonly existing?: readonly Fields[];
  readonly pod: Fields;
  readonly objects?: readonly Fields[];
  /** The arguments of the plugin. */
  readonly args?: Fields;
  /** Only the plugin scores, and none filters: another would refuse some of the nodes. */
  readonly alone?: boolean;
  /** `a:S b:U c:R`: success, unschedulable, and what no preemption can help. */
  readonly filter?: string;
  /** The reasons of the nodes that it refuses, where they are told. */
  readonly reasons?: Readonly<Record<string, readonly string[]>>;
  readonly preFilter?: string;
  /** `a:100 b:0`, as the plugin normalises them. Empty: it has nothing to score by. */
  readonly score?: string;
  /** The same before that. */
  readonly raw?: string;
}

const CODES: Texts = { S: "Success", U: "Unschedulable", R: "UnschedulableAndUnresolvable", E: "Error" };

function pairs(text: string): readonly (readonly [name: string, value: string])[] {
  return words(text).map((word) => {
    const at = word.lastIndexOf(":");
    return [word.slice(0, at), word.slice(at + 1)] as const;
  });
}

/** What `seatrial schedule` finds for the pods of a row that wait. */
export function scheduled(plugin: string, row: Row): readonly PodResult[] {
  const { nodes: given, existing = [], pod: waiting, objects = [], args, alone = false } = row;
  const items = [...given, ...existing, waiting, ...objects];
  const text = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const read = readStoredObjects([{ path: "row.json", text }]);
  expect(describeFlaws(read.flaws)).toEqual([]);
  const others = ["filter", "preFilter", "preScore", "score"];
  const off = Object.fromEntries(others.map((point) => [point, { disabled: [{ name: "*" }] }]));
  const only = { enabled: [{ name: plugin }], disabled: [{ name: "*" }] };
  const configuration = readConfiguration({
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    profiles: [
      {
        ...(alone && { plugins: { ...off, preScore: only, score: only } }),
        pluginConfig: args === undefined ? [] : [{ name: plugin, args }],
      },
    ],
  });
  if (configuration.kind === "flaws") expect(configuration.flaws).toEqual([]);
  const profiles = configuration.kind === "flaws" ? [defaultProfile()] : configuration.configuration.profiles;
  const { placements } = placePods(
    read.objects.map(({ object }) => object),
    profiles,
    true,
  );
  return [...placements].map((placement) => podResult(placement, true));
}

/** Compares what a plugin finds with what the row says. */
export function check(plugin: string, row: Row): void {
  const name = (row.pod["metadata"] as { readonly name: string }).name;
  const result = scheduled(plugin, row).find((one) => one.name === name)!;
  const { filter, reasons = {}, preFilter, score, raw } = row;
  if (preFilter !== undefined) expect(result.preFilters![plugin]?.status ?? "Success").toBe(preFilter);
  if (filter !== undefined) {
    const found = pairs(filter).map(([at]) => [at, result.nodes[at]!.filters![plugin]!.status]);
    expect(found).toEqual(pairs(filter).map(([at, code]) => [at, CODES[code]]));
  }
  for (const [at, texts] of Object.entries(reasons))
    expect(result.nodes[at]!.filters![plugin]!.reasons.toSorted(), at).toEqual(texts.toSorted());
  if (score === "" || raw === "") expect(result.notScoring).toContain(plugin);
  for (const [kind, expected] of [
    ["normalised", score],
    ["raw", raw],
  ] as const) {
    if (expected === undefined || expected === "") continue;
    const found = pairs(expected).map(([at]) => [at, result.nodes[at]!.scores![plugin]![kind]]);
    expect(found).toEqual(pairs(expected).map(([at, value]) => [at, Number(value)]));
  }
}

/** The rows by their names, for `test.each`. */
export function named(rows: readonly Row[]): readonly (readonly [string, Row])[] {
  return rows.map((row) => [row.name, row] as const);
}
