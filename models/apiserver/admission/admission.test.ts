import { describe, expect, test } from "vitest";
import type { ApiRequest } from "../../machinery/api.ts";
import { createRequest, deleteRequest, updateRequest } from "../../machinery/client/requests.ts";
import type { KubeObject, Node, Pod } from "../../machinery/kinds/index.ts";
import { frozen, OBJECTS, POD, spoiled } from "../kinds/testing/objects.ts";
import type { AdmissionContext } from "../strategy.ts";
import { ADMISSION, authorize } from "./index.ts";

const RESOURCE_OF: Readonly<Record<string, string>> = {
  Namespace: "namespaces",
  PriorityClass: "priorityclasses",
  StorageClass: "storageclasses",
  Pod: "pods",
};
const named = (kind: string): KubeObject => OBJECTS.find((object) => object.kind === kind)!;
const namespace = (name: string, rest: object = {}): KubeObject =>
  ({ apiVersion: "v1", kind: "Namespace", metadata: { name }, ...rest }) as KubeObject;

function contextOf(user: string, ...objects: readonly KubeObject[]): AdmissionContext {
  const all = [namespace("default"), namespace("kube-node-lease"), ...objects];
  const of = (resource: string, inside: string) =>
    all.filter(({ kind, metadata }) => RESOURCE_OF[kind] === resource && (metadata.namespace ?? "") === inside);
  return {
    user,
    get: (resource, inside, name) => of(resource, inside).find(({ metadata }) => metadata.name === name) ?? null,
    list: (resource, inside) => of(resource, inside),
  };
}

/** What all plugins make of a request: the object, or the message of the first refusal. */
function admitted(
  context: AdmissionContext,
  request: ApiRequest,
  object: KubeObject | null,
  old: KubeObject | null = null,
) {
  frozen(object);
  frozen(old);
  let result = object;
  for (const plugin of ADMISSION) if (plugin.admit !== undefined) result = plugin.admit(context, request, result, old);
  for (const plugin of ADMISSION) {
    const refusal = plugin.validate?.(context, request, frozen(result), old) ?? null;
    if (refusal !== null) return refusal.message;
  }
  return result;
}

const admin = (...objects: readonly KubeObject[]) => contextOf("admin", ...objects);
const create = (context: AdmissionContext, object: KubeObject) => admitted(context, createRequest(object), object);
const bare: Pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "default" }, spec: POD.spec };

