import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Deployment, IntOrString, Pod, ReplicaSet } from "../../machinery/kinds/index.ts";
import { controllerReference, keyOf, withMeta } from "../../machinery/meta.ts";
import { failure, forbidden, statusResponse } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { deployment as deploymentOf, inPhase, replicaSet, template } from "../testing/objects.ts";
import { changeSpec, converge } from "../testing/surroundings.ts";
import { deployment } from "./index.ts";
import { newReplicas, resolveFenceposts } from "./replicas.ts";

const KEY = "default/web";
const SECOND = 1_000_000;

type DeploymentDrill = ReturnType<typeof drillOf>;

function drillOf(spec: Partial<Deployment["spec"]> = {}) {
  const drill = new Drill(deployment);
  drill.api.put(deploymentOf("web", spec));
  return drill;
}

const change = (drill: DeploymentDrill, spec: Partial<Deployment["spec"]>): void =>
  changeSpec<Deployment>(drill, "deployments", KEY, spec);
const sets = (drill: DeploymentDrill): readonly ReplicaSet[] => drill.api.list<ReplicaSet>("replicasets");
const setOf = (drill: DeploymentDrill, image: string): ReplicaSet =>
  sets(drill).find(({ spec }) => spec.template.spec.containers[0]!.image === image)!;
const size = (drill: DeploymentDrill, image: string): number => setOf(drill, image).spec.replicas!;
const current = (drill: DeploymentDrill): Deployment => drill.api.get<Deployment>("deployments", KEY)!;
const condition = (drill: DeploymentDrill, type: string) =>
  current(drill).status!.conditions!.find((one) => one.type === type);

/** What the controller of sets would report: so many of each are there and available. */
function report(drill: DeploymentDrill, image: string, replicas: number, available = replicas): void {
  drill.api.edit<ReplicaSet>("replicasets", keyOf(setOf(drill, image)), (set) => ({
    ...set,
    status: {
      replicas,
      readyReplicas: available,
      availableReplicas: available,
      observedGeneration: set.metadata.generation!,
    },
  }));
}

/** All sets have as many pods as they ask for, all available. */
function reportAll(drill: DeploymentDrill): void {
  for (const { spec } of sets(drill)) report(drill, spec.template.spec.containers[0]!.image!, spec.replicas!);
}

const rollOut = (drill: DeploymentDrill): void => converge(drill, () => reportAll(drill), 30);

describe("a first rollout", () => {
  test("one set, of the template's hash, with revision 1 and the size it was meant for", () => {
    const drill = drillOf({ replicas: 4 });
    drill.settle();
    expect(sets(drill)).toHaveLength(1);
    const [set] = sets(drill);
    const hash = set!.metadata.labels!["pod-template-hash"]!;
    expect(set!.metadata.name).toBe(`web-${hash}`);
    expect(set!.metadata.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "1",
      "deployment.kubernetes.io/desired-replicas": "4",
      "deployment.kubernetes.io/max-replicas": "5",
    });
    expect(set!.spec).toMatchObject({
      replicas: 4,
      selector: { matchLabels: { app: "web", "pod-template-hash": hash } },
      template: { metadata: { labels: { app: "web", "pod-template-hash": hash } } },
    });
    expect(condition(drill, "Available")).toMatchObject({ status: "False", reason: "MinimumReplicasUnavailable" });
  });

  test("progresses, and is complete when all are available", () => {
    const drill = drillOf({ replicas: 2 });
    drill.settle();
    report(drill, "image:1", 2, 1);
    drill.settle();
    expect(condition(drill, "Progressing")).toMatchObject({ status: "True", reason: "ReplicaSetUpdated" });
    report(drill, "image:1", 2);
    drill.settle();
    expect(condition(drill, "Progressing")).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" });
    expect(condition(drill, "Available")).toMatchObject({ status: "True" });
    expect(current(drill).status).toMatchObject({
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    });
    drill.requests.length = 0;
    drill.run(KEY);
    expect(drill.requests).toEqual([]);
  });

  test("is late after its deadline, and says so once", () => {
    const drill = drillOf({ replicas: 2, progressDeadlineSeconds: 60 });
    drill.settle();
    report(drill, "image:1", 2, 0);
    drill.settle();
    expect(drill.delayed.get(KEY)).toBeLessThanOrEqual(drill.now + 62 * SECOND);
    drill.advance(62 * SECOND);
    drill.settle();
    expect(condition(drill, "Progressing")).toMatchObject({ status: "False", reason: "ProgressDeadlineExceeded" });
    expect(drill.delayed.size).toBe(0);
    report(drill, "image:1", 2);
    drill.settle();
    expect(condition(drill, "Progressing")).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" });
  });

  test("a set that cannot be created is told, and tried again", () => {
    const drill = drillOf();
    let refusals = 2;
    drill.api.intercept = ({ verb }) =>
      verb === "create" && refusals-- > 0 ? statusResponse(forbidden("replicasets", "", "quota")) : undefined;
    drill.deliver();
    expect(drill.run(KEY)).toMatchObject({ kind: "retry" });
    expect(condition(drill, "Progressing")).toMatchObject({ status: "False", reason: "ReplicaSetCreateError" });
    drill.settle();
    expect(sets(drill)).toHaveLength(1);
  });

  test("in a namespace that ends nothing is tried again", () => {
    const drill = drillOf();
    drill.api.intercept = ({ verb }) =>
      verb === "create"
        ? statusResponse(forbidden("replicasets", "", "ending", [{ reason: "NamespaceTerminating" }]))
        : undefined;
    drill.deliver();
    expect(drill.run(KEY)).toEqual({ kind: "done" });
  });
});

