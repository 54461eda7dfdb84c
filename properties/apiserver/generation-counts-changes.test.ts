import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { generationCountsChanges } from "./generation-counts-changes.ts";

const web = (replicas: number, generation: number, more = {}) =>
  objectOf("Deployment", "web", { spec: { replicas }, metadata: { generation, ...more }, status: { replicas } });
const drill = () => new ClusterDrill(generationCountsChanges).put(web(1, 1));
const deletionTimestamp = "2026-01-01T00:00:30Z";

test("holds when it grows with the spec, the annotations and the deletion, and for what has none", () => {
  const run = drill()
    .put(web(2, 2))
    .put(web(2, 3, { annotations: { a: "1" } }));
  expect(run.put(web(2, 4, { annotations: { a: "1" }, deletionTimestamp, labels: { b: "1" } })).violated).toBeNull();
  const none = { generation: undefined };
  expect(
    run.put(objectOf("Node", "n", { metadata: none })).put(objectOf("Node", "n", { metadata: none, spec: {} }))
      .violated,
  ).toBeNull();
});

test("holds for a pod that is bound, whether it grows or not", () => {
  const pending = { phase: "Pending", uid: "u" };
  for (const generation of [1, 2]) {
    const bound = podOf("a", { ...pending, node: "node-1", metadata: { generation } });
    expect(drill().put(podOf("a", pending)).put(bound).violated).toBeNull();
  }
});

test("violated when it stays, or grows for nothing", () => {
  expect(drill().put(web(2, 1)).violated).toBe(
    "deployments default/web keeps its generation 1 though its spec changed",
  );
  expect(drill().put(web(1, 2)).violated).toMatch(/from generation 1 to 2 though neither/);
  expect(drill().put(web(2, 3)).violated).toMatch(/from generation 1 to 3/);
  expect(drill().put(web(1, 1, { deletionTimestamp })).violated).toMatch(/though its deletion began/);
});
