import { describe, expect, test } from "vitest";
import type { KubeObject, Namespace, Node, Pod, UnstructuredObject } from "../../machinery/kinds/index.ts";
import { RESOURCES, resourceNamed, resourceOfKind } from "../../machinery/resources.ts";
import { strategyFor } from "./index.ts";
import {
  created,
  DEPLOYMENT,
  frozen,
  JOB,
  OBJECTS,
  POD,
  STATEFUL_SET,
  spoiled,
  strategyOf,
} from "./testing/objects.ts";

const named = (kind: string): KubeObject => OBJECTS.find((object) => object.kind === kind)!;
const specOf = (object: KubeObject): Record<string, never> =>
  (object as UnstructuredObject).spec as unknown as Record<string, never>;
const statusOf = (object: KubeObject) => (object as UnstructuredObject).status;

describe("every kind", () => {
  test("has an example and rules", () => {
    expect(OBJECTS.map(({ kind }) => kind).sort()).toEqual(RESOURCES.map(({ kind }) => kind).sort());
    for (const resource of RESOURCES) expect(strategyFor(resource).resource).toBe(resource);
  });

  test.each(OBJECTS.map((object) => [object.kind, object] as const))(
    "%s: is accepted, frozen or not",
    (_kind, object) => {
      const strategy = strategyOf(object);
      const made = frozen(created(frozen(object)));
      expect(strategy.validate(made)).toEqual([]);
      expect(strategy.unknownFields(made)).toEqual([]);
      expect(JSON.parse(JSON.stringify(made))).toEqual(made);
    },
  );

  test.each(OBJECTS.map((object) => [object.kind, object] as const))("%s: defaults fill in once", (_kind, object) => {
    const strategy = strategyOf(object);
    const once = strategy.defaults(object);
    expect(strategy.defaults(once)).toBe(once);
  });

  test.each(OBJECTS.map((object) => [object.kind, object] as const))(
    "%s: an update that changes nothing is accepted, and counts nothing",
    (_kind, object) => {
      const strategy = strategyOf(object);
      const old = frozen(created(object));
      const same = strategy.prepareForUpdate(strategy.defaults(old), old);
      expect(same).toEqual(old);
      expect(strategy.validateUpdate(same, old)).toEqual([]);
    },
  );

  test.each(OBJECTS.map((object) => [object.kind, object] as const))(
    "%s: status and spec are written apart",
    (_kind, object) => {
      const strategy = strategyOf(object);
      if (!strategy.resource.hasStatus) return;
      const old = frozen({ ...created(object), status: { before: true } } as KubeObject);
      const annotated = spoiled(spoiled(old, "metadata.annotations", { a: "b" }), "metadata.generation", 77);
      const meant = { ...annotated, spec: { other: 1 }, status: { after: true } };
      expect(statusOf(strategy.prepareForUpdate(meant as KubeObject, old))).toEqual({ before: true });
      const written = strategy.prepareForStatusUpdate(frozen(meant) as KubeObject, old);
      expect(written).toEqual({
        ...old,
        metadata: { ...old.metadata, annotations: { a: "b" } },
        status: { after: true },
      });
    },
  );

  test.each(OBJECTS.map((object) => [object.kind, object] as const))(
    "%s: what does not decode is told",
    (_kind, object) => {
      const strategy = strategyOf(object);
      for (const wrong of [spoiled(object, "metadata.labels", [1]), spoiled(object, "metadata.finalizers", "a")]) {
        const [error, ...more] = strategy.validate(strategy.defaults(wrong));
        expect(more).toEqual([]);
        expect(error!.reason).toBe("FieldValueTypeInvalid");
        expect(error!.message).toMatch(
          /^json: cannot unmarshal (array|string) into Go struct field ObjectMeta\.metadata\./,
        );
      }
    },
  );

  test.each(OBJECTS.map((object) => [object.kind, object] as const))(
    "%s: survives any part of it being anything",
    (_kind, object) => {
      const strategy = strategyOf(object);
      const paths: string[] = [];
      const collect = (value: unknown, path: string): void => {
        if (path !== "") paths.push(path);
        if (typeof value === "object" && value !== null)
          for (const [key, inner] of Object.entries(value)) collect(inner, path === "" ? key : `${path}.${key}`);
      };
      collect(created(object), "");
      for (const path of paths.filter((one) => !/^(kind|apiVersion|metadata)$/.test(one)))
        for (const junk of [undefined, null, 7, "text", true, [], {}, [null], { a: null }]) {
          const wrong = spoiled(created(object), path, junk);
          const filled = strategy.defaults(wrong);
          if (strategy.validate(filled).some(({ reason }) => reason === "FieldValueTypeInvalid")) continue;
          const made = strategy.prepareForCreate(filled);
          strategy.validate(made);
          strategy.unknownFields(made);
          strategy.fields(made);
          strategy.validateUpdate(strategy.prepareForUpdate(filled, created(object)), created(object));
        }
    },
  );
});

