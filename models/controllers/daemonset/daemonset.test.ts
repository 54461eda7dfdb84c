import { describe, expect, test } from "vitest";
import type { DaemonSet, Node, Pod, Taint } from "../../machinery/kinds/index.ts";
import { isDeleting, keyOf, withMeta } from "../../machinery/meta.ts";
import { failure, forbidden, statusResponse } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { daemonSet, inPhase, node, template } from "../testing/objects.ts";
import { changeSpec, converge, imagesOf, kubelets, podsOf, revisionsOf } from "../testing/surroundings.ts";
import { daemonset } from "./index.ts";
import { fitnessOf, targetNodeOf } from "./nodes.ts";

const KEY = "default/agent";

type SetDrill = ReturnType<typeof drillOf>;

function drillOf(count: number, spec: Partial<DaemonSet["spec"]> = {}) {
  const drill = new Drill(daemonset);
  for (let at = 1; at <= count; at++) drill.api.put(node(`node-${at}`));
  drill.api.put(daemonSet("agent", spec));
  return drill;
}

const targets = (drill: SetDrill): string[] => podsOf(drill).map(targetNodeOf).sort();
const current = (drill: SetDrill): DaemonSet => drill.api.get<DaemonSet>("daemonsets", KEY)!;
const change = (drill: SetDrill, spec: Partial<DaemonSet["spec"]>): void =>
  changeSpec<DaemonSet>(drill, "daemonsets", KEY, spec);
const run = (drill: SetDrill, isReady: (pod: Pod) => boolean = () => true): void =>
  kubelets(drill, { nodeOf: targetNodeOf, isReady });
const settle = (drill: SetDrill, rounds = 15): void => converge(drill, () => run(drill), rounds);

const taint = (key: string, effect: Taint["effect"]): Taint => ({ key, effect });
const tainted = (...taints: readonly Taint[]): Node => node("node-1", { spec: { taints } });

describe("which nodes", () => {
  const { template: plain } = daemonSet("agent").spec;
  const withSpec = (spec: Partial<typeof plain.spec>): DaemonSet =>
    daemonSet("agent", { template: { ...plain, spec: { ...plain.spec, ...spec } } });

  test("those whose taints are tolerated; what is there stays unless it may not be executed", () => {
    const set = daemonSet("agent");
    expect(fitnessOf(node("a"), set)).toEqual({ shouldRun: true, shouldContinue: true });
    expect(fitnessOf(tainted(taint("mine", "NoSchedule")), set)).toEqual({ shouldRun: false, shouldContinue: true });
    expect(fitnessOf(tainted(taint("mine", "NoExecute")), set)).toEqual({ shouldRun: false, shouldContinue: false });
    expect(fitnessOf(tainted(taint("mine", "PreferNoSchedule")), set).shouldRun).toBe(true);
    expect(
      fitnessOf(tainted(taint("mine", "NoExecute")), withSpec({ tolerations: [{ operator: "Exists" }] })).shouldRun,
    ).toBe(true);
  });

  test("daemons tolerate nodes that are not ready, not reached, cordoned, or short of something", () => {
    const set = daemonSet("agent");
    const ofNode = (name: string, effect: Taint["effect"]) => taint(`node.kubernetes.io/${name}`, effect);
    for (const name of ["not-ready", "unreachable"])
      expect(fitnessOf(tainted(ofNode(name, "NoExecute")), set).shouldRun).toBe(true);
    for (const name of ["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"])
      expect(fitnessOf(tainted(ofNode(name, "NoSchedule")), set).shouldRun).toBe(true);
    const network = tainted(ofNode("network-unavailable", "NoSchedule"));
    expect(fitnessOf(network, set).shouldRun).toBe(false);
    expect(fitnessOf(network, withSpec({ hostNetwork: true })).shouldRun).toBe(true);
    // `not-ready` is there with NoSchedule as well, and that is not tolerated.
    expect(fitnessOf(tainted(ofNode("not-ready", "NoSchedule")), set).shouldRun).toBe(false);
  });

  test("those that the selector and the affinity choose", () => {
    const labelled = (labels: Record<string, string>): Node => withMeta(node("a"), { labels });
    const bySelector = withSpec({ nodeSelector: { disk: "ssd" } });
    expect(fitnessOf(labelled({ disk: "ssd" }), bySelector).shouldRun).toBe(true);
    expect(fitnessOf(labelled({ disk: "hdd" }), bySelector)).toEqual({ shouldRun: false, shouldContinue: false });
    const byAffinity = withSpec({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: "cores", operator: "Gt", values: ["4"] }] },
              { matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] },
            ],
          },
        },
      },
    });
    expect(fitnessOf(labelled({ cores: "8" }), byAffinity).shouldRun).toBe(true);
    expect(fitnessOf(labelled({ cores: "4" }), byAffinity).shouldRun).toBe(false);
    expect(fitnessOf(node("b"), byAffinity).shouldRun).toBe(true);
  });
});

