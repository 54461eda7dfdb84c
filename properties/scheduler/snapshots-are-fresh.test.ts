import { expect, test } from "vitest";
import { ClusterDrill, type Loose } from "../cluster/testing.ts";
import { snapshotsAreFresh } from "./snapshots-are-fresh.ts";
import { nodeOf, pendingPod, schedulerState } from "./testing.ts";

const attempt = { queued: { key: "default/a" } };
const n1 = nodeOf("n1");
const good = schedulerState([n1], [pendingPod("x", { node: "n1" })]);
const taken = (state: Loose) =>
  new ClusterDrill(snapshotsAreFresh, undefined, { "scheduler-1": good }).step("scheduler-1", { ...state, attempt })
    .violated;

test("holds where the snapshot is what the cache has", () => {
  expect(taken(good)).toBeNull();
});

test("violated by an old node, one that is gone, one that is missing, and other pods", () => {
  const of = (nodes: Loose[], pods: Loose[] = []) => ({ ...good, snapshot: schedulerState(nodes, pods).snapshot });
  expect(taken(of([nodeOf("n1")]))).toBe("scheduler-1 takes up default/a with n1 as it was before in its snapshot");
  expect(taken(of([]))).toBe("scheduler-1 takes up default/a without n1 in its snapshot");
  expect(taken(of([n1, nodeOf("n2")], [pendingPod("x", { node: "n1" })]))).toContain("with n2, which is gone");
  expect(taken(of([n1]))).toContain("with other pods on n1");
});
