import { describe, expect, test } from "vitest";
import type { PersistentVolumeClaim, Pod, StatefulSet } from "../../machinery/kinds/index.ts";
import { controllerReference, isDeleting, keyOf, withMeta } from "../../machinery/meta.ts";
import { failure, statusResponse } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { inPhase, onNode, statefulSet, template } from "../testing/objects.ts";
import { changeSpec, converge, imagesOf, kubelets, podsOf, revisionsOf } from "../testing/surroundings.ts";
import { type StatefulSetConfig, statefulset } from "./index.ts";

const KEY = "default/db";

type SetDrill = ReturnType<typeof drillOf>;

function drillOf(spec: Partial<StatefulSet["spec"]> = {}, config: Partial<StatefulSetConfig> = {}) {
  const drill = new Drill(statefulset, config);
  drill.api.put(statefulSet("db", spec));
  return drill;
}

const withClaims: Partial<StatefulSet["spec"]> = {
  volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"] } }],
};

const names = (drill: SetDrill): string[] => podsOf(drill).map(({ metadata }) => metadata.name);
const current = (drill: SetDrill): StatefulSet => drill.api.get<StatefulSet>("statefulsets", KEY)!;
const pod = (drill: SetDrill, name: string): Pod => drill.api.get<Pod>("pods", `default/${name}`)!;
const change = (drill: SetDrill, spec: Partial<StatefulSet["spec"]>): void =>
  changeSpec<StatefulSet>(drill, "statefulsets", KEY, spec);
const settle = (drill: SetDrill, rounds = 20): void => converge(drill, () => kubelets(drill), rounds);

/** A pod runs, ready or not. */
function run(drill: SetDrill, name: string, isReady = true): void {
  drill.api.edit<Pod>("pods", `default/${name}`, (one) =>
    inPhase(onNode(one, "node-1"), "Running", timeOf(drill.wall), isReady),
  );
}

describe("ordered pods", () => {
  test("come one after the other, each when all before it are running and ready", () => {
    const drill = drillOf({ replicas: 3 });
    drill.settle();
    expect(names(drill)).toEqual(["db-0"]);
    run(drill, "db-0", false);
    drill.settle();
    expect(names(drill)).toEqual(["db-0"]);
    run(drill, "db-0");
    drill.settle();
    expect(names(drill)).toEqual(["db-0", "db-1"]);
    settle(drill);
    expect(current(drill).status).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
    });
    drill.requests.length = 0;
    drill.run(KEY);
    expect(drill.requests).toEqual([]);
  });

  test("have their identity: name, labels, host name, revision, owner", () => {
    const drill = drillOf({ replicas: 1, ordinals: { start: 3 } });
    drill.settle();
    expect(pod(drill, "db-3")).toMatchObject({
      metadata: {
        labels: {
          app: "db",
          "statefulset.kubernetes.io/pod-name": "db-3",
          "apps.kubernetes.io/pod-index": "3",
          "controller-revision-hash": current(drill).status!.updateRevision,
        },
        ownerReferences: [{ kind: "StatefulSet", name: "db", controller: true }],
      },
      spec: { hostname: "db-3", subdomain: "db" },
    });
    expect(pod(drill, "db-3").metadata.generateName).toBeUndefined();
  });

  test("go from the highest, one at a time, and only while all others are well", () => {
    const drill = drillOf({ replicas: 3 });
    settle(drill);
    change(drill, { replicas: 1 });
    drill.settle();
    expect(
      podsOf(drill)
        .filter(isDeleting)
        .map(({ metadata }) => metadata.name),
    ).toEqual(["db-2"]);
    drill.api.remove("pods", "default/db-2");
    run(drill, "db-0", false);
    drill.settle();
    expect(podsOf(drill).filter(isDeleting)).toEqual([]);
    run(drill, "db-0");
    drill.settle();
    expect(
      podsOf(drill)
        .filter(isDeleting)
        .map(({ metadata }) => metadata.name),
    ).toEqual(["db-1"]);
    settle(drill);
    expect(names(drill)).toEqual(["db-0"]);
  });

  test("that have come to their end are deleted, and made again when they are gone", () => {
    const drill = drillOf({ replicas: 2, ...withClaims });
    settle(drill);
    const before = pod(drill, "db-0").metadata.uid;
    drill.api.edit<Pod>("pods", "default/db-0", (one) => inPhase(one, "Failed", timeOf(drill.wall)));
    drill.settle();
    expect(pod(drill, "db-0").metadata.uid).not.toBe(before);
    expect(drill.notes).toContain("controllers/statefulset/terminal-pod-deleted");
  });

  test("while one is being deleted, no other comes in its place or after it", () => {
    const drill = drillOf({ replicas: 2 });
    drill.settle();
    run(drill, "db-0");
    drill.api.edit("pods", "default/db-0", (one) => withMeta(one, { deletionTimestamp: timeOf(drill.wall) }));
    drill.settle();
    expect(names(drill)).toEqual(["db-0"]);
    expect(drill.notes).toContain("controllers/statefulset/waits-for-termination");
  });

  test("minReadySeconds: the next one waits until this one is available", () => {
    const drill = drillOf({ replicas: 2, minReadySeconds: 10 });
    drill.settle();
    run(drill, "db-0");
    drill.settle();
    expect(names(drill)).toEqual(["db-0"]);
    drill.advance(11_000_000);
    drill.settle();
    expect(names(drill)).toEqual(["db-0", "db-1"]);
  });
});

