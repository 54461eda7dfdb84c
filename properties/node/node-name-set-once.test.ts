import { expect, test } from "vitest";
import { ClusterDrill, podOf } from "../cluster/testing.ts";
import { nodeNameSetOnce } from "./node-name-set-once.ts";

const drill = () => new ClusterDrill(nodeNameSetOnce).put(podOf("a")).put(podOf("a", { node: "node-1" }));

test("holds for a pod that is bound once, and for its successor", () => {
  expect(drill().put(podOf("a", { node: "node-1", phase: "Failed" })).violated).toBeNull();
  expect(
    drill()
      .remove(podOf("a"))
      .put(podOf("a", { uid: "x", node: "node-2" })).violated,
  ).toBeNull();
});

test("violated by a second binding", () => {
  expect(drill().put(podOf("a", { node: "node-2" })).violated).toBe(
    "pod default/a is bound to node-1, and then to node-2",
  );
  expect(drill().put(podOf("a")).violated).toMatch(/and then to none/);
});
