import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Fields, type Row, scheduled } from "./rows.ts";

/** The tables of Kubernetes that come with the reference, as far as they are there. */
const TABLES = fileURLToPath(new URL("../../../../../shared/data/kubernetes/", import.meta.url));

interface Case {
  readonly name: string;
  readonly nodes: readonly Fields[];
  readonly existing: readonly Fields[];
  readonly pod: Fields & { readonly metadata: { readonly name: string } };
  readonly extra: readonly Fields[];
  readonly config?: Fields;
  readonly pluginOnly?: boolean;
  readonly invalidManifest?: boolean;
  readonly expect: {
    readonly filter?: Readonly<Record<string, string>>;
    readonly reasons?: Readonly<Record<string, readonly string[]>>;
    readonly score?: Readonly<Record<string, number>>;
    readonly scoreKind?: "raw" | "normalised";
    readonly preFilter?: { readonly code: string };
    readonly preScore?: string;
    readonly preFilterNodeNames?: readonly string[];
    readonly nominatedNode?: string;
    readonly nominatedNodeAnyOf?: readonly string[];
  };
}

interface Table {
  readonly plugin?: string;
  readonly config?: Fields;
  readonly cases: readonly Case[];
}

function rowOf({ config }: Table, one: Case): Row {
  const args = one.config ?? config;
  return {
    name: one.name,
    nodes: one.nodes,
    existing: one.existing,
    pod: one.pod,
    objects: one.extra,
    ...(args !== undefined && { args }),
    alone: one.pluginOnly === true && one.expect.score !== undefined,
  };
}

function compare(table: Table, one: Case): void {
  const plugin = table.plugin!;
  const result = scheduled(plugin, rowOf(table, one)).find(({ name }) => name === one.pod.metadata.name)!;
  const { filter, reasons, score, scoreKind = "raw", preFilter, preFilterNodeNames, preScore } = one.expect;
  const { nominatedNode, nominatedNodeAnyOf = nominatedNode === undefined ? [] : [nominatedNode] } = one.expect;
  const own = result.preFilters![plugin];
  if (preFilter !== undefined) expect(own?.status ?? "Success").toBe(preFilter.code);
  if (preFilterNodeNames !== undefined) expect(own!.nodeNames).toEqual(preFilterNodeNames.toSorted());
  for (const [name, status] of Object.entries(filter ?? {}))
    expect(result.nodes[name]!.filters![plugin]!.status, name).toBe(status);
  for (const [name, texts] of Object.entries(reasons ?? {})) {
    // What a filter would answer that is not asked, as its preFilter has refused the pod, nobody hears.
    if (own?.status.startsWith("Unschedulable")) break;
    expect(result.nodes[name]!.filters![plugin]!.reasons.toSorted(), name).toEqual(texts.toSorted());
  }
  if (preScore === "Skip") expect(result.notScoring).toContain(plugin);
  else
    for (const [name, number] of Object.entries(score ?? {}))
      expect(result.nodes[name]!.scores![plugin]![scoreKind], name).toBe(number);
  if (nominatedNodeAnyOf.length > 0) expect(nominatedNodeAnyOf).toContain(result.nominatedNode);
}

describe.skipIf(!existsSync(TABLES))("Kubernetes' own tables", () => {
  const files = existsSync(TABLES) ? readdirSync(TABLES).filter((name) => name.endsWith(".json")) : [];
  for (const file of files) {
    const table = JSON.parse(readFileSync(`${TABLES}${file}`, "utf8")) as Table;
    if (table.plugin === undefined) continue;
    const cases = table.cases.filter(({ invalidManifest }) => invalidManifest !== true);
    test.each(cases.map((one) => [one.name, one] as const))(`${file}: %s`, (_, one) => compare(table, one));
  }
});
