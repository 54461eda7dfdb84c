import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { retriesBackOff } from "./retries-back-off.ts";
import { decided, nodeOf, pendingPod, schedulerState } from "./testing.ts";

function tried(...seconds: readonly number[]): ClusterDrill {
  const run = new ClusterDrill(retriesBackOff);
  let state = schedulerState([nodeOf("n1")], []);
  for (const second of seconds) {
    state = decided(state, pendingPod("a", { cpu: "9" }));
    run.step("scheduler-1", state, { kind: "timer", now: second * 1e6, wall: 0, name: "attempt" });
  }
  return run;
}

test("holds at 1, 2, 4, 8 and 10 s", () => {
  expect(tried(0, 1, 3, 7, 15, 25, 35).violated).toBeNull();
});

test("violated by less", () => {
  expect(tried(0, 0.9).violated).toBe("default/a is tried again after 0.9 s, and was to wait for 1 s");
  expect(tried(0, 1, 3, 6).violated).toContain("after 3 s, and was to wait for 4 s");
});
