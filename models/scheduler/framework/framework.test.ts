import { describe, expect, test } from "vitest";
import type { Node, Pod } from "../../machinery/kinds/index.ts";
import { EVERYTHING } from "../../machinery/selectors.ts";
import { multipliedAndDivided, naturalLogarithm, quotient, rounded } from "./arithmetic.ts";
import { feasibleWanted } from "./filtering.ts";
import { fitError } from "./fit-error.ts";
import { gridAt, gridFrom, gridItems, gridWith } from "./grid.ts";
import { inTurnByZone } from "./node-tree.ts";
import { podInfoOf } from "./pod-info.ts";
import { bestOf } from "./scoring.ts";
import {
  EMPTY_SNAPSHOT,
  indexed,
  nodeNamed,
  nodesOf,
  snapshotOf,
  straysOf,
  tallied,
  withNode,
  withoutNode,
  withoutPod,
  withPod,
} from "./snapshot.ts";
import { unresolvable, unschedulable } from "./status.ts";
import { leastOf, type TallyRequest } from "./tallies.ts";

const node = (name: string, zone?: string): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: zone === undefined ? {} : { "topology.kubernetes.io/zone": zone } },
  status: { allocatable: { cpu: "4", memory: "8Gi", pods: "10" } },
});
const pod = (name: string, nodeName?: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", uid: `uid-${name}` },
  spec: { containers: [{ name: "c", resources: { requests: { cpu: "1" } } }], ...(nodeName && { nodeName }) },
});

describe("arithmetic", () => {
  test("products beyond 2^53 are exact", () => {
    expect(multipliedAndDivided(2 ** 53 - 1, 100, 2 ** 53)).toBe(99);
    expect(multipliedAndDivided(7, 100, 9)).toBe(77);
    expect(quotient(-7, 2)).toBe(-3);
    expect(Object.is(quotient(-1, 2), 0)).toBe(true);
  });

  test("halves are rounded away from zero", () => {
    expect([0.5, 1.5, 2.4, 0.49999999999999994, -0.5, -1.5].map(rounded)).toEqual([1, 2, 2, 0, -1, -2]);
  });

  test("the logarithm is that of the engine but for the last place", () => {
    for (let n = 1; n <= 10_000; n++)
      expect(Math.abs(naturalLogarithm(n) - Math.log(n))).toBeLessThanOrEqual(Math.log(n) * 2 ** -51);
    expect(naturalLogarithm(1)).toBe(0);
    expect(naturalLogarithm(2)).toBe(Math.LN2);
  });
});

test("a grid keeps its elements", () => {
  const grid = gridWith(gridFrom([...Array(200).keys()]), 130, -1);
  expect(gridAt(grid, 130)).toBe(-1);
  expect(gridAt(grid, 199)).toBe(199);
  expect(gridItems(grid)).toHaveLength(200);
});

test("nodes come from each zone in turn", () => {
  const nodes = [node("a1", "a"), node("a2", "a"), node("a3", "a"), node("b1", "b"), node("c1", "c"), node("c2", "c")];
  expect(inTurnByZone(nodes).map(({ metadata }) => metadata.name)).toEqual(["a1", "b1", "c1", "a2", "c2", "a3"]);
});

test("how many nodes are enough", () => {
  const wanted = [50, 99, 100, 1000, 5000, 6000].map((nodes) => feasibleWanted(nodes, 0));
  expect(wanted).toEqual([50, 99, 100, 420, 500, 300]);
  expect(feasibleWanted(1000, 40)).toBe(400);
  expect(feasibleWanted(1000, 5)).toBe(100);
});

test("the words for a pod that fits nowhere", () => {
  const statuses = [unschedulable("Too many pods", "Insufficient cpu"), unschedulable("Insufficient cpu")];
  const diagnosis = { nodes: 4, statuses, absent: unresolvable("not looked at"), preFilter: null, postFilter: null };
  expect(fitError(diagnosis)).toBe("0/4 nodes are available: 1 Too many pods, 2 Insufficient cpu, 2 not looked at.");
  expect(fitError({ ...diagnosis, preFilter: "it cannot be", postFilter: "preemption: no." })).toBe(
    "0/4 nodes are available: it cannot be. preemption: no.",
  );
});

test("lots are drawn among the best only", () => {
  const nodes = nodesOf(snapshotOf([node("a"), node("b"), node("c")], []));
  const picks = [0, 1, 2, 3].map((lot) => bestOf(nodes, [7, 3, 7], lot).name);
  expect(picks).toEqual(["a", "c", "a", "c"]);
});

test("a count that is kept up is that which is made anew, with many domains too", () => {
  const nodes = Array.from({ length: 50 }, (_, i) => node(`n${i}`));
  const request: TallyRequest = {
    namespaces: ["default"],
    selectors: [EVERYTHING],
    livingOnly: true,
    topologyKey: "",
    population: {
      labels: [],
      affinityOf: { ...pod("x"), spec: { ...pod("x").spec, nodeSelector: {} } },
      tolerationsOf: null,
    },
  };
  let snapshot = indexed(snapshotOf(nodes, []), [request]);
  for (let i = 0; i < 200; i++) {
    snapshot = withPod(snapshot, podInfoOf(pod(`p${i}`)), `n${(i * 7) % 50}`);
    if (i % 3 === 0) snapshot = withoutPod(snapshot, `uid-p${Math.floor(i / 2)}`, `n${(Math.floor(i / 2) * 7) % 50}`);
    const anew = snapshotOf(
      nodes,
      nodesOf(snapshot).flatMap(({ name, pods }) =>
        pods.map(({ pod: { metadata, ...rest } }) => ({ metadata, ...rest, spec: { ...rest.spec, nodeName: name } })),
      ),
    );
    expect(leastOf(tallied(snapshot, request))).toBe(leastOf(tallied(anew, request)));
    expect(tallied(snapshot, request).counts).toEqual(tallied(anew, request).counts);
  }
  expect(leastOf(tallied(snapshot, request))).toBeGreaterThan(0);
});

describe("snapshot", () => {
  test("nodes and pods come in any order and go again", () => {
    let snapshot = withPod(EMPTY_SNAPSHOT, podInfoOf(pod("p", "a")), "a");
    expect(straysOf(snapshot)).toHaveLength(1);
    snapshot = withNode(snapshot, node("a"));
    expect(nodeNamed(snapshot, "a")!.requested.milliCpu).toBe(1000);
    expect(straysOf(snapshot)).toHaveLength(0);
    snapshot = withNode(withPod(snapshot, podInfoOf(pod("q")), "a"), node("b", "z"));
    expect(nodeNamed(snapshot, "a")!.pods).toHaveLength(2);
    snapshot = withoutPod(snapshot, "uid-p", "a");
    expect(nodeNamed(snapshot, "a")!.requested.milliCpu).toBe(1000);
    snapshot = withoutNode(snapshot, "a");
    expect(nodeNamed(snapshot, "a")).toBeNull();
    expect(straysOf(snapshot)).toHaveLength(1);
    expect(nodesOf(snapshot).map(({ name, slot }) => [name, slot])).toEqual([["b", 0]]);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });
});
