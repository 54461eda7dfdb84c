import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { nominatedRoomIsKept } from "./nominated-room-is-kept.ts";
import { decided, nodeOf, pendingPod, schedulerState } from "./testing.ts";

const nodes = [nodeOf("n1")];
const first = pendingPod("first", { cpu: "1500m", priority: 10 });
const later = (cpu: string, priority: number) => pendingPod("later", { cpu, priority });
const begin = (pods: readonly object[] = [first]) => {
  const state = schedulerState(nodes, pods);
  const run = new ClusterDrill(nominatedRoomIsKept);
  return { run: run.step("scheduler-1", decided(state, first, { nominated: "n1" })), state };
};
const takes = ({ run, state }: ReturnType<typeof begin>, pod: object, more: object = {}) =>
  run.step("scheduler-1", decided({ ...state, lastDecision: { number: 1 }, ...more }, pod, { node: "n1" })).violated;

test("violated by a pod that takes the room", () => {
  expect(takes(begin(), later("1", 5))).toBe(
    "default/later of priority 5 gets the room on n1 that first of priority 10 has made",
  );
});

test("violated also where the scheduler keeps it in mind, and does it all the same", () => {
  const { run, state } = begin();
  const known = decided({ ...state, lastDecision: { number: 1 } }, later("1", 5), {
    node: "n1",
    nominations: [["n1", [first]]],
  });
  expect(run.step("scheduler-1", known).violated).toContain("gets the room on n1");
});

test("holds where the scheduler keeps it in mind as well: it counts once", () => {
  const { run, state } = begin();
  const known = decided({ ...state, lastDecision: { number: 1 } }, later("500m", 5), {
    node: "n1",
    nominations: [["n1", [first]]],
  });
  expect(run.step("scheduler-1", known).violated).toBeNull();
});

test("holds where both fit, where the other is more important, and where the first is gone, bound or let go", () => {
  expect(takes(begin(), later("500m", 5))).toBeNull();
  expect(takes(begin(), later("1", 11))).toBeNull();
  expect(takes(begin(), later("1", 5), schedulerState(nodes, []))).toBeNull();
  const noted = begin();
  noted.run.note("scheduler-1", "scheduler/preemption-failed");
  expect(takes(noted, later("1", 5))).toBeNull();
});