describe("one pod a node", () => {
  test("pinned to it by affinity, with the tolerations of daemons and the hash of the revision", () => {
    const drill = drillOf(3);
    drill.settle();
    expect(targets(drill)).toEqual(["node-1", "node-2", "node-3"]);
    const [pod] = podsOf(drill);
    expect(pod!.spec.nodeName).toBeUndefined();
    expect(pod!.spec.tolerations).toHaveLength(6);
    expect(pod!.metadata.labels).toMatchObject({
      app: "agent",
      "controller-revision-hash": revisionsOf(drill)[0]!.metadata.labels!["controller-revision-hash"],
    });
    expect(current(drill).status).toMatchObject({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 0,
      numberUnavailable: 3,
    });
    settle(drill);
    expect(current(drill).status).toMatchObject({
      numberReady: 3,
      numberAvailable: 3,
      updatedNumberScheduled: 3,
      observedGeneration: 1,
    });
    expect(current(drill).status!.numberUnavailable).toBeUndefined();
    drill.requests.length = 0;
    drill.run(KEY);
    expect(drill.requests).toEqual([]);
  });

  test("pods that are not yet bound count, and none is made twice while the cache lags", () => {
    const drill = drillOf(3);
    drill.deliver();
    drill.run(KEY);
    for (let again = 0; again < 3; again++) {
      drill.deliver("daemonsets", "controllerrevisions");
      drill.run(KEY);
    }
    expect(podsOf(drill)).toHaveLength(3);
    expect(drill.notes).toContain("controllers/daemonset/expectations-unmet");
    // And once they are seen, though the scheduler is slow.
    drill.settle();
    drill.advance(400_000_000);
    drill.deliver();
    drill.run(KEY);
    expect(podsOf(drill)).toHaveLength(3);
  });

  test("a new node gets one; one that no longer fits loses it", () => {
    const drill = drillOf(1);
    settle(drill);
    drill.api.put(node("node-2"));
    settle(drill);
    expect(targets(drill)).toEqual(["node-1", "node-2"]);
    drill.api.edit<Node>("nodes", "node-1", (one) => ({ ...one, spec: { taints: [taint("mine", "NoExecute")] } }));
    drill.settle();
    expect(podsOf(drill).filter(isDeleting).map(targetNodeOf)).toEqual(["node-1"]);
    settle(drill);
    expect(targets(drill)).toEqual(["node-2"]);
  });

  test("a heartbeat of a node wakes nobody", () => {
    const drill = drillOf(1);
    settle(drill);
    drill.api.edit<Node>("nodes", "node-1", (one) => ({ ...one, status: { capacity: { cpu: "4" } } }));
    drill.deliver();
    expect(drill.queue).toEqual([]);
  });

  test("of two on a node the older one stays", () => {
    const drill = drillOf(1);
    settle(drill);
    const [pod] = podsOf(drill);
    const younger = timeOf(drill.wall + 60_000_000);
    drill.api.put({ ...pod!, metadata: { ...pod!.metadata, name: "twin", uid: "twin", creationTimestamp: younger } });
    drill.settle();
    expect(
      podsOf(drill)
        .filter(isDeleting)
        .map(({ metadata }) => metadata.name),
    ).toEqual(["twin"]);
  });

  test("a pod that is being deleted is not deleted again, and keeps its place until it is gone", () => {
    const drill = drillOf(1);
    settle(drill);
    drill.api.edit("pods", keyOf(podsOf(drill)[0]!), (pod) => withMeta(pod, { deletionTimestamp: timeOf(drill.wall) }));
    drill.requests.length = 0;
    drill.settle();
    expect(drill.requests.filter(({ resource }) => resource === "pods")).toEqual([]);
    expect(podsOf(drill)).toHaveLength(1);
    drill.api.remove("pods", keyOf(podsOf(drill)[0]!));
    drill.settle();
    expect(podsOf(drill)).toHaveLength(1);
  });

  test("a failed pod that is being deleted is not deleted again", () => {
    const drill = drillOf(1);
    settle(drill);
    drill.api.edit<Pod>("pods", keyOf(podsOf(drill)[0]!), (pod) => ({
      ...inPhase(pod, "Failed", timeOf(drill.wall)),
      metadata: { ...pod.metadata, deletionTimestamp: timeOf(drill.wall), finalizers: ["example.com/hold"] },
    }));
    drill.requests.length = 0;
    drill.settle();
    expect(drill.requests.filter(({ verb }) => verb === "delete")).toEqual([]);
  });

  test("a pod of a node that is gone, and that was never bound, is deleted", () => {
    const drill = drillOf(2);
    drill.settle();
    drill.api.remove("nodes", "node-2");
    drill.deliver();
    drill.run(KEY);
    expect(targets(drill)).toEqual(["node-1"]);
  });

  test("a failed pod is replaced, at once at first, then after a time that doubles", () => {
    const drill = drillOf(1);
    settle(drill);
    const fail = (): void =>
      podsOf(drill).forEach(
        (pod) => void drill.api.edit<Pod>("pods", keyOf(pod), (one) => inPhase(one, "Failed", timeOf(drill.wall))),
      );
    fail();
    drill.settle();
    expect(podsOf(drill)[0]!.status?.phase).toBeUndefined();
    run(drill);
    fail();
    drill.settle();
    expect(podsOf(drill)[0]!.status?.phase).toBe("Failed");
    drill.advance(1_000_000);
    drill.settle();
    expect(podsOf(drill)[0]!.status?.phase).toBeUndefined();
    run(drill);
    fail();
    drill.settle();
    drill.advance(1_000_000);
    drill.settle();
    expect(podsOf(drill)[0]!.status?.phase).toBe("Failed");
    drill.advance(1_000_000);
    drill.settle();
    expect(podsOf(drill)[0]!.status?.phase).toBeUndefined();
  });

  test("creations start slowly, and 250 are the most in a sync", () => {
    const refusing = drillOf(10);
    refusing.api.intercept = ({ verb, resource }) =>
      verb === "create" && resource === "pods" ? statusResponse(forbidden("pods", "", "quota")) : undefined;
    refusing.deliver();
    expect(refusing.run(KEY)).toMatchObject({ kind: "retry" });
    expect(refusing.requests.filter(({ verb, resource }) => verb === "create" && resource === "pods")).toHaveLength(1);
    refusing.api.intercept = null;
    refusing.settle();
    expect(podsOf(refusing)).toHaveLength(10);

    const many = drillOf(260);
    many.deliver();
    many.run(KEY);
    expect(podsOf(many)).toHaveLength(250);
  });
});

