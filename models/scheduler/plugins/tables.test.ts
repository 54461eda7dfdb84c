import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { KubeObject, Node, Pod } from "../../machinery/kinds/index.ts";
import { podNonzeroRequests, qosClass } from "../../machinery/pods.ts";
import { schedulePod, USUAL } from "../framework/cycle.ts";
import { listersOf } from "../framework/listers.ts";
import { podInfoOf } from "../framework/pod-info.ts";
import { nodeNamed, nodesOf, snapshotOf } from "../framework/snapshot.ts";
import { codeOf } from "../framework/status.ts";
import { insufficientResources } from "./node-resources-fit.ts";
import { profileOf } from "./profiles.ts";
import { DEFAULT_ARGS, type PluginArgs } from "./registry.ts";

const TABLES = fileURLToPath(new URL("../../../../shared/data/kubernetes/", import.meta.url));

interface Expected {
  readonly filter?: Readonly<Record<string, string>>;
  readonly reasons?: Readonly<Record<string, readonly string[]>>;
  readonly score?: Readonly<Record<string, number>>;
  readonly preFilter?: { readonly code: string; readonly reasons?: readonly string[] };
  readonly preFilterNodeNames?: readonly string[];
  readonly insufficient?: Readonly<Record<string, readonly unknown[]>>;
  readonly nominatedNode?: string;
  readonly nominatedNodeAnyOf?: readonly string[];
  readonly qosClass?: string;
  readonly cpuMilli?: number;
  readonly memoryBytes?: number;
}

interface Row {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly existing: readonly Pod[];
  readonly pod: Pod;
  readonly extra: readonly KubeObject[];
  readonly config?: object;
  readonly pluginOnly?: boolean;
  readonly expect: Expected;
}

interface Table {
  readonly plugin: string;
  readonly config?: object;
  readonly count: number;
  readonly cases: readonly Row[];
}

function tableOf(file: string): Table {
  // A skipped suite is put together all the same.
  if (!existsSync(TABLES)) return { plugin: "", count: 0, cases: [] };
  return JSON.parse(readFileSync(`${TABLES}${file}.json`, "utf8")) as Table;
}

function argsOf(plugin: string, ...configs: readonly (object | undefined)[]): PluginArgs {
  const defaults = DEFAULT_ARGS as unknown as Record<string, object>;
  return { ...DEFAULT_ARGS, [plugin]: Object.assign({}, defaults[plugin], ...configs) } as PluginArgs;
}

/** All plugins; where the table says that another answers first, the scores of this one alone. */
function profileFor({ plugin, config }: Table, row: Row) {
  const alone = { enabled: [{ name: plugin, weight: 0 }], disabled: [] };
  const plugins = { multiPoint: { enabled: [], disabled: ["*"] }, preScore: alone, score: alone };
  const isAlone = row.pluginOnly === true && row.expect.score !== undefined;
  return profileOf({
    schedulerName: "default-scheduler",
    percentageOfNodesToScore: 0,
    plugins: isAlone ? plugins : {},
    args: argsOf(plugin, config, row.config),
  });
}

function resultOf(table: Table, row: Row) {
  const snapshot = snapshotOf(row.nodes, row.existing);
  const options = { ...USUAL, allPlugins: true };
  return schedulePod(profileFor(table, row), listersOf(row.extra), snapshot, podInfoOf(row.pod), options);
}

const FILTERS = [
  "fit_enough_requests",
  "fit_not_enough_pods",
  "node_affinity_filter",
  "node_ports",
  "taint_toleration_filter",
  "topology_spread_filter_single",
  "interpod_affinity_filter_single_node",
  "volume_zone",
];

