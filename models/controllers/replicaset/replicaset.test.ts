import { describe, expect, test } from "vitest";
import type { Pod, ReplicaSet } from "../../machinery/kinds/index.ts";
import { controllerReference, keyOf, withMeta } from "../../machinery/meta.ts";
import { failure, forbidden, statusResponse } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { inPhase, onNode, replicaSet, template } from "../testing/objects.ts";
import { podsToDelete } from "./deletion-order.ts";
import { replicaset } from "./index.ts";

const KEY = "default/web";

function drillOf(spec: Partial<ReplicaSet["spec"]> = {}) {
  const drill = new Drill(replicaset);
  drill.api.put(replicaSet("web", spec));
  return drill;
}

/** All pods run, and are ready. */
function runAll(drill: ReturnType<typeof drillOf>): void {
  for (const pod of drill.api.list<Pod>("pods"))
    drill.api.edit<Pod>("pods", keyOf(pod), (one) => inPhase(onNode(one, "node-1"), "Running", timeOf(drill.wall)));
}

const verbs = (drill: ReturnType<typeof drillOf>): string[] =>
  drill.requests.map(({ verb, resource }) => `${verb} ${resource}`);

describe("too few pods", () => {
  test("as many are created as are wanted, owned by the set, in one sync", () => {
    const drill = drillOf({ replicas: 3 });
    drill.settle();
    const pods = drill.api.list<Pod>("pods");
    expect(pods).toHaveLength(3);
    const set = drill.api.get<ReplicaSet>("replicasets", KEY)!;
    expect(pods[0]!.metadata).toMatchObject({
      generateName: "web-",
      labels: { app: "web" },
      ownerReferences: [{ kind: "ReplicaSet", name: "web", uid: set.metadata.uid, controller: true }],
    });
    expect(set.status).toMatchObject({ replicas: 3, fullyLabeledReplicas: 3, observedGeneration: 1 });
  });

  test("none is created twice while the cache lags, though the key comes again and again", () => {
    const drill = drillOf({ replicas: 3 });
    drill.deliver();
    drill.run(KEY);
    for (let again = 0; again < 5; again++) {
      drill.deliver("replicasets");
      drill.run(KEY);
      drill.advance(50_000_000);
    }
    expect(drill.api.list("pods")).toHaveLength(3);
    expect(drill.notes).toContain("controllers/replicaset/expectations-unmet");
  });

  test("after five minutes the expectations are given up", () => {
    const drill = drillOf({ replicas: 2 });
    drill.deliver();
    drill.run(KEY);
    drill.advance(300_000_001);
    drill.run(KEY);
    expect(drill.notes).toContain("controllers/replicaset/expectations-expired");
    expect(drill.api.list("pods")).toHaveLength(4);
    drill.settle();
    expect(drill.api.list("pods")).toHaveLength(2);
  });

  test("a slow start: a refusal costs one request, and later batches begin small again", () => {
    const drill = drillOf({ replicas: 10 });
    let refused = 0;
    drill.api.intercept = (request) => {
      if (request.verb !== "create") return undefined;
      refused++;
      return statusResponse(forbidden("pods", "", "exceeded quota"));
    };
    drill.deliver();
    expect(drill.run(KEY)).toMatchObject({ kind: "retry" });
    expect(refused).toBe(1);
    expect(drill.api.get<ReplicaSet>("replicasets", KEY)!.status!.conditions).toMatchObject([
      { type: "ReplicaFailure", status: "True", reason: "FailedCreate" },
    ]);
    let creates = 0;
    // The second batch, of two, is sent to its end; the third does not begin.
    drill.api.intercept = (request) =>
      request.verb === "create" && ++creates === 2 ? statusResponse(failure("InternalError", 500, "no")) : undefined;
    drill.deliver();
    drill.run(KEY);
    expect(creates).toBe(3);
    drill.api.intercept = null;
    drill.settle();
    expect(drill.api.list("pods")).toHaveLength(10);
    expect(drill.api.get<ReplicaSet>("replicasets", KEY)!.status!.conditions).toBeUndefined();
  });

  test("not more than 500 in one sync", () => {
    const drill = drillOf({ replicas: 501 });
    drill.deliver();
    drill.run(KEY);
    expect(drill.api.list("pods")).toHaveLength(500);
    expect(drill.notes).toContain("controllers/replicaset/burst");
  });

  test("in a namespace that ends, a refusal is not tried again", () => {
    const drill = drillOf({ replicas: 2 });
    drill.api.intercept = (request) =>
      request.verb === "create"
        ? statusResponse(forbidden("pods", "", "because it is being terminated", [{ reason: "NamespaceTerminating" }]))
        : undefined;
    drill.deliver();
    expect(drill.run(KEY)).toEqual({ kind: "done" });
  });

  test("nothing is created or deleted while the set is being deleted", () => {
    const drill = drillOf({ replicas: 3 });
    drill.api.edit("replicasets", KEY, (set) =>
      withMeta(set, { deletionTimestamp: timeOf(drill.wall), finalizers: ["foregroundDeletion"] }),
    );
    drill.settle();
    expect(drill.api.list("pods")).toHaveLength(0);
    expect(drill.notes).toContain("controllers/replicaset/being-deleted");
  });

  test("pods that are terminal or being deleted count for nothing", () => {
    const drill = drillOf({ replicas: 2 });
    drill.settle();
    runAll(drill);
    const [first, second] = drill.api.list<Pod>("pods");
    drill.api.edit<Pod>("pods", keyOf(first!), (pod) => inPhase(pod, "Failed", timeOf(drill.wall)));
    drill.api.edit<Pod>("pods", keyOf(second!), (pod) => withMeta(pod, { deletionTimestamp: timeOf(drill.wall) }));
    drill.settle();
    expect(drill.api.list("pods")).toHaveLength(4);
    expect(drill.api.get<ReplicaSet>("replicasets", KEY)!.status).toMatchObject({
      replicas: 2,
      terminatingReplicas: 1,
    });
  });
});