describe("namespaces", () => {
  const inside = (name: string): Pod => ({ ...bare, metadata: { name: "a", namespace: name } });

  test("nothing is created where there is none, or where it is going", () => {
    expect(create(admin(), inside("gone"))).toBe('namespaces "gone" not found');
    const terminating = namespace("going", { status: { phase: "Terminating" } });
    expect(create(admin(terminating), inside("going"))).toBe(
      'pods "a" is forbidden: unable to create new content in namespace going because it is being terminated',
    );
    const marked = { ...namespace("going"), metadata: { name: "going", deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect(create(admin(marked), inside("going"))).toMatch(/being terminated$/);
  });

  test("but what is there may change and go", () => {
    const pod = inside("gone");
    expect(admitted(admin(), updateRequest(pod), pod, pod)).toMatchObject({ metadata: { name: "a" } });
    expect(admitted(admin(), deleteRequest("pods", "gone", "a"), null, pod)).toBeNull();
  });

  test("some stay for good", () => {
    for (const name of ["default", "kube-system", "kube-public"])
      expect(admitted(admin(), deleteRequest("namespaces", "", name), null, namespace(name))).toBe(
        `namespaces "${name}" is forbidden: this namespace may not be deleted`,
      );
    expect(admitted(admin(), deleteRequest("namespaces", "", "mine"), null, namespace("mine"))).toBeNull();
  });
});

describe("pods", () => {
  test("get a priority, a service account, and time on nodes that are lost", () => {
    expect((create(admin(), bare) as Pod).spec).toEqual({
      ...bare.spec,
      priority: 0,
      preemptionPolicy: "PreemptLowerPriority",
      serviceAccountName: "default",
      tolerations: [
        { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
        { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
      ],
    });
  });

  test("that have it all are the same", () => {
    const made = create(admin(), bare) as Pod;
    expect(create(admin(), made)).toBe(made);
  });

  test("that tolerate the taints themselves get nothing more", () => {
    const tolerations = [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" }] as const;
    const pod = { ...bare, spec: { ...bare.spec, tolerations } };
    expect((create(admin(), pod) as Pod).spec.tolerations!.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([
      undefined,
      300,
    ]);
    const all = { ...bare, spec: { ...bare.spec, tolerations: [{ operator: "Exists" as const }] } };
    expect((create(admin(), all) as Pod).spec.tolerations).toHaveLength(1);
  });

  const classOf = (name: string, value: number, rest: object = {}): KubeObject =>
    ({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value, ...rest }) as KubeObject;
  const withClass = (priorityClassName: string, rest: object = {}): Pod => ({
    ...bare,
    spec: { ...bare.spec, priorityClassName, ...rest },
  });

  test("have the priority of their class", () => {
    const high = classOf("high", 1000, { preemptionPolicy: "Never" });
    expect((create(admin(high), withClass("high")) as Pod).spec).toMatchObject({
      priority: 1000,
      preemptionPolicy: "Never",
    });
    expect((create(admin(), withClass("system-node-critical")) as Pod).spec.priority).toBe(2_000_001_000);
    expect((create(admin(), withClass("system-cluster-critical")) as Pod).spec.priority).toBe(2_000_000_000);
    expect(create(admin(), withClass("none"))).toBe('pods "a" is forbidden: no PriorityClass with name none was found');
    expect(create(admin(high), withClass("high", { priority: 7 }))).toBe(
      'pods "a" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
    );
  });

  test("without a class have the default one", () => {
    const [low, middle] = [classOf("low", 5, { globalDefault: true }), classOf("middle", 50, { globalDefault: true })];
    expect((create(admin(middle, low), bare) as Pod).spec).toMatchObject({ priorityClassName: "low", priority: 5 });
    expect(create(admin(low), middle)).toBe(
      'priorityclasses.scheduling.k8s.io "middle" is forbidden: PriorityClass low is already marked as default. Only one default can exist',
    );
  });

  test("keep their priority when an update does not say it", () => {
    const old = create(admin(), bare) as Pod;
    const { priority: _, preemptionPolicy: __, ...spec } = old.spec;
    const updated = { ...old, spec } as Pod;
    expect(admitted(admin(), updateRequest(updated), updated, old)).toEqual(old);
  });
});

describe("storage", () => {
  const claim = named("PersistentVolumeClaim");
  const marked = (name: string, age: string): KubeObject => {
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    return { ...named("StorageClass"), metadata: { name, creationTimestamp: age, annotations } } as KubeObject;
  };

  test("a claim has the default class, the newest of several", () => {
    const classes = [marked("old", "2026-01-01T00:00:00Z"), marked("new", "2026-01-02T00:00:00Z")];
    expect(create(admin(...classes), claim)).toMatchObject({ spec: { storageClassName: "new" } });
    expect(create(admin(...classes), spoiled(claim, "spec.storageClassName", ""))).toMatchObject({
      spec: { storageClassName: "" },
    });
    expect(create(admin(), claim)).not.toHaveProperty("spec.storageClassName");
  });

  test("claims and volumes are protected", () => {
    expect((create(admin(), claim) as KubeObject).metadata.finalizers).toEqual(["kubernetes.io/pvc-protection"]);
    expect((create(admin(), named("PersistentVolume")) as KubeObject).metadata.finalizers).toEqual([
      "kubernetes.io/pv-protection",
    ]);
  });
});

describe("nodes", () => {
  const node = named("Node") as Node;
  const own = contextOf("system:node:node");
  const other = contextOf("system:node:other");
  const pod: Pod = { ...bare, spec: { ...bare.spec, nodeName: "node" } };

  test("a new one takes no pods", () => {
    expect((create(own, node) as Node).spec!.taints).toEqual([
      { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
    ]);
  });

  test("a kubelet changes its own node, and not the taints", () => {
    expect(create(other, node)).toBe('nodes "node" is forbidden: node "other" is not allowed to modify node "node"');
    expect(admitted(own, updateRequest(node, "status"), node, node)).toBe(node);
    const untainted = { ...node, spec: { taints: [] } };
    const tainted = { ...node, spec: { taints: [{ key: "a", effect: "NoSchedule" as const }] } };
    expect(admitted(own, updateRequest(untainted), untainted, tainted)).toBe(
      'nodes "node" is forbidden: node "node" is not allowed to modify taints',
    );
  });

  test("a kubelet writes the status of its pods, and deletes them", () => {
    expect(admitted(own, updateRequest(pod, "status"), pod, pod)).toBe(pod);
    expect(admitted(own, deleteRequest("pods", "default", "a"), null, pod)).toBeNull();
    expect(admitted(other, updateRequest(pod, "status"), pod, pod)).toBe(
      'pods "a" is forbidden: node "other" can only update pod status for pods with spec.nodeName set to itself',
    );
    expect(admitted(other, deleteRequest("pods", "default", "a"), null, pod)).toBe(
      'pods "a" is forbidden: node "other" can only delete pods with spec.nodeName set to itself',
    );
    expect(create(own, pod)).toMatch(/can only create mirror pods$/);
  });

  test("a kubelet has one lease", () => {
    const lease = (name: string, inside: string): KubeObject =>
      ({ ...named("Lease"), metadata: { name, namespace: inside } }) as KubeObject;
    expect(create(own, lease("node", "kube-node-lease"))).toMatchObject({ kind: "Lease" });
    expect(create(own, lease("other", "kube-node-lease"))).toMatch(/same name as the requesting node$/);
    expect(create(own, lease("node", "default"))).toMatch(/"kube-node-lease" system namespace$/);
  });
});

describe("who may", () => {
  const get = {
    verb: "get",
    resource: "deployments",
    namespace: "default",
    name: "web",
    subresource: "",
    resourceVersion: "",
  } as const;

  test("administrators and components: everything", () => {
    for (const user of ["admin", "kubernetes-admin", "system:kube-scheduler", "system:kube-controller-manager"])
      expect(authorize(user, get)).toBeNull();
  });

  test("nobody: nothing", () => {
    expect(authorize("", get)).toMatchObject({ code: 401, reason: "Unauthorized", message: "Unauthorized" });
  });

  test("kubelets: what they need", () => {
    expect(authorize("system:node:node-1", { verb: "watch", resource: "pods" })).toBeNull();
    expect(authorize("system:node:node-1", updateRequest(POD, "status"))).toBeNull();
    expect(authorize("system:node:node-1", updateRequest(POD))).toMatchObject({ code: 403 });
    expect(authorize("system:node:node-1", get)).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message:
        'deployments.apps "web" is forbidden: User "system:node:node-1" cannot get resource "deployments" in API group "apps" in the namespace "default"',
    });
  });

  test("others: nothing", () => {
    expect(authorize("system:anonymous", { verb: "watch", resource: "nodes" })).toMatchObject({
      message:
        'nodes is forbidden: User "system:anonymous" cannot watch resource "nodes" in API group "" at the cluster scope',
    });
    expect(authorize("bob", get)).toMatchObject({ code: 403 });
  });
});