describe("parallel pods", () => {
  test("come and go all at once", () => {
    const drill = drillOf({ replicas: 4, podManagementPolicy: "Parallel" });
    drill.settle();
    expect(names(drill)).toEqual(["db-0", "db-1", "db-2", "db-3"]);
    settle(drill);
    change(drill, { replicas: 1 });
    drill.settle();
    expect(podsOf(drill).filter(isDeleting)).toHaveLength(3);
  });
});

describe("updates", () => {
  test("go from the highest ordinal down, one unavailable at a time", () => {
    const drill = drillOf({ replicas: 3 });
    settle(drill);
    const order: string[] = [];
    change(drill, { template: template("db", "image:2") });
    for (let round = 0; round < 12; round++) {
      drill.settle();
      const leaving = podsOf(drill)
        .filter(isDeleting)
        .map(({ metadata }) => metadata.name);
      expect(leaving.length).toBeLessThanOrEqual(1);
      order.push(...leaving);
      kubelets(drill);
    }
    expect(order).toEqual(["db-2", "db-1", "db-0"]);
    expect(imagesOf(drill)).toEqual(["image:2", "image:2", "image:2"]);
    const { status } = current(drill);
    expect(status!.currentRevision).toBe(status!.updateRevision);
    expect(status).toMatchObject({ currentReplicas: 3, updatedReplicas: 3 });
  });

  test("stop at the partition; a pod below it that is made again keeps the old revision", () => {
    const drill = drillOf({ replicas: 3, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } });
    settle(drill);
    change(drill, { template: template("db", "image:2") });
    settle(drill);
    expect(imagesOf(drill)).toEqual(["image:1", "image:1", "image:2"]);
    drill.api.remove("pods", "default/db-0");
    settle(drill);
    expect(imagesOf(drill)).toEqual(["image:1", "image:1", "image:2"]);
    expect(current(drill).status!.currentRevision).not.toBe(current(drill).status!.updateRevision);
  });

  test("a pod that goes in the middle of an update comes back with the new revision", () => {
    const drill = drillOf({ replicas: 3 });
    settle(drill);
    change(drill, { template: template("db", "image:2") });
    drill.settle();
    drill.api.remove("pods", "default/db-0");
    drill.settle();
    expect(pod(drill, "db-0").spec.containers[0]!.image).toBe("image:2");
  });

  test("on deletion only, where the set says so", () => {
    const drill = drillOf({ replicas: 2, updateStrategy: { type: "OnDelete" } });
    settle(drill);
    change(drill, { template: template("db", "image:2") });
    settle(drill);
    expect(imagesOf(drill)).toEqual(["image:1", "image:1"]);
    drill.api.remove("pods", "default/db-1");
    settle(drill);
    expect(imagesOf(drill)).toEqual(["image:1", "image:2"]);
  });

  test("as many at once as maxUnavailable allows", () => {
    const drill = drillOf({
      replicas: 4,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 2 } },
    });
    settle(drill);
    change(drill, { template: template("db", "image:2") });
    drill.settle();
    expect(
      podsOf(drill)
        .filter(isDeleting)
        .map(({ metadata }) => metadata.name),
    ).toEqual(["db-2", "db-3"]);
    settle(drill);
    expect(new Set(imagesOf(drill))).toEqual(new Set(["image:2"]));
  });

  test("a broken revision is waited for, for good; with the setting it is replaced (kubernetes#67250)", () => {
    for (const replacesBrokenPods of [false, true]) {
      const drill = drillOf({ replicas: 2 }, { replacesBrokenPods });
      settle(drill);
      change(drill, { template: template("db", "broken") });
      drill.settle();
      drill.api.remove("pods", "default/db-1");
      drill.settle();
      run(drill, "db-1", false);
      drill.settle();
      change(drill, { template: template("db", "image:1") });
      drill.settle();
      kubelets(drill);
      settle(drill);
      expect(imagesOf(drill)).toEqual(replacesBrokenPods ? ["image:1", "image:1"] : ["image:1", "broken"]);
    }
  });
});