describe("a rolling update", () => {
  test("stays within surge and availability at every step, and ends", () => {
    const drill = drillOf({
      replicas: 10,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
    });
    rollOut(drill);
    change(drill, { template: template("web", "image:2") });
    for (let round = 0; round < 40; round++) {
      drill.settle();
      const total = sets(drill).reduce((sum, { spec }) => sum + spec.replicas!, 0);
      expect(total).toBeLessThanOrEqual(13);
      // One pod at a time becomes available, so that available pods lag behind.
      let available = 0;
      for (const set of sets(drill)) {
        const ready = Math.min(set.spec.replicas!, (set.status?.availableReplicas ?? 0) + 1);
        available += ready;
        report(drill, set.spec.template.spec.containers[0]!.image!, set.spec.replicas!, ready);
      }
      expect(available).toBeGreaterThanOrEqual(8);
    }
    expect([size(drill, "image:1"), size(drill, "image:2")]).toEqual([0, 10]);
    expect(condition(drill, "Progressing")).toMatchObject({ reason: "NewReplicaSetAvailable" });
    expect(setOf(drill, "image:2").metadata.annotations).toMatchObject({ "deployment.kubernetes.io/revision": "2" });
    expect(current(drill).metadata.annotations).toMatchObject({ "deployment.kubernetes.io/revision": "2" });
  });

  test("one round of writes a sync: first up, then down", () => {
    const drill = drillOf({
      replicas: 4,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
    });
    rollOut(drill);
    change(drill, { template: template("web", "image:2") });
    drill.settle();
    // 4 old + 1 new, and then one old less: 3 available are enough.
    expect([size(drill, "image:1"), size(drill, "image:2")]).toEqual([3, 2]);
  });

  test("new replicas that are not available keep old ones alive", () => {
    const drill = drillOf({
      replicas: 4,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    rollOut(drill);
    change(drill, { template: template("web", "image:2") });
    drill.settle();
    report(drill, "image:2", 1, 0);
    drill.settle();
    expect([size(drill, "image:1"), size(drill, "image:2")]).toEqual([4, 1]);
    report(drill, "image:2", 1);
    drill.settle();
    expect([size(drill, "image:1"), size(drill, "image:2")]).toEqual([3, 2]);
  });

  test("old replicas that are not available go first", () => {
    const drill = drillOf({
      replicas: 4,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 2 } },
    });
    rollOut(drill);
    change(drill, { template: template("web", "image:2") });
    report(drill, "image:1", 4, 2);
    drill.settle();
    expect([size(drill, "image:1"), size(drill, "image:2")]).toEqual([2, 2]);
    expect(drill.notes).toContain("controllers/deployment/unhealthy-scaled-down");
  });

  test("a rollover in the middle of a rollout goes on from what there is", () => {
    const drill = drillOf({
      replicas: 4,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
    });
    rollOut(drill);
    change(drill, { template: template("web", "image:2") });
    drill.settle();
    change(drill, { template: template("web", "image:3") });
    rollOut(drill);
    expect(["image:1", "image:2", "image:3"].map((image) => size(drill, image))).toEqual([0, 0, 4]);
  });
});

