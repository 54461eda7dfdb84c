import { expect, test } from "vitest";
import { ClusterDrill, podOf } from "../cluster/testing.ts";
import { terminalPhaseAbsorbing } from "./terminal-phase-absorbing.ts";

const drill = () => new ClusterDrill(terminalPhaseAbsorbing).put(podOf("a")).put(podOf("a", { phase: "Failed" }));

test("holds when it stays, or another pod takes the name", () => {
  expect(
    drill()
      .put(podOf("a", { phase: "Failed", deleting: true }))
      .remove(podOf("a"))
      .put(podOf("a", { uid: "x" })).violated,
  ).toBeNull();
});

test("violated when it changes", () => {
  expect(drill().put(podOf("a", { phase: "Succeeded" })).violated).toBe(
    "the phase of pod default/a goes from Failed to Succeeded",
  );
  expect(drill().put(podOf("a")).violated).toMatch(/from Failed to Running/);
});

test("a status that was sent before the end may be applied after it, one that was sent later may not", () => {
  const running = () => ({
    verb: "patch",
    resource: "pods",
    namespace: "default",
    name: "a",
    subresource: "status",
    patch: { status: { phase: "Running" } },
  });
  const before = new ClusterDrill(terminalPhaseAbsorbing).put(podOf("a"));
  before.call("kubelet-1", running() as never);
  expect(before.put(podOf("a", { phase: "Failed" })).put(podOf("a")).violated).toBeNull();
  const after = drill();
  after.call("kubelet-1", running() as never);
  expect(after.put(podOf("a")).violated).toMatch(/from Failed to Running/);
});