describe.skipIf(!existsSync(TABLES))("Kubernetes' own tables", () => {
  for (const file of FILTERS) {
    const table = tableOf(file);
    test.each(table.cases.map((row) => [row.name, row] as const))(`${file}: %s`, (_, row) => {
      const result = resultOf(table, row);
      const nodes = nodesOf(result.snapshot).map(({ name }) => name);
      const answer = result.answers!.find(({ plugin }) => plugin === table.plugin)!;
      const { filter, reasons, preFilter, preFilterNodeNames } = row.expect;
      if (preFilter !== undefined) expect(codeOf(answer.preFilter)).toBe(preFilter.code);
      if (preFilter?.reasons !== undefined) expect(answer.preFilter!.reasons).toEqual(preFilter.reasons);
      if (preFilterNodeNames !== undefined) expect(answer.nodeNames).toEqual(preFilterNodeNames.toSorted());
      if (filter === undefined) return;
      expect(Object.fromEntries(nodes.map((name, i) => [name, codeOf(answer.statuses[i]!)]))).toEqual(filter);
      // The table's own filter is also asked where its preFilter has refused; the scheduler does not ask it then.
      if (preFilter?.reasons !== undefined) return;
      for (const [name, texts] of Object.entries(reasons ?? {}))
        expect(answer.statuses[nodes.indexOf(name)]!.reasons.toSorted()).toEqual(texts.toSorted());
    });
  }

  test.each(["fit_enough_requests", "fit_not_enough_pods"])("what is insufficient: %s", (file) => {
    for (const { name, nodes, existing, pod, config, expect: expected } of tableOf(file).cases)
      for (const [node, lacks] of Object.entries(expected.insufficient ?? {})) {
        const info = nodeNamed(snapshotOf(nodes, existing), node)!;
        const { NodeResourcesFit } = argsOf("NodeResourcesFit", config);
        const found = insufficientResources(podInfoOf(pod), info, NodeResourcesFit);
        expect(
          found.map(({ reason: _, ...lack }) => lack),
          name,
        ).toEqual(lacks);
      }
  });

  for (const file of ["least_allocated", "image_locality"]) {
    const table = tableOf(file);
    test.each(table.cases.map((row) => [row.name, row] as const))(`${file}: %s`, (_, row) => {
      const { scored, filtered } = resultOf(table, row);
      const scores = scored!.plugins.find(({ plugin }) => plugin === table.plugin)!;
      const found = Object.fromEntries(filtered!.feasible.map(({ name }, i) => [name, scores.raw[i]!]));
      expect(found).toEqual(row.expect.score!);
    });
  }

  const preemption = tableOf("preemption_select_best_candidate");
  test.each(preemption.cases.map((row) => [row.name, row] as const))("preemption: %s", (_, row) => {
    const { preemption: candidate } = resultOf(preemption, row);
    const { nominatedNode, nominatedNodeAnyOf } = row.expect;
    expect(nominatedNodeAnyOf ?? [nominatedNode]).toContain(candidate!.info.name);
  });

  test("no case is left out", () => {
    const files = [...FILTERS, "least_allocated", "image_locality", "preemption_select_best_candidate"];
    for (const file of files) expect(tableOf(file).cases, file).toHaveLength(tableOf(file).count);
    expect(files.reduce((sum, file) => sum + tableOf(file).count, 0)).toBeGreaterThan(190);
  });

  test("quality of service", () => {
    for (const { name, pod, expect: expected } of tableOf("qos_class").cases)
      expect(qosClass(pod), name).toBe(expected.qosClass);
  });

  test("requests in scoring", () => {
    for (const { name, pod, expect: expected } of tableOf("nonzero_pod_requests").cases) {
      const { milliCpu, memoryBytes } = podNonzeroRequests(pod);
      expect({ cpuMilli: milliCpu, memoryBytes }, name).toEqual(expected);
      const { nonzeroMilliCpu, nonzeroMemoryBytes } = podInfoOf(pod);
      expect({ cpuMilli: nonzeroMilliCpu, memoryBytes: nonzeroMemoryBytes }, name).toEqual(expected);
    }
  });
});