describe("coming back to an older template", () => {
  test("takes its set again, with the next revision, and remembers the one before", () => {
    const drill = drillOf({ replicas: 2 });
    rollOut(drill);
    change(drill, { template: template("web", "image:2") });
    rollOut(drill);
    change(drill, { template: template("web", "image:1") });
    rollOut(drill);
    expect(sets(drill)).toHaveLength(2);
    expect([size(drill, "image:1"), size(drill, "image:2")]).toEqual([2, 0]);
    expect(setOf(drill, "image:1").metadata.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "3",
      "deployment.kubernetes.io/revision-history": "1",
    });
  });

  test("no more old sets than the history allows stay", () => {
    const drill = drillOf({ replicas: 1, revisionHistoryLimit: 2 });
    rollOut(drill);
    for (const number of [2, 3, 4, 5]) {
      change(drill, { template: template("web", `image:${number}`) });
      rollOut(drill);
    }
    expect(
      sets(drill)
        .map(({ spec }) => spec.template.spec.containers[0]!.image)
        .sort(),
    ).toEqual(["image:3", "image:4", "image:5"]);
  });
});

describe("scaling", () => {
  test("of a settled deployment scales its set", () => {
    const drill = drillOf({ replicas: 2 });
    rollOut(drill);
    change(drill, { replicas: 5 });
    drill.settle();
    expect(size(drill, "image:1")).toBe(5);
    expect(sets(drill)[0]!.metadata.annotations).toMatchObject({ "deployment.kubernetes.io/desired-replicas": "5" });
  });

  test("in the middle of a rollout is spread in proportion, the rest to the largest", () => {
    const drill = drillOf({
      replicas: 10,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
    });
    rollOut(drill);
    change(drill, { template: template("web", "image:2") });
    drill.settle();
    expect([size(drill, "image:1"), size(drill, "image:2")]).toEqual([8, 5]);
    change(drill, { replicas: 15 });
    // The example of the documentation: 5 more; with the surge 18 in all.
    drill.deliver();
    drill.run(KEY);
    expect([size(drill, "image:1"), size(drill, "image:2")]).toEqual([11, 7]);
  });

  test("to nothing", () => {
    const drill = drillOf({ replicas: 3 });
    rollOut(drill);
    change(drill, { replicas: 0 });
    rollOut(drill);
    expect(size(drill, "image:1")).toBe(0);
    expect(condition(drill, "Available")).toMatchObject({ status: "True" });
  });
});

describe("recreate", () => {
  const podOf = (set: ReplicaSet, name: string): Pod => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      labels: set.spec.template.metadata!.labels!,
      ownerReferences: [controllerReference(set)],
    },
    spec: set.spec.template.spec,
  });

  test("waits until the last old pod is gone, and makes the new set only then", () => {
    const drill = drillOf({ replicas: 2, strategy: { type: "Recreate" } });
    rollOut(drill);
    const old = setOf(drill, "image:1");
    for (const name of ["a", "b"]) drill.api.put(inPhase(podOf(old, name), "Running", timeOf(drill.wall)));
    drill.settle();
    change(drill, { template: template("web", "image:2") });
    drill.settle();
    expect(sets(drill)).toHaveLength(1);
    expect(size(drill, "image:1")).toBe(0);
    report(drill, "image:1", 0);
    drill.api.remove("pods", "default/a");
    drill.api.edit("pods", "default/b", (pod) => withMeta(pod, { deletionTimestamp: timeOf(drill.wall) }));
    drill.settle();
    expect(sets(drill)).toHaveLength(1);
    drill.api.remove("pods", "default/b");
    drill.settle();
    expect(size(drill, "image:2")).toBe(2);
  });
});

describe("paused", () => {
  test("scales, but rolls nothing out until it goes on", () => {
    const drill = drillOf({ replicas: 2 });
    rollOut(drill);
    change(drill, { paused: true, template: template("web", "image:2") });
    drill.settle();
    change(drill, { replicas: 3 });
    drill.settle();
    expect(sets(drill)).toHaveLength(1);
    expect(size(drill, "image:1")).toBe(3);
    change(drill, { paused: false });
    rollOut(drill);
    expect(size(drill, "image:2")).toBe(3);
  });

  test("is told, so that the time counts not for the deadline", () => {
    const drill = drillOf({ replicas: 2 });
    drill.settle();
    change(drill, { paused: true });
    drill.settle();
    expect(condition(drill, "Progressing")).toMatchObject({ status: "Unknown", reason: "DeploymentPaused" });
    change(drill, { paused: false });
    drill.deliver();
    drill.run(KEY);
    expect(condition(drill, "Progressing")).toMatchObject({ reason: "DeploymentResumed" });
  });
});

