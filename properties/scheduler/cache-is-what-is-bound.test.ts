import { expect, test } from "vitest";
import { orderedMapFrom } from "../../models/kernel/index.ts";
import { podInfoOf } from "../../models/scheduler/framework/pod-info.ts";
import { ClusterDrill, type Loose, objectOf } from "../cluster/testing.ts";
import { cacheIsWhatIsBound } from "./cache-is-what-is-bound.ts";
import { nodeOf, pendingPod, schedulerState } from "./testing.ts";

const n1 = nodeOf("n1");
const bound = pendingPod("x", { node: "n1" });
const assumed = pendingPod("y", { node: "n1" });
const waits = pendingPod("y");
const good = schedulerState([n1], [bound, waits], { assumed: [assumed] });
const seen = (state: Loose) =>
  new ClusterDrill(cacheIsWhatIsBound, undefined, { "scheduler-1": schedulerState([], []) }).step("scheduler-1", state)
    .violated;

test("holds for what is bound, and assumed and on its way", () => {
  expect(seen(good)).toBeNull();
  expect(seen(schedulerState([], []))).toBeNull();
});

test("violated by nodes and pods that are not there, or not so", () => {
  const informersOf = (nodes: Loose[], pods: Loose[]) => ({ api: schedulerState(nodes, pods).api });
  expect(seen({ ...good, ...informersOf([], [bound, waits]) })).toBe(
    "scheduler-1 has n1 in its cache, and there is no such node",
  );
  expect(seen({ ...good, ...informersOf([n1], [waits]) })).toBe(
    "scheduler-1 has default/x on n1, and there is no such pod",
  );
  expect(seen({ ...good, ...informersOf([n1, nodeOf("n2")], [bound, waits]) })).toContain("has 1 nodes in its cache");
  const other = pendingPod("z", { node: "n1" });
  expect(seen({ ...good, ...informersOf([n1], [bound, waits, other]) })).toContain("does not have default/z on n1");
});

test("violated by what is assumed and bound by nobody", () => {
  expect(seen({ ...good, bindings: orderedMapFrom([]) })).toBe(
    "scheduler-1 has assumed default/y on n1, and nobody binds it any more",
  );
});

test("violated by room that is kept for nobody", () => {
  const gone = pendingPod("gone");
  const byPod = orderedMapFrom([[gone.metadata.uid as string, { node: "n1", pod: podInfoOf(gone) }]]);
  expect(seen({ ...good, queue: { ...good.queue, nominator: { byPod, byNode: orderedMapFrom([]) } } })).toBe(
    "scheduler-1 keeps room on n1 for default/gone, which is not there",
  );
});

test("violated by a claim that is promised to a node for nobody", () => {
  const claim = objectOf("PersistentVolumeClaim", "c");
  const storage = { claims: orderedMapFrom([["default/c", claim]]), volumes: orderedMapFrom<Loose>([]) };
  expect(seen({ ...good, storage })).toBe(
    "scheduler-1 takes PersistentVolumeClaim default/c to be as nobody writes it",
  );
  const waiting = orderedMapFrom([["other", { toWrite: [claim], written: [] }]]);
  expect(seen({ ...good, storage, waiting })).toBeNull();
});
