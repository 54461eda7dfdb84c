import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { evictionRespectsBudget } from "./eviction-respects-budget.ts";

const budget = (disruptionsAllowed: number, disruptedPods: Loose = {}, more: Loose = {}) =>
  objectOf("PodDisruptionBudget", "web", {
    metadata: { generation: more.generation ?? 1 },
    spec: { selector: { matchLabels: { app: "web" } } },
    status: { observedGeneration: 1, disruptionsAllowed, currentHealthy: 3, desiredHealthy: 2, disruptedPods },
  });
const evicted = { a: "2026-01-01T00:00:00Z" };
const drill = () => new ClusterDrill(evictionRespectsBudget).put(podOf("a")).put(budget(1));

test("holds when each eviction takes one, and it is forgotten when it shows, or never will", () => {
  expect(
    drill()
      .put(budget(0, evicted))
      .put(podOf("a", { deleting: true }))
      .put(budget(0)).violated,
  ).toBeNull();
  expect(drill().put(budget(0, evicted)).after(130).put(budget(1)).violated).toBeNull();
});

test("violated by one that takes none, or more than there are, or by an old status", () => {
  expect(drill().put(budget(1, evicted)).violated).toBe("budget default/web lets a be evicted, and allows 1 after 1");
  expect(drill().put(budget(0)).put(budget(-1, evicted)).violated).toMatch(/allows -1 disruptions/);
  expect(drill().put(budget(2)).violated).toMatch(/has 3 healthy pods where 2 are wanted/);
  expect(
    drill()
      .put(budget(1, {}, { generation: 2 }))
      .put(budget(0, evicted, { generation: 2 })).violated,
  ).toMatch(/by a status of generation 1/);
});

test("violated when an eviction under way is forgotten, or was granted and not done", () => {
  expect(drill().put(budget(0, evicted)).put(budget(1)).violated).toBe(
    "budget default/web forgets that a was evicted, and it is there still",
  );
  const run = drill();
  const id = run.call("kubectl", {
    verb: "create",
    resource: "pods",
    namespace: "default",
    name: "a",
    subresource: "eviction",
    object: objectOf("Eviction", "a", {}, "policy/v1"),
    dryRun: false,
  });
  const status = { kind: "Status", apiVersion: "v1", status: "Success", message: "", reason: "", code: 201 } as const;
  expect(run.answer(id, { kind: "status", status }).violated).toMatch(/is granted, and the pod is not deleted/);
});

test("it is trusted for as long as is configured", () => {
  const after = (seconds: number) => {
    const run = drill();
    const manager: Loose = run.process("controller-manager-1");
    manager.config = { ...manager.config, settings: { disruption: { deletionTimeoutUs: 20_000_000 } } };
    return run.put(budget(0, evicted)).after(seconds).put(budget(1)).violated;
  };
  expect(after(10)).toMatch(/forgets that a was evicted/);
  expect(after(19)).toBeNull();
});
