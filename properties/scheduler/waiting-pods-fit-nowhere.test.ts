import { expect, test } from "vitest";
import { orderedMapFrom } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose } from "../cluster/testing.ts";
import { nodeOf, pendingPod, queued, schedulerState } from "./testing.ts";
import { waitingPodsFitNowhere } from "./waiting-pods-fit-nowhere.ts";

const pod = (cpu: string) => pendingPod("a", { cpu });
function waiting(cpu: string, more: Loose = {}): Loose {
  const state = schedulerState([nodeOf("n1")], [pod(cpu)]);
  const entry = queued(pod(cpu), { place: "unschedulable", ...more });
  const unschedulable = orderedMapFrom([["0", "default/a"]]);
  return { ...state, queue: { ...state.queue, pods: orderedMapFrom([entry]), unschedulable } };
}
const flushed = (state: Loose, seconds: number) =>
  new ClusterDrill(waitingPodsFitNowhere, undefined, { "scheduler-1": state }).step(
    "scheduler-1",
    { ...state, queue: schedulerState([], []).queue },
    { kind: "timer", now: seconds * 1e6, wall: 0, name: "queue" },
  ).violated;

test("violated by a pod that is flushed, or left at the end, and fits", () => {
  const said = "default/a waits as unschedulable, and scheduler-1 knows that it fits on n1";
  expect(flushed(waiting("1"), 300)).toBe(said);
  const run = new ClusterDrill(waitingPodsFitNowhere, undefined, { "scheduler-1": waiting("1") });
  expect(run.atEnd().violated).toBe(said);
});

test("holds for one that does not fit, that is held back, or that has not waited so long", () => {
  expect(flushed(waiting("9"), 300)).toBeNull();
  expect(flushed(waiting("1", { gatingPlugin: "DefaultPreemption" }), 300)).toBeNull();
  expect(flushed(waiting("1"), 200)).toBeNull();
});
