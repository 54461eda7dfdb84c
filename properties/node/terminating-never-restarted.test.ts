import { expect, test } from "vitest";
import { emptyOrderedMap, mapSet } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose, podOf } from "../cluster/testing.ts";
import { terminatingNeverRestarted } from "./terminating-never-restarted.ts";

const workers = (phase: string) => ({
  workers: mapSet(emptyOrderedMap<Loose>(), "Pod-a", { uid: "Pod-a", namespace: "default", name: "a", phase }),
});
const none = { workers: emptyOrderedMap<Loose>() };
const drill = () =>
  new ClusterDrill(terminatingNeverRestarted).put(podOf("a", { node: "node-1" })).step("kubelet-1", workers("sync"));
const starts = (run: ClusterDrill) =>
  run.send("kubelet-1", "runtime-1", {
    kind: "criCall",
    id: "c1",
    request: { kind: "startContainer", podUid: "Pod-a", containerId: "x" },
  }).violated;

test("holds while it is not being terminated", () => {
  expect(starts(drill())).toBeNull();
});

test("holds for a kubelet that has forgotten in a crash what nobody else knew", () => {
  expect(starts(drill().step("kubelet-1", workers("terminating")).restart("kubelet-1", none))).toBeNull();
});

test("violated when it is started after that, over a restart too, or its worker goes back", () => {
  expect(starts(drill().step("kubelet-1", workers("terminating")))).toBe(
    "kubelet-1 asks its runtime to startContainer for pod default/a, which it had begun to terminate",
  );
  const deleted = drill()
    .put(podOf("a", { node: "node-1", deleting: true }))
    .step("kubelet-1", workers("terminating"));
  expect(starts(deleted.restart("kubelet-1", none))).toMatch(/for pod Pod-a/);
  expect(drill().step("kubelet-1", workers("terminated")).step("kubelet-1", workers("sync")).violated).toBe(
    "the worker of pod default/a at kubelet-1 goes from terminated back to sync",
  );
});