describe("revisions", () => {
  test("a template that comes back takes its old revision, under a new number", () => {
    const drill = drillOf({ replicas: 1 });
    settle(drill);
    change(drill, { template: template("db", "image:2") });
    settle(drill);
    change(drill, { template: template("db", "image:1") });
    settle(drill);
    expect(revisionsOf(drill)).toHaveLength(2);
    expect(
      revisionsOf(drill)
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([2, 3]);
  });

  test("no more than the limit stay beside those in use", () => {
    const drill = drillOf({ replicas: 1, revisionHistoryLimit: 1 });
    for (const number of [1, 2, 3, 4]) {
      change(drill, { template: template("db", `image:${number}`) });
      settle(drill);
    }
    expect(
      revisionsOf(drill)
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([3, 4]);
  });

  test("one of the same name and another content counts a collision", () => {
    const drill = drillOf({ replicas: 1 });
    drill.settle();
    const [made] = revisionsOf(drill);
    const other = drillOf({ replicas: 1 });
    other.api.put({ ...made!, data: { other: true }, metadata: { name: made!.metadata.name, namespace: "default" } });
    settle(other);
    expect(current(other).status!.collisionCount).toBe(1);
    expect(other.notes).toContain("controllers/statefulset/revision-collision");
  });

  test("an orphan that matches is adopted", () => {
    const drill = drillOf({ replicas: 1 });
    settle(drill);
    const [revision] = revisionsOf(drill);
    drill.api.edit("controllerrevisions", keyOf(revision!), (one) => withMeta(one, { ownerReferences: [] }));
    settle(drill);
    drill.run(KEY);
    expect(revisionsOf(drill)).toHaveLength(1);
    expect(revisionsOf(drill)[0]!.metadata.ownerReferences).toMatchObject([{ name: "db" }]);
  });
});

describe("claims", () => {
  const claims = (drill: SetDrill): readonly PersistentVolumeClaim[] => drill.api.list("persistentvolumeclaims");

  test("are made before their pod, and stay when it goes", () => {
    const drill = drillOf({ replicas: 2, ...withClaims });
    drill.deliver();
    drill.run(KEY);
    const made = drill.requests.filter(({ verb }) => verb === "create").map(({ resource }) => resource);
    expect(made).toEqual(["controllerrevisions", "persistentvolumeclaims", "pods"]);
    settle(drill);
    expect(claims(drill).map(({ metadata }) => metadata.name)).toEqual(["data-db-0", "data-db-1"]);
    expect(pod(drill, "db-1").spec.volumes).toEqual([
      { name: "data", persistentVolumeClaim: { claimName: "data-db-1", readOnly: false } },
    ]);
    change(drill, { replicas: 0 });
    settle(drill);
    expect(claims(drill)).toHaveLength(2);
  });

  test("that are to go when scaled away belong to their pod then, and those that go with the set to the set", () => {
    const persistentVolumeClaimRetentionPolicy = { whenScaled: "Delete", whenDeleted: "Delete" } as const;
    const drill = drillOf({ replicas: 2, ...withClaims, persistentVolumeClaimRetentionPolicy });
    settle(drill);
    const owners = (name: string) =>
      drill.api.get("persistentvolumeclaims", `default/${name}`)!.metadata.ownerReferences?.map(({ kind }) => kind);
    expect([owners("data-db-0"), owners("data-db-1")]).toEqual([["StatefulSet"], ["StatefulSet"]]);
    change(drill, { replicas: 1 });
    drill.settle();
    expect([owners("data-db-0"), owners("data-db-1")]).toEqual([["StatefulSet"], ["Pod"]]);
    // Scaled up again before the claim is gone: the new pod waits for that.
    drill.api.remove("pods", "default/db-1");
    change(drill, { replicas: 2 });
    drill.settle();
    expect(names(drill)).toEqual(["db-0"]);
    drill.api.remove("persistentvolumeclaims", "default/data-db-1");
    drill.advance(2_000_000);
    settle(drill);
    expect(names(drill)).toEqual(["db-0", "db-1"]);
  });
});

describe("trouble", () => {
  test("a pod that somebody else has made under that name is adopted if it matches, else in the way", () => {
    const drill = drillOf({ replicas: 1 });
    const foreign: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "db-0", namespace: "default" },
      spec: { containers: [] },
    };
    drill.api.put(foreign);
    drill.deliver();
    expect(drill.run(KEY)).toMatchObject({ kind: "retry" });
    drill.api.edit("pods", "default/db-0", (one) => withMeta(one, { labels: { app: "db" } }));
    drill.settle();
    expect(pod(drill, "db-0").metadata.ownerReferences).toMatchObject([{ name: "db" }]);
    expect(pod(drill, "db-0").metadata.labels).toMatchObject({ app: "db" });
  });

  test("a deletion is of the pod that was seen, not of another one of that name", () => {
    const drill = drillOf({ replicas: 2 });
    settle(drill);
    change(drill, { replicas: 1 });
    drill.deliver();
    drill.api.edit("pods", "default/db-1", (one) => withMeta(one, { uid: "another" }));
    expect(drill.run(KEY)).toMatchObject({ kind: "retry" });
    expect(isDeleting(pod(drill, "db-1"))).toBe(false);
  });

  test("after an error the status is written nevertheless, and it is tried again", () => {
    const drill = drillOf({ replicas: 1 });
    drill.api.intercept = ({ verb, resource }) =>
      verb === "create" && resource === "pods" ? statusResponse(failure("InternalError", 500, "no")) : undefined;
    drill.deliver();
    expect(drill.run(KEY)).toMatchObject({ kind: "retry", error: "no" });
    expect(current(drill).status).toMatchObject({ replicas: 0, observedGeneration: 1 });
  });

  test("while the set is being deleted nothing is done but its status", () => {
    const drill = drillOf({ replicas: 2 });
    drill.api.edit("statefulsets", KEY, (one) =>
      withMeta(one, { deletionTimestamp: timeOf(drill.wall), finalizers: ["foregroundDeletion"] }),
    );
    drill.settle();
    expect(names(drill)).toEqual([]);
  });

  test("pods of another set whose name begins alike are not its own", () => {
    const drill = drillOf({ replicas: 1 });
    const other: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "db-a-0",
        namespace: "default",
        labels: { app: "db" },
        ownerReferences: [{ ...controllerReference(current(drill)), uid: "another" }],
      },
      spec: { containers: [] },
    };
    drill.api.put(other);
    settle(drill);
    expect(names(drill)).toEqual(["db-0", "db-a-0"]);
  });
});
