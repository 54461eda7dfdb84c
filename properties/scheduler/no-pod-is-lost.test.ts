import { expect, test } from "vitest";
import { orderedMapFrom } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose } from "../cluster/testing.ts";
import { noPodIsLost } from "./no-pod-is-lost.ts";
import { nodeOf, pendingPod, queued, schedulerState } from "./testing.ts";

const a = pendingPod("a");
const state = schedulerState([nodeOf("n1")], [a]);
const seen = (after: Loose) =>
  new ClusterDrill(noPodIsLost, undefined, { "scheduler-1": schedulerState([], []) }).step("scheduler-1", after)
    .violated;

test("violated by a pod that nobody thinks of", () => {
  expect(seen(state)).toBe("scheduler-1 knows that default/a waits for a node, and does nothing about it");
});

test("holds while it is queued, tried, or being bound", () => {
  expect(seen({ ...state, queue: { ...state.queue, pods: orderedMapFrom([queued(a)]) } })).toBeNull();
  expect(seen({ ...state, attempt: { queued: { key: "default/a", uid: a.metadata.uid } } })).toBeNull();
  expect(seen({ ...state, bindings: orderedMapFrom([[a.metadata.uid, {}]]) })).toBeNull();
  expect(seen({ ...state, phase: "standby" })).toBeNull();
});
