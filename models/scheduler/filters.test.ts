import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { mapGet } from "../kernel/index.ts";
import type { Node, Pod } from "../machinery/kinds/index.ts";
import { cacheNode, cachePod, EMPTY_CACHE } from "./cache.ts";
import { insufficientResources, matchesNodeAffinity, toleratesTaints, wantedOf } from "./filters.ts";
import type { NodeInfo } from "./types.ts";

const TABLES = fileURLToPath(new URL("../../../shared/data/kubernetes/", import.meta.url));

interface Case {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly existing: readonly Pod[];
  readonly pod: Pod;
  readonly config?: unknown;
  readonly expect: {
    readonly filter: Readonly<Record<string, string>>;
    readonly reasons?: Readonly<Record<string, readonly string[]>>;
  };
}

function casesOf(file: string): readonly Case[] {
  return existsSync(TABLES) ? (JSON.parse(readFileSync(`${TABLES}${file}`, "utf8")) as { cases: Case[] }).cases : [];
}

function infoOf({ nodes, existing }: Case, name: string): NodeInfo {
  let cache = EMPTY_CACHE;
  for (const node of nodes) cache = cacheNode(cache, node);
  for (const [i, pod] of existing.entries())
    cache = cachePod(cache, { ...pod, metadata: { ...pod.metadata, uid: `uid-${i}` } });
  return mapGet(cache.nodes, name)!;
}

/** Which nodes of a case take the pod. */
function verdicts(one: Case, takes: (node: Node) => boolean): Readonly<Record<string, boolean>> {
  return Object.fromEntries(one.nodes.map((node) => [node.metadata.name, takes(node)]));
}

function expected(one: Case): Readonly<Record<string, boolean>> {
  return Object.fromEntries(Object.entries(one.expect.filter).map(([name, status]) => [name, status === "Success"]));
}

describe.skipIf(!existsSync(TABLES))("Kubernetes' own tables", () => {
  test.each(casesOf("taint_toleration_filter.json"))("taints: $name", (one) => {
    expect(verdicts(one, (node) => toleratesTaints(one.pod, node))).toEqual(expected(one));
  });

  // Those with arguments of their own are of a plugin that is configured, which this scheduler is not.
  test.each(casesOf("node_affinity_filter.json").filter(({ config }) => config === undefined))(
    "affinity: $name",
    (one) => {
      expect(verdicts(one, (node) => matchesNodeAffinity(one.pod, node))).toEqual(expected(one));
    },
  );

  const fits = [...casesOf("fit_enough_requests.json"), ...casesOf("fit_not_enough_pods.json")];
  test.each(fits.filter(({ config }) => config === undefined))("fit: $name", (one) => {
    const wanted = wantedOf(one.pod);
    const reasons = Object.fromEntries(
      one.nodes.map(({ metadata }) => [metadata.name, insufficientResources(wanted, infoOf(one, metadata.name))]),
    );
    expect(verdicts(one, ({ metadata }) => reasons[metadata.name]!.length === 0)).toEqual(expected(one));
    for (const [name, told] of Object.entries(one.expect.reasons ?? {}))
      expect([...reasons[name]!].sort()).toEqual([...told].sort());
  });
});
