import { describe, expect, test } from "vitest";
import type { Node, Pod } from "../../machinery/kinds/index.ts";
import { multipliedAndDivided, naturalLogarithm, quotient, rounded } from "./arithmetic.ts";
import { feasibleWanted } from "./filtering.ts";
import { fitError } from "./fit-error.ts";
import { gridAt, gridFrom, gridItems, gridWith } from "./grid.ts";
import { inTurnByZone } from "./node-tree.ts";
import { podInfoOf } from "./pod-info.ts";
import { bestOf } from "./scoring.ts";
import {
  EMPTY_SNAPSHOT,
  nodeNamed,
  nodesOf,
  snapshotOf,
  straysOf,
  withNode,
  withoutNode,
  withoutPod,
  withPod,
} from "./snapshot.ts";
import { unresolvable, unschedulable } from "./status.ts";

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