describe("too many pods", () => {
  test("the rest is deleted by name, and not again while the cache lags", () => {
    const drill = drillOf({ replicas: 5 });
    drill.settle();
    runAll(drill);
    drill.settle();
    drill.api.edit<ReplicaSet>("replicasets", KEY, (set) => ({ ...set, spec: { ...set.spec, replicas: 2 } }));
    drill.deliver("replicasets");
    drill.requests.length = 0;
    drill.run(KEY);
    drill.run(KEY);
    expect(verbs(drill).filter((verb) => verb === "delete pods")).toHaveLength(3);
    expect(drill.requests[0]).toMatchObject({ verb: "delete", options: {} });
    expect(drill.api.list<Pod>("pods").filter(({ metadata }) => metadata.deletionTimestamp === undefined)).toHaveLength(
      2,
    );
  });

  test("a deletion that is not found is no error, and is no longer expected", () => {
    const drill = drillOf({ replicas: 2 });
    drill.settle();
    drill.api.edit<ReplicaSet>("replicasets", KEY, (set) => ({ ...set, spec: { ...set.spec, replicas: 1 } }));
    drill.deliver("replicasets");
    for (const pod of drill.api.list("pods")) drill.api.remove("pods", keyOf(pod));
    expect(drill.run(KEY)).toEqual({ kind: "done" });
    drill.settle();
    expect(drill.api.list("pods")).toHaveLength(1);
  });
});

describe("which pods go first", () => {
  const wall = 1_000_000_000_000;
  const bare = (name: string, parts: Partial<Pod["metadata"]> = {}): Pod => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", creationTimestamp: timeOf(wall - 100_000_000), ...parts },
    spec: { containers: [] },
  });
  const running = (name: string, readySecondsAgo: number, parts: Partial<Pod["metadata"]> = {}): Pod =>
    inPhase(onNode(bare(name, parts), `node-${name}`), "Running", timeOf(wall - readySecondsAgo * 1_000_000));
  const cost = (value: string) => ({ annotations: { "controller.kubernetes.io/pod-deletion-cost": value } });
  const order = (...pods: Pod[]): string[] =>
    podsToDelete([...pods, running("~", 1e5, cost("1000"))], pods, pods.length, wall).map(
      ({ metadata }) => metadata.name,
    );

  test("unassigned, pending, unknown, not ready, ready", () => {
    const pods = [
      running("ready", 64),
      inPhase(running("notready", 64), "Running", timeOf(wall), false),
      inPhase(onNode(bare("unknown"), "n"), "Unknown", timeOf(wall)),
      inPhase(onNode(bare("pending"), "n"), "Pending", timeOf(wall)),
      bare("unassigned"),
    ];
    expect(order(...pods)).toEqual(["unassigned", "pending", "unknown", "notready", "ready"]);
  });

  test("a lower deletion cost before a higher one; one that is no number is 0", () => {
    expect(order(running("a", 64, cost("5")), running("b", 64, cost("x")), running("c", 64, cost("-1")))).toEqual([
      "c",
      "b",
      "a",
    ]);
  });

  test("more pods on a node before fewer", () => {
    const pods = [running("a", 64), onNode(running("b", 64), "shared"), onNode(running("c", 64), "shared")];
    expect(order(...pods)).toEqual(["b", "c", "a"]);
  });

  test("ready for less time before more, in powers of two; within one, by name", () => {
    expect(order(running("a", 1000), running("b", 10), running("c", 9))).toEqual(["b", "c", "a"]);
  });

  test("more restarts before fewer, newer before older", () => {
    const restarted = (pod: Pod, restartCount: number): Pod => ({
      ...pod,
      status: { ...pod.status, containerStatuses: [{ name: "main", ready: true, restartCount }] },
    });
    expect(order(restarted(running("a", 64), 1), restarted(running("b", 64), 3))).toEqual(["b", "a"]);
    const aged = (name: string, seconds: number) =>
      running(name, 64, { creationTimestamp: timeOf(wall - seconds * 1_000_000) });
    expect(order(aged("old", 100_000), aged("new", 100))).toEqual(["new", "old"]);
  });
});