describe("updates", () => {
  test("one unavailable at a time", () => {
    const drill = drillOf(3);
    settle(drill);
    change(drill, { template: template("agent", "image:2") });
    for (let round = 0; round < 10; round++) {
      drill.settle();
      const available = podsOf(drill).filter((pod) => !isDeleting(pod) && pod.status?.phase === "Running").length;
      expect(available).toBeGreaterThanOrEqual(2);
      run(drill);
    }
    expect(imagesOf(drill)).toEqual(["image:2", "image:2", "image:2"]);
    expect(current(drill).status).toMatchObject({
      updatedNumberScheduled: 3,
      numberAvailable: 3,
      observedGeneration: 2,
    });
  });

  test("old pods that are not available go at once; a new one that is not stops the rest", () => {
    const drill = drillOf(3);
    settle(drill);
    drill.api.edit<Pod>("pods", keyOf(podsOf(drill)[0]!), (pod) => inPhase(pod, "Running", timeOf(drill.wall), false));
    change(drill, { template: template("agent", "image:2") });
    drill.settle();
    expect(podsOf(drill).filter(isDeleting)).toHaveLength(2);
    run(drill);
    drill.settle();
    run(drill, (pod) => pod.spec.containers[0]!.image === "image:1");
    for (let round = 0; round < 5; round++) drill.settle();
    expect(imagesOf(drill).filter((image) => image === "image:1")).toHaveLength(1);
  });

  test("by surge: the new pod comes first, and the old one goes when that is available", () => {
    const drill = drillOf(2, {
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    settle(drill);
    change(drill, { template: template("agent", "image:2") });
    drill.settle();
    expect(imagesOf(drill).sort()).toEqual(["image:1", "image:1", "image:2"]);
    settle(drill);
    expect(imagesOf(drill)).toEqual(["image:2", "image:2"]);
  });

  test("on deletion only, where the set says so", () => {
    const drill = drillOf(2, { updateStrategy: { type: "OnDelete" } });
    settle(drill);
    change(drill, { template: template("agent", "image:2") });
    settle(drill);
    expect(imagesOf(drill)).toEqual(["image:1", "image:1"]);
    drill.api.remove("pods", keyOf(podsOf(drill)[0]!));
    settle(drill);
    expect(imagesOf(drill).sort()).toEqual(["image:1", "image:2"]);
  });
});

describe("revisions", () => {
  test("a template that comes back takes its old revision under a new number; old ones beyond the limit go", () => {
    const drill = drillOf(1, { revisionHistoryLimit: 1 });
    for (const image of ["image:1", "image:2", "image:1", "image:3"]) {
      change(drill, { template: template("agent", image) });
      settle(drill);
    }
    expect(
      revisionsOf(drill)
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([3, 4]);
  });

  test("one of the same name and another content counts a collision, and the next name is taken", () => {
    const drill = drillOf(1);
    drill.settle();
    const [made] = revisionsOf(drill);
    const other = drillOf(1);
    other.api.put({ ...made!, data: { other: true }, metadata: { name: made!.metadata.name, namespace: "default" } });
    settle(other);
    expect(current(other).status!.collisionCount).toBe(1);
    expect(podsOf(other)).toHaveLength(1);
  });

  test("of two that keep the same, the later one stays, and the pods take its label", () => {
    const drill = drillOf(1);
    settle(drill);
    const [made] = revisionsOf(drill);
    drill.api.put({
      ...made!,
      revision: 7,
      metadata: {
        ...made!.metadata,
        name: "agent-twin",
        uid: "twin",
        labels: { ...made!.metadata.labels, "controller-revision-hash": "twin" },
      },
    });
    drill.deliver();
    drill.run(KEY);
    settle(drill);
    expect(revisionsOf(drill).map(({ metadata }) => metadata.name)).toEqual(["agent-twin"]);
    expect(podsOf(drill)[0]!.metadata.labels).toMatchObject({ "controller-revision-hash": "twin" });
  });
});

describe("trouble", () => {
  test("while the set is being deleted nothing is done", () => {
    const drill = drillOf(1);
    drill.api.edit("daemonsets", KEY, (one) =>
      withMeta(one, { deletionTimestamp: timeOf(drill.wall), finalizers: ["foregroundDeletion"] }),
    );
    drill.settle();
    expect(drill.requests).toEqual([]);
  });

  test("a status that conflicts is written on what a live read gives", () => {
    const drill = drillOf(0);
    drill.settle();
    change(drill, { minReadySeconds: 5 });
    drill.deliver();
    drill.api.edit("daemonsets", KEY, (one) => withMeta(one, { annotations: { a: "b" } }));
    expect(drill.run(KEY)).toMatchObject({ kind: "done" });
    expect(current(drill).status!.observedGeneration).toBe(2);
  });

  test("an error of a deletion is tried again, and is no longer expected", () => {
    const drill = drillOf(1);
    settle(drill);
    drill.api.edit<Node>("nodes", "node-1", (one) => ({ ...one, spec: { taints: [taint("mine", "NoExecute")] } }));
    drill.api.intercept = ({ verb }) =>
      verb === "delete" ? statusResponse(failure("InternalError", 500, "no")) : undefined;
    drill.deliver();
    expect(drill.run(KEY)).toMatchObject({ kind: "retry", error: "no" });
    drill.api.intercept = null;
    settle(drill);
    expect(podsOf(drill)).toEqual([]);
  });
});
