import { describe, expect, test } from "vitest";
import type { Pod, PodDisruptionBudget, ReplicaSet } from "../../machinery/kinds/index.ts";
import { controllerReference, withMeta } from "../../machinery/meta.ts";
import { timeOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { replicaSet } from "../testing/objects.ts";
import { disruption } from "./index.ts";

function budget(spec: Partial<PodDisruptionBudget["spec"]>): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { matchLabels: { app: "web" } }, ...spec },
  };
}

function pod(name: string, owner: ReplicaSet, ready = true): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: "web" }, ownerReferences: [controllerReference(owner)] },
    spec: { containers: [] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

function drill(spec: Partial<PodDisruptionBudget["spec"]>, ready: number, replicas = 4) {
  const made = new Drill(disruption);
  const set = made.api.put(replicaSet("web", { replicas }));
  for (let i = 0; i < 4; i++) made.api.put(pod(`p${i}`, set, i < ready));
  made.api.put(budget(spec));
  made.settle();
  return made;
}
const status = (d: ReturnType<typeof drill>) =>
  d.api.get<PodDisruptionBudget>("poddisruptionbudgets", "default/web")!.status!;

describe("disruption", () => {
  test.each([
    [{ minAvailable: 3 }, 4, { expectedPods: 4, currentHealthy: 4, desiredHealthy: 3, disruptionsAllowed: 1 }],
    [{ minAvailable: 3 }, 3, { expectedPods: 4, currentHealthy: 3, desiredHealthy: 3, disruptionsAllowed: 0 }],
    [{ minAvailable: "30%" }, 4, { expectedPods: 4, currentHealthy: 4, desiredHealthy: 2, disruptionsAllowed: 2 }],
    [{ maxUnavailable: 1 }, 4, { expectedPods: 4, currentHealthy: 4, desiredHealthy: 3, disruptionsAllowed: 1 }],
    [{ maxUnavailable: "30%" }, 2, { expectedPods: 4, currentHealthy: 2, desiredHealthy: 2, disruptionsAllowed: 0 }],
  ] as const)("%j with %i ready", (spec, ready, expected) => {
    expect(status(drill(spec, ready))).toMatchObject({ ...expected, observedGeneration: 1 });
  });

  test("the scale counts, not the pods that there are", () => {
    expect(status(drill({ maxUnavailable: 1 }, 4, 6))).toMatchObject({
      expectedPods: 6,
      desiredHealthy: 5,
      disruptionsAllowed: 0,
    });
  });

  test("a pod whose controller is not known: nothing is allowed", () => {
    const d = drill({ maxUnavailable: 1 }, 4);
    d.api.put(
      withMeta(pod("stray", replicaSet("web")), {
        ownerReferences: [{ apiVersion: "x/v1", kind: "Thing", name: "t", uid: "t", controller: true }],
      }),
    );
    d.deliver();
    expect(d.run("default/web")).toMatchObject({ kind: "retry" });
    expect(status(d)).toMatchObject({ disruptionsAllowed: 0, conditions: [{ status: "False", reason: "SyncFailed" }] });
  });

  test("an eviction that was granted counts as gone until it is seen, for 2 minutes", () => {
    const d = drill({ minAvailable: 2 }, 4);
    d.api.edit<PodDisruptionBudget>("poddisruptionbudgets", "default/web", (one) => ({
      ...one,
      status: { ...one.status!, disruptionsAllowed: 1, disruptedPods: { p0: timeOf(d.wall) } },
    }));
    d.settle();
    expect(status(d)).toMatchObject({
      currentHealthy: 3,
      disruptionsAllowed: 1,
      disruptedPods: { p0: timeOf(d.wall) },
    });
    d.advance(121_000_000);
    d.settle();
    expect(status(d)).toMatchObject({ currentHealthy: 4, disruptionsAllowed: 2, disruptedPods: {} });
  });

  test("a decrement that the cache has not seen is not written over", () => {
    const d = drill({ minAvailable: 2 }, 4);
    d.api.edit<PodDisruptionBudget>("poddisruptionbudgets", "default/web", (one) => ({
      ...one,
      status: { ...one.status!, disruptionsAllowed: 1, disruptedPods: { p0: timeOf(d.wall) } },
    }));
    d.api.edit<Pod>("pods", "default/p3", (one) => ({ ...one, status: { phase: "Running", conditions: [] } }));
    d.deliver("pods");
    expect(d.run("default/web")).toMatchObject({ kind: "retry" });
    expect(status(d).disruptedPods).toEqual({ p0: timeOf(d.wall) });
    d.settle();
    expect(status(d)).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0 });
  });

  test("a target that was never deleted is none after 2 minutes", () => {
    const d = drill({ minAvailable: 2 }, 4);
    d.api.edit<Pod>("pods", "default/p0", (one) => ({
      ...one,
      status: {
        ...one.status,
        conditions: [
          ...one.status!.conditions!,
          { type: "DisruptionTarget", status: "True", lastTransitionTime: timeOf(d.wall) },
        ],
      },
    }));
    d.settle();
    d.advance(121_000_000);
    d.settle();
    expect(
      d.api.get<Pod>("pods", "default/p0")!.status!.conditions!.find(({ type }) => type === "DisruptionTarget")!.status,
    ).toBe("False");
  });
});