describe("adoption", () => {
  const orphan = (name: string, app = "web"): Pod => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app } },
    spec: template(app).spec,
  });

  test("orphans that match are adopted after a look at the live set, and count", () => {
    const drill = drillOf({ replicas: 2 });
    drill.api.put(orphan("one"));
    drill.api.put(orphan("other", "db"));
    drill.settle();
    expect(verbs(drill).slice(0, 3)).toEqual(["get replicasets", "patch pods", "create pods"]);
    expect(drill.api.get<Pod>("pods", "default/one")!.metadata.ownerReferences).toMatchObject([{ name: "web" }]);
    expect(drill.api.list("pods")).toHaveLength(3);
  });

  test("a set that is being deleted, or is another one by now, adopts nothing", () => {
    const drill = drillOf({ replicas: 0 });
    drill.api.put(orphan("one"));
    drill.deliver();
    drill.api.edit("replicasets", KEY, (set) => withMeta(set, { uid: "another" }));
    expect(drill.run(KEY)).toMatchObject({ kind: "retry" });
    expect(drill.api.get<Pod>("pods", "default/one")!.metadata.ownerReferences).toBeUndefined();
  });

  test("a pod whose labels no longer match is released, and replaced", () => {
    const drill = drillOf({ replicas: 1 });
    drill.settle();
    const [pod] = drill.api.list<Pod>("pods");
    drill.api.edit("pods", keyOf(pod!), (one) => withMeta(one, { labels: { app: "quarantine" } }));
    drill.settle();
    expect(drill.api.get<Pod>("pods", keyOf(pod!))!.metadata.ownerReferences ?? []).toEqual([]);
    expect(drill.api.list("pods")).toHaveLength(2);
  });

  test("a pod of a set of the same name and another UID is not its own", () => {
    const drill = drillOf({ replicas: 1 });
    const set = drill.api.get("replicasets", KEY)!;
    const reference = { ...controllerReference(set), uid: "another" };
    drill.api.put(withMeta(orphan("one"), { ownerReferences: [reference] }));
    drill.settle();
    expect(drill.api.list("pods")).toHaveLength(2);
  });
});

describe("status", () => {
  test("ready, available after minReadySeconds, without a write when nothing changes", () => {
    const drill = drillOf({ replicas: 2, minReadySeconds: 10 });
    drill.settle();
    runAll(drill);
    drill.settle();
    const status = () => drill.api.get<ReplicaSet>("replicasets", KEY)!.status!;
    expect(status()).toMatchObject({ replicas: 2, readyReplicas: 2 });
    expect(status().availableReplicas).toBeUndefined();
    drill.advance(11_000_000);
    drill.settle();
    expect(status()).toMatchObject({ availableReplicas: 2 });
    drill.requests.length = 0;
    drill.run(KEY);
    expect(drill.requests).toEqual([]);
  });

  test("a conflict is followed by a live read and one more write, on the same UID only", () => {
    const drill = drillOf({ replicas: 0 });
    drill.deliver();
    drill.api.edit("replicasets", KEY, (set) => withMeta(set, { annotations: { a: "b" } }));
    expect(drill.run(KEY)).toEqual({ kind: "done" });
    expect(verbs(drill)).toEqual(["update replicasets", "get replicasets", "update replicasets"]);

    const other = drillOf({ replicas: 0 });
    other.deliver();
    other.api.edit("replicasets", KEY, (set) => withMeta(set, { uid: "another" }));
    expect(other.run(KEY)).toMatchObject({ kind: "retry" });
    expect(verbs(other)).toEqual(["update replicasets", "get replicasets"]);
  });
});