describe("sets of the same name, orphans, and deletion", () => {
  test("a collision of hashes takes another name, and the rollout goes on", () => {
    const drill = drillOf({ replicas: 1 });
    drill.settle();
    const [mine] = sets(drill);
    const other = drillOf({ replicas: 1 });
    // A set of somebody else has the name that the deployment's would get.
    other.api.put({
      ...replicaSet("foreign"),
      metadata: { ...replicaSet("foreign").metadata, name: mine!.metadata.name },
    });
    other.settle();
    expect(other.notes).toContain("controllers/deployment/hash-collision");
    expect(current(other).status!.collisionCount).toBe(1);
    expect(sets(other)).toHaveLength(2);
  });

  test("a set that was made and is not yet seen is not made twice", () => {
    const drill = drillOf({ replicas: 1 });
    drill.deliver();
    drill.run(KEY);
    drill.deliver("deployments");
    expect(drill.run(KEY)).toMatchObject({ kind: "retry" });
    expect(sets(drill)).toHaveLength(1);
    expect(current(drill).status?.collisionCount).toBeUndefined();
  });

  test("an orphan that matches is adopted, and taken where it has the template", () => {
    const drill = drillOf({ replicas: 2 });
    const orphan = replicaSet("orphan", {
      replicas: 2,
      selector: { matchLabels: { app: "web" } },
      template: template("web", "image:1"),
    });
    drill.api.put({ ...orphan, metadata: { ...orphan.metadata, labels: { app: "web" } } });
    drill.settle();
    expect(sets(drill)).toHaveLength(1);
    expect(sets(drill)[0]!.metadata.ownerReferences).toMatchObject([{ kind: "Deployment", name: "web" }]);
  });

  test("while it is being deleted only its status is written", () => {
    const drill = drillOf({ replicas: 2 });
    drill.api.edit("deployments", KEY, (one) =>
      withMeta(one, { deletionTimestamp: timeOf(drill.wall), finalizers: ["foregroundDeletion"] }),
    );
    drill.settle();
    expect(sets(drill)).toHaveLength(0);
    expect(current(drill).status).toMatchObject({ observedGeneration: 1 });
  });

  test("a write that conflicts is tried again with what is there", () => {
    const drill = drillOf({ replicas: 1 });
    drill.deliver();
    drill.api.edit("deployments", KEY, (one) => withMeta(one, { annotations: { a: "b" } }));
    expect(drill.run(KEY)).toMatchObject({ kind: "retry" });
    drill.settle();
    expect(setOf(drill, "image:1").metadata.annotations).toMatchObject({ a: "b" });
  });

  test("no answer is an error like another", () => {
    const drill = drillOf({ replicas: 1 });
    drill.deliver();
    drill.sync(KEY);
    expect(drill.answer(null)).toMatchObject({ verb: "update" });
    expect(drill.answer(statusResponse(failure("InternalError", 500, "no")))).toMatchObject({ kind: "retry" });
  });
});

// ---- Kubernetes' own tables

const data = new URL("../../../../shared/data/kubernetes/", import.meta.url);
const table = (name: string): { readonly cases: readonly Record<string, never>[] } =>
  existsSync(new URL(name, data)) ? JSON.parse(readFileSync(new URL(name, data), "utf8")) : { cases: [] };

describe.skipIf(!existsSync(data))("Kubernetes' tables", () => {
  const fenceposts = table("deployment_resolve_fenceposts.json").cases as unknown as readonly {
    readonly name: string;
    readonly maxSurge: IntOrString | null;
    readonly maxUnavailable: IntOrString | null;
    readonly desired: number;
    readonly expect: Record<string, unknown>;
  }[];
  test.each(fenceposts)("ResolveFenceposts: $name", ({ maxSurge, maxUnavailable, desired, expect: expected }) => {
    if (expected["error"] === true) return;
    const [surge, unavailable] = resolveFenceposts(maxSurge ?? 0, maxUnavailable ?? 0, desired);
    expect({ surge, unavailable }).toEqual(expected);
  });

  const sizes = table("deployment_new_rs_replicas.json").cases as unknown as readonly {
    readonly name: string;
    readonly strategy: "RollingUpdate" | "Recreate";
    readonly deploymentReplicas: number;
    readonly maxSurge: number;
    readonly maxUnavailable: number;
    readonly oldReplicaSets: readonly number[];
    readonly newReplicaSet: number;
    readonly expect: { readonly newReplicas: number };
  }[];
  test.each(sizes)("NewRSNewReplicas: $name", (row) => {
    const one = deploymentOf("web", {
      replicas: row.deploymentReplicas,
      strategy:
        row.strategy === "Recreate"
          ? { type: "Recreate" }
          : { type: "RollingUpdate", rollingUpdate: { maxSurge: row.maxSurge, maxUnavailable: row.maxUnavailable } },
    });
    const all = row.oldReplicaSets.map((replicas, at) => replicaSet(`old-${at}`, { replicas }));
    expect(newReplicas(one, row.newReplicaSet, all)).toBe(row.expect.newReplicas);
  });
});