describe("generation", () => {
  const COUNTED = [
    POD,
    DEPLOYMENT,
    STATEFUL_SET,
    JOB,
    named("ReplicaSet"),
    named("CronJob"),
    named("PodDisruptionBudget"),
  ];

  test.each(COUNTED.map((object) => [object.kind, object] as const))(
    "%s: counts changes of its spec",
    (_kind, object) => {
      const strategy = strategyOf(object);
      const old = created(object);
      expect(old.metadata.generation).toBe(1);
      const changed = { ...old, spec: { ...specOf(old), minReadySeconds: 5 } } as KubeObject;
      expect(strategy.prepareForUpdate(changed, old).metadata.generation).toBe(2);
      const labelled = spoiled(old, "metadata.labels", { a: "b" });
      expect(strategy.prepareForUpdate(labelled, old).metadata.generation).toBe(1);
    },
  );

  test("nobody may set it", () => {
    const old = created(DEPLOYMENT);
    const strategy = strategyOf(DEPLOYMENT);
    expect(strategy.prepareForUpdate(spoiled(old, "metadata.generation", 9), old).metadata.generation).toBe(1);
    expect(created(spoiled(DEPLOYMENT, "metadata.generation", 9)).metadata.generation).toBe(1);
  });

  test("of a deployment, annotations count", () => {
    const old = created(DEPLOYMENT);
    const annotated = spoiled(old, "metadata.annotations", { a: "b" });
    expect(strategyOf(old).prepareForUpdate(annotated, old).metadata.generation).toBe(2);
  });

  test("configuration has none", () => {
    expect(created(named("ConfigMap")).metadata).not.toHaveProperty("generation");
  });
});

describe("defaults", () => {
  test("of a pod", () => {
    const { spec, status } = created(
      spoiled(POD, "spec.containers", [
        {
          name: "c",
          image: "registry:5000/nginx",
          ports: [{ containerPort: 80 }],
          livenessProbe: { httpGet: { port: 80 }, timeoutSeconds: 0 },
          resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } },
        },
      ]),
    );
    expect(spec).toEqual({
      containers: [
        {
          name: "c",
          image: "registry:5000/nginx",
          imagePullPolicy: "Always",
          ports: [{ containerPort: 80, protocol: "TCP" }],
          livenessProbe: {
            httpGet: { port: 80, path: "/", scheme: "HTTP" },
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
          resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m", memory: "1Gi" } },
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
        },
      ],
      dnsPolicy: "ClusterFirst",
      restartPolicy: "Always",
      securityContext: {},
      terminationGracePeriodSeconds: 30,
      schedulerName: "default-scheduler",
      enableServiceLinks: true,
    });
    expect(status).toEqual({ phase: "Pending", qosClass: "Burstable" });
  });

  test.each([
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["nginx:1", "IfNotPresent"],
    ["host:5000/a/nginx", "Always"],
    ["host:5000/a/nginx:2", "IfNotPresent"],
    ["nginx@sha256:0123", "IfNotPresent"],
    ["nginx:latest@sha256:0123", "IfNotPresent"],
  ])("%s is pulled %s", (image, policy) => {
    const pod = created(spoiled(POD, "spec.containers.0.image", image));
    expect(pod.spec.containers[0]!.imagePullPolicy).toBe(policy);
  });

  test("of a template, requests stay as they are", () => {
    const object = spoiled(DEPLOYMENT, "spec.template.spec.containers.0.resources", { limits: { cpu: "1" } });
    expect(created(object).spec.template.spec.containers[0]!.resources).toEqual({ limits: { cpu: "1" } });
  });

  test("of workloads", () => {
    expect(created(DEPLOYMENT).spec).toMatchObject({
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
    expect(created(spoiled(DEPLOYMENT, "spec.strategy", { type: "Recreate" })).spec.strategy).toEqual({
      type: "Recreate",
    });
    expect(created(STATEFUL_SET).spec).toMatchObject({
      replicas: 1,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      volumeClaimTemplates: [{ apiVersion: "v1", kind: "PersistentVolumeClaim", spec: { volumeMode: "Filesystem" } }],
    });
    expect(specOf(created(named("DaemonSet")))).toMatchObject({
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
    });
    expect(specOf(created(named("CronJob")))).toMatchObject({
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
  });

  test("of a job: its selector and the labels of its pods name it", () => {
    const { spec } = created(JOB);
    expect(spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      suspend: false,
      podReplacementPolicy: "TerminatingOrFailed",
      selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "uid-of-job" } },
    });
    expect(spec.template.metadata!.labels).toEqual({
      "batch.kubernetes.io/controller-uid": "uid-of-job",
      "batch.kubernetes.io/job-name": "job",
      "controller-uid": "uid-of-job",
      "job-name": "job",
    });
    expect(created(spoiled(JOB, "spec.parallelism", 3)).spec).not.toHaveProperty("completions");
  });

  test("of others", () => {
    expect(specOf(created(named("Service")))).toEqual({
      type: "ClusterIP",
      sessionAffinity: "None",
      internalTrafficPolicy: "Cluster",
      selector: { app: "a" },
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
    });
    expect(created(named("Namespace"))).toMatchObject({
      metadata: { labels: { "kubernetes.io/metadata.name": "namespace" } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
    expect((created(named("Node")) as Node).status).toEqual({
      capacity: { cpu: "4", memory: "8Gi", pods: 110 },
      allocatable: { cpu: "4", memory: "8Gi", pods: 110 },
    });
    expect(created(named("Secret"))).toMatchObject({ type: "Opaque", data: { password: "Z2VoZWlt" } });
    expect(created(named("Secret"))).not.toHaveProperty("stringData");
    expect(created(named("StorageClass"))).toMatchObject({ reclaimPolicy: "Delete", volumeBindingMode: "Immediate" });
    expect(specOf(created(named("PersistentVolume")))).toMatchObject({ persistentVolumeReclaimPolicy: "Retain" });
    expect(statusOf(created(named("PersistentVolumeClaim")))).toEqual({ phase: "Pending" });
  });

  test("a field that is null is left out; but not within what is anything", () => {
    const object = spoiled(DEPLOYMENT, "spec.template.metadata.creationTimestamp", null);
    expect(created(object)).toEqual(created(DEPLOYMENT));
    const revision = named("ControllerRevision");
    expect(created(revision)).toMatchObject({ data: { spec: { template: { a: null } } } });
  });
});

describe("pods", () => {
  const pod = (nodeName: string, phase: string, seconds?: number): Pod => ({
    ...POD,
    spec: { ...POD.spec, nodeName, ...(seconds === undefined ? {} : { terminationGracePeriodSeconds: seconds }) },
    status: { phase: phase as "Running" },
  });

  test.each([
    [pod("node-1", "Running"), null, 30],
    [pod("node-1", "Running", 60), null, 60],
    [pod("node-1", "Running"), 5, 5],
    [pod("node-1", "Running"), 0, 0],
    [pod("node-1", "Running"), -4, 1],
    [pod("", "Pending"), null, 0],
    [pod("", "Pending"), 30, 0],
    [pod("node-1", "Failed"), null, 0],
    [pod("node-1", "Succeeded"), 10, 0],
  ])("grace period %#", (object, requested, expected) => {
    expect(strategyOf(object).gracePeriodSeconds(object, requested)).toBe(expected);
  });

  test("nothing else is deleted gracefully", () => {
    expect(strategyOf(DEPLOYMENT).gracePeriodSeconds(DEPLOYMENT, 30)).toBeNull();
  });

  test("with a gate, a condition says so", () => {
    const gated = created(spoiled(POD, "spec.schedulingGates", [{ name: "example.com/quota" }]));
    expect(gated.status!.conditions).toEqual([
      expect.objectContaining({ type: "PodScheduled", status: "False", reason: "SchedulingGated" }),
    ]);
  });

  test("fields that selectors see", () => {
    expect(strategyOf(POD).fields(created(spoiled(POD, "spec.nodeName", "node-1")))).toMatchObject({
      "metadata.name": "pod",
      "metadata.namespace": "default",
      "spec.nodeName": "node-1",
      "spec.restartPolicy": "Always",
      "spec.schedulerName": "default-scheduler",
      "status.phase": "Pending",
      "status.podIP": "",
    });
    expect(strategyOf(JOB).fields(created(JOB))).toMatchObject({ "status.successful": "0" });
    expect(strategyOf(named("Node")).fields(named("Node"))).toEqual({
      "metadata.name": "node",
      "spec.unschedulable": "false",
    });
    expect(strategyOf(named("Event")).fields(named("Event"))).toMatchObject({ "involvedObject.name": "pod" });
  });
});

describe("unknown fields", () => {
  test("are found at any depth, with their paths", () => {
    const object = spoiled(
      spoiled(spoiled(DEPLOYMENT, "spec.replica", 1), "spec.template.spec.containers.0.livenesProbe", {}),
      "metadata.annotation",
      {},
    );
    expect(strategyOf(object).unknownFields(object)).toEqual([
      "metadata.annotation",
      "spec.template.spec.containers[0].livenesProbe",
      "spec.replica",
    ]);
  });

  test("what a map's keys are is anybody's choice", () => {
    const object = spoiled(named("ConfigMap"), "data", { "any.thing": "x" });
    expect(strategyOf(object).unknownFields(object)).toEqual([]);
  });
});

describe("custom resources", () => {
  const resource = resourceOfKind("example.com/v1", "Widget");
  const strategy = strategyFor(resource);
  const widget = {
    apiVersion: "example.com/v1",
    kind: "Widget",
    metadata: { name: "w", namespace: "default", uid: "u" },
    spec: { size: 1, nothing: null },
    status: { ready: true },
  } as UnstructuredObject;

  test("pass as they are, but for the status", () => {
    expect(strategy.defaults(widget)).toBe(widget);
    const made = strategy.prepareForCreate(widget);
    expect(made).toEqual({
      ...widget,
      metadata: { ...widget.metadata, generation: 1 },
      status: undefined,
    });
    expect(strategy.validate(made)).toEqual([]);
    expect(strategy.validate(spoiled(made, "metadata.name", "A b"))).toHaveLength(1);
  });

  test("count changes of all but metadata and status", () => {
    const old = strategy.prepareForCreate(widget);
    const generation = (object: KubeObject) => strategy.prepareForUpdate(object, old).metadata.generation;
    expect(generation(spoiled(old, "spec.size", 2))).toBe(2);
    expect(generation(spoiled(old, "metadata.labels", { a: "b" }))).toBe(1);
    expect(generation({ ...old, status: { ready: false } } as KubeObject)).toBe(1);
  });

  test("an update of the status changes nothing else", () => {
    const old = strategy.prepareForCreate(widget);
    const meant = {
      ...spoiled(old, "metadata.labels", { a: "b" }),
      spec: { size: 5 },
      status: { ready: false },
    } as KubeObject;
    expect(strategy.prepareForStatusUpdate(meant, old)).toEqual({ ...old, status: { ready: false } });
  });

  test("by the plural and the group too", () => {
    expect(strategyFor(resourceNamed("widgets.example.com")).resource.namespaced).toBe(true);
  });
});

describe("writes of a status", () => {
  test("of a deployment keep its labels, of a pod its owners", () => {
    const labelled = created(DEPLOYMENT);
    const meant = spoiled(spoiled(labelled, "metadata.labels", { a: "b" }), "metadata.annotations", { c: "d" });
    const { metadata } = strategyOf(labelled).prepareForStatusUpdate(meant, labelled);
    expect(metadata).toEqual({ ...labelled.metadata, annotations: { c: "d" } });
    const pod = created(POD);
    const owned = spoiled(pod, "metadata.ownerReferences", [{ apiVersion: "v1", kind: "Node", name: "n", uid: "u" }]);
    expect(strategyOf(pod).prepareForStatusUpdate(owned, pod)).toEqual(pod);
  });
});

describe("namespaces", () => {
  test("finalizers of the spec are not the client's to change", () => {
    const old = created(named("Namespace")) as Namespace;
    const emptied = { ...old, spec: { finalizers: [] } } as Namespace;
    expect(strategyOf(old).prepareForUpdate(emptied, old)).toEqual(old);
  });
});
