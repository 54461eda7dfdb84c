import { beforeEach, describe, expect, test } from "vitest";
import {
  bindRequest,
  createRequest,
  deleteCollectionRequest,
  deleteRequest,
  evictRequest,
  getRequest,
  listRequest,
  patchRequest,
  updateRequest,
} from "../../machinery/client/requests.ts";
import type {
  ConfigMap,
  Deployment,
  KubeObject,
  Lease,
  Namespace,
  Pod,
  PodDisruptionBudget,
  Scale,
} from "../../machinery/kinds/index.ts";
import { withMeta } from "../../machinery/meta.ts";
import { raftRules } from "../../raft/index.ts";
import { storeMember } from "../../store/index.ts";
import { testConfig } from "../../store/testing/cluster.ts";
import { apiServer, apiServerConfig } from "../index.ts";
import { ServerWorld } from "../testing/world.ts";

const SECOND = 1_000_000;
let world: ServerWorld;

beforeEach(() => {
  world = new ServerWorld();
  world.start("m1", storeMember(raftRules), testConfig("m1", ["m1"], { watchWindow: 1000 }));
  world.start("a", apiServer, apiServerConfig("a", ["m1"]));
  world.advance(5 * SECOND);
});

function configMap(name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
}

function pod(name: string, over: Partial<Pod["spec"]> = {}, labels: Record<string, string> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels },
    spec: { containers: [{ name: "c", image: "i" }], ...over },
  };
}

function deployment(name: string): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "c", image: "i" }] } },
    },
  };
}

const as = <O extends KubeObject>(object: O): O => object;
const create = <O extends KubeObject>(object: O) => world.object<O>("a", createRequest(object));
const update = <O extends KubeObject>(object: O) => world.object<O>("a", updateRequest(object));
const get = <O extends KubeObject>(resource: string, name: string) =>
  world.object<O>("a", getRequest(resource, "default", name));
const missing = (resource: string, name: string) =>
  world.failure("a", getRequest(resource, "default", name)).reason === "NotFound";

describe("the server", () => {
  test("makes the namespaces of the system", () => {
    const list = world.call("a", listRequest("namespaces"));
    expect(list.kind === "list" && list.items.map(({ metadata }) => metadata.name)).toEqual([
      "default",
      "kube-node-lease",
      "kube-public",
      "kube-system",
    ]);
  });

  test("has few events when nothing happens", () => {
    const before = world.lifeOf("a").inputs.length;
    world.advance(60 * SECOND);
    expect(world.lifeOf("a").inputs.length - before).toBeLessThan(150);
  });
});

describe("create", () => {
  test("fills in what the system says, and leaves out what a client may not say", () => {
    const made = create({ ...withMeta(configMap("a"), { uid: "mine", generation: 7 }) });
    expect(made.metadata.uid).not.toBe("mine");
    expect(made.metadata.resourceVersion).toMatch(/^\d+$/);
    expect(made.metadata.creationTimestamp).toBe("2026-01-01T00:00:06Z");
    expect(made.metadata.generation).toBeUndefined();
    expect(get("configmaps", "a")).toEqual(made);
  });

  test("refuses a name that is taken, a version, and another namespace", () => {
    create(configMap("a"));
    expect(world.failure("a", createRequest(configMap("a")))).toMatchObject({
      code: 409,
      reason: "AlreadyExists",
      message: 'configmaps "a" already exists',
    });
    const versioned = withMeta(configMap("b"), { resourceVersion: "4" });
    expect(world.failure("a", createRequest(versioned)).code).toBe(500);
    expect(world.failure("a", createRequest(configMap("b"), "kube-system"))).toMatchObject({
      code: 400,
      message: "the namespace of the provided object does not match the namespace sent on the request",
    });
    expect(world.failure("a", createRequest(withMeta(configMap("b"), { namespace: "none" })))).toMatchObject({
      code: 404,
      message: 'namespaces "none" not found',
    });
  });

  test("generates names", () => {
    const asked = withMeta(configMap(""), { generateName: "web-" });
    const names = [1, 2, 3].map(() => create(asked).metadata.name);
    for (const name of names) expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(new Set(names).size).toBe(3);
  });

  test("validates", () => {
    expect(world.failure("a", createRequest(pod("A_B")))).toMatchObject({ code: 422, reason: "Invalid" });
  });

  test("finds a namespace that its cache does not have yet", () => {
    world.hold = ({ message }) => message.kind === "watchResponse";
    world.object("a", createRequest({ apiVersion: "v1", kind: "Namespace", metadata: { name: "new" } }));
    expect(create(withMeta(configMap("a"), { namespace: "new" })).metadata.namespace).toBe("new");
    expect(world.notes.get("apiserver/rest/live-namespace-lookup")).toBe(1);
  });

  test("writes nothing in a dry run", () => {
    world.object("a", { ...createRequest(configMap("a")), dryRun: true });
    expect(missing("configmaps", "a")).toBe(true);
  });
});

describe("update", () => {
  test("of an old version is refused; one without a version is not", () => {
    const one = create(configMap("a"));
    const two = update({ ...one, data: { k: "2" } });
    expect(Number(two.metadata.resourceVersion)).toBeGreaterThan(Number(one.metadata.resourceVersion));
    expect(world.failure("a", updateRequest(as<ConfigMap>({ ...one, data: { k: "3" } })))).toMatchObject({
      code: 409,
      reason: "Conflict",
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    });
    expect(update(configMap("a", { k: "4" })).data).toEqual({ k: "4" });
  });

  test("of a kind that needs a version is refused without one", () => {
    const lease: Lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "l", namespace: "default" },
      spec: { holderIdentity: "x", leaseDurationSeconds: 15 },
    };
    create(lease);
    expect(world.failure("a", updateRequest(lease))).toMatchObject({ code: 422, reason: "Invalid" });
  });

  test("that changes nothing keeps the version", () => {
    const one = create(configMap("a", { k: "1" }));
    expect(update(one).metadata.resourceVersion).toBe(one.metadata.resourceVersion);
    expect(update(configMap("a", { k: "1" })).metadata.resourceVersion).toBe(one.metadata.resourceVersion);
  });

  test("of another object of the same name is refused", () => {
    const one = create(configMap("a"));
    world.call("a", deleteRequest("configmaps", "default", "a"));
    const gone = world.failure("a", updateRequest(one));
    expect(gone).toMatchObject({ code: 409, reason: "Conflict" });
    const two = create(configMap("a"));
    expect(world.failure("a", updateRequest(one)).message).toContain(
      `UID in precondition: ${one.metadata.uid}, UID in object meta: ${two.metadata.uid}`,
    );
  });

  test("goes by the store where the cache is behind", () => {
    const one = create(configMap("a"));
    world.hold = ({ message }) => message.kind === "watchResponse";
    const two = update({ ...one, data: { k: "2" } });
    const three = update({ ...two, data: { k: "3" } });
    expect(three.data).toEqual({ k: "3" });
    expect(world.failure("a", updateRequest(as<ConfigMap>({ ...one, data: { k: "4" } }))).code).toBe(409);
  });

  test("keeps status and spec apart, and counts generations", () => {
    const one = create(deployment("d"));
    expect(one.metadata.generation).toBe(1);
    const spec = update({ ...one, spec: { ...one.spec, replicas: 5 }, status: { replicas: 9 } });
    expect(spec.metadata.generation).toBe(2);
    expect(spec.status?.replicas).toBeUndefined();
    const asked = { ...spec, spec: { ...spec.spec, replicas: 1 }, status: { replicas: 4 } };
    const status = world.object<Deployment>("a", updateRequest(asked, "status"));
    expect(status.status?.replicas).toBe(4);
    expect(status.spec.replicas).toBe(5);
    expect(status.metadata.generation).toBe(2);
  });

  test("scales", () => {
    create(deployment("d"));
    const scale = world.object<Scale>("a", getRequest("deployments", "default", "d", "", "scale"));
    expect(scale).toMatchObject({ kind: "Scale", spec: { replicas: 2 }, status: { selector: "app=d" } });
    const asked = {
      ...updateRequest(as<Scale>({ ...scale, spec: { replicas: 7 } })),
      resource: "deployments",
      subresource: "scale" as const,
    };
    expect(world.object<Scale>("a", asked).spec.replicas).toBe(7);
    expect(get<Deployment>("deployments", "d")).toMatchObject({ spec: { replicas: 7 }, metadata: { generation: 2 } });
    expect(world.failure("a", asked).code).toBe(409);
    const patch = patchRequest("deployments", "default", "d", { spec: { replicas: 1 } }, { subresource: "scale" });
    expect(world.object<Scale>("a", patch).spec.replicas).toBe(1);
  });
});

describe("patch", () => {
  test("is of what is there, unless it names a version", () => {
    const one = create(configMap("a", { k: "1" }));
    world.hold = ({ message }) => message.kind === "watchResponse";
    update({ ...one, data: { k: "2", l: "2" } });
    const patched = world.object<ConfigMap>("a", patchRequest("configmaps", "default", "a", { data: { k: "3" } }));
    expect(patched.data).toEqual({ k: "3", l: "2" });
    const { resourceVersion } = one.metadata;
    const stale = patchRequest("configmaps", "default", "a", { metadata: { resourceVersion: resourceVersion! } });
    expect(world.failure("a", stale).code).toBe(409);
  });

  test("of another UID is refused", () => {
    create(configMap("a"));
    const patch = patchRequest("configmaps", "default", "a", { metadata: { uid: "other" } }, { type: "strategic" });
    expect(world.failure("a", patch)).toMatchObject({ code: 409, reason: "Conflict" });
    expect(world.failure("a", { ...patch, name: "none" }).code).toBe(404);
  });
});

describe("delete", () => {
  test("removes what has no grace and no finalizers", () => {
    const one = create(configMap("a"));
    const response = world.call("a", deleteRequest("configmaps", "default", "a"));
    expect(response).toMatchObject({
      kind: "status",
      status: { status: "Success", details: { uid: one.metadata.uid } },
    });
    expect(missing("configmaps", "a")).toBe(true);
    expect(world.failure("a", deleteRequest("configmaps", "default", "a")).code).toBe(404);
  });

  test("minds preconditions", () => {
    const one = create(configMap("a"));
    const { resourceVersion, uid } = one.metadata;
    const by = (preconditions: object) => deleteRequest("configmaps", "default", "a", { preconditions });
    expect(world.failure("a", by({ uid: "other" }))).toMatchObject({ code: 409, reason: "Conflict" });
    expect(world.failure("a", by({ resourceVersion: "1" }))).toMatchObject({ code: 409 });
    world.call("a", by({ uid, resourceVersion }));
    expect(missing("configmaps", "a")).toBe(true);
  });

  test("only marks what has finalizers; the update that takes the last one removes it", () => {
    const one = create(withMeta(configMap("a"), { finalizers: ["example.com/x", "example.com/y"] }));
    const marked = world.object<ConfigMap>("a", deleteRequest("configmaps", "default", "a"));
    expect(marked.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, uid: one.metadata.uid });
    const again = world.object<ConfigMap>("a", deleteRequest("configmaps", "default", "a"));
    expect(again.metadata.resourceVersion).toBe(marked.metadata.resourceVersion);
    const more = withMeta(marked, { finalizers: ["example.com/x", "example.com/z"] });
    expect(world.failure("a", updateRequest(more))).toMatchObject({ code: 422 });
    const { deletionTimestamp: _, ...revived } = marked.metadata as ConfigMap["metadata"];
    expect(
      update<ConfigMap>({ ...marked, metadata: revived as ConfigMap["metadata"] }).metadata.deletionTimestamp,
    ).toBe(marked.metadata.deletionTimestamp);
    const less = update(withMeta(marked, { finalizers: ["example.com/y"] }));
    const last = update(withMeta(less, { finalizers: [] }));
    expect(last.metadata.uid).toBe(one.metadata.uid);
    expect(missing("configmaps", "a")).toBe(true);
  });

  test("gives pods their grace, which may only get shorter", () => {
    const one = create(pod("p", { nodeName: "n" }));
    const marked = world.object<Pod>("a", deleteRequest("pods", "default", "p"));
    expect(marked.metadata).toMatchObject({
      deletionGracePeriodSeconds: 30,
      deletionTimestamp: "2026-01-01T00:00:36Z",
      generation: (one.metadata.generation ?? 0) + 1,
    });
    const later = world.object<Pod>("a", deleteRequest("pods", "default", "p", { gracePeriodSeconds: 60 }));
    expect(later.metadata.resourceVersion).toBe(marked.metadata.resourceVersion);
    const sooner = world.object<Pod>("a", deleteRequest("pods", "default", "p", { gracePeriodSeconds: 5 }));
    expect(sooner.metadata).toMatchObject({
      deletionGracePeriodSeconds: 5,
      deletionTimestamp: "2026-01-01T00:00:11Z",
      generation: marked.metadata.generation,
    });
    const now = world.call("a", deleteRequest("pods", "default", "p", { gracePeriodSeconds: 0 }));
    expect(now).toMatchObject({ kind: "status", status: { status: "Success" } });
    expect(missing("pods", "p")).toBe(true);
  });

  test("removes a pod without a node at once", () => {
    create(pod("p"));
    world.call("a", deleteRequest("pods", "default", "p"));
    expect(missing("pods", "p")).toBe(true);
  });

  test("says by finalizers what becomes of dependents", () => {
    const propagated = (
      name: string,
      propagationPolicy?: "Orphan" | "Foreground" | "Background",
      finalizers?: string[],
    ) => {
      create(finalizers === undefined ? deployment(name) : withMeta(deployment(name), { finalizers }));
      const options = propagationPolicy === undefined ? {} : { propagationPolicy };
      const response = world.call("a", deleteRequest("deployments", "default", name, options));
      return response.kind === "object" ? response.object.metadata.finalizers : null;
    };
    expect(propagated("a", "Orphan")).toEqual(["orphan"]);
    expect(propagated("b", "Foreground")).toEqual(["foregroundDeletion"]);
    expect(propagated("c", "Background")).toBeNull();
    expect(propagated("d")).toBeNull();
    expect(propagated("e", "Background", ["orphan"])).toBeNull();
    expect(propagated("f", undefined, ["orphan"])).toEqual(["orphan"]);
    expect(propagated("g", "Foreground", ["orphan", "example.com/x"])).toEqual(["example.com/x", "foregroundDeletion"]);
  });

  test("keeps a namespace until it is finalized", () => {
    world.object("a", createRequest({ apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } }));
    const marked = world.object<Namespace>("a", deleteRequest("namespaces", "", "n"));
    expect(marked).toMatchObject({ status: { phase: "Terminating" }, spec: { finalizers: ["kubernetes"] } });
    expect(world.failure("a", createRequest(withMeta(configMap("a"), { namespace: "n" })))).toMatchObject({
      code: 403,
    });
    const finalized = { ...marked, spec: { finalizers: [] } };
    world.object("a", updateRequest(finalized, "finalize"));
    expect(world.failure("a", getRequest("namespaces", "", "n")).code).toBe(404);
  });

  test("takes a collection one by one", () => {
    for (const name of ["a", "b", "c"])
      create(withMeta(configMap(name), { labels: { app: name === "b" ? "y" : "x" } }));
    const response = world.call("a", deleteCollectionRequest("configmaps", "default", { labelSelector: "app=x" }));
    expect(response.kind === "list" && response.items.map(({ metadata }) => metadata.name)).toEqual(["a", "c"]);
    expect(missing("configmaps", "a")).toBe(true);
    expect(get("configmaps", "b").metadata.name).toBe("b");
  });
});

describe("binding", () => {
  test("is once, of a pod of that UID that is not going", () => {
    const one = create(pod("p"));
    const response = world.call("a", bindRequest(one, "node-1"));
    expect(response).toMatchObject({ kind: "status", status: { status: "Success", code: 201 } });
    const bound = get<Pod>("pods", "p");
    expect(bound.spec.nodeName).toBe("node-1");
    expect(bound.status?.conditions).toMatchObject([{ type: "PodScheduled", status: "True" }]);
    expect(world.failure("a", bindRequest(one, "node-2"))).toMatchObject({
      code: 409,
      message: 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "node-1"',
    });
    const other = create(pod("q"));
    expect(world.failure("a", bindRequest(withMeta(other, { uid: "x" }), "node-1")).code).toBe(409);
    const gated = create(pod("g", { schedulingGates: [{ name: "example.com/wait" }] }));
    expect(world.failure("a", bindRequest(gated, "node-1")).message).toContain("non-empty .spec.schedulingGates");
  });
});

describe("eviction", () => {
  const running = (name: string, ready = true) => {
    create(pod(name, { nodeName: "n" }, { app: "x" }));
    const status = {
      phase: "Running" as const,
      conditions: [{ type: "Ready", status: ready ? ("True" as const) : ("False" as const) }],
    };
    return world.object<Pod>("a", patchRequest("pods", "default", name, { status }, { subresource: "status" }));
  };
  const budget = (disruptionsAllowed: number, over: object = {}) => {
    const made = create<PodDisruptionBudget>({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "b", namespace: "default" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "x" } } },
    });
    const status = { observedGeneration: 1, disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
    return world.object<PodDisruptionBudget>(
      "a",
      updateRequest(as<PodDisruptionBudget>({ ...made, status: { ...status, ...over } }), "status"),
    );
  };
  const evict = (name: string) => world.call("a", evictRequest("default", name));

  test("without a budget deletes the pod, and tells it why", () => {
    running("p");
    expect(evict("p")).toMatchObject({ kind: "status", status: { status: "Success" } });
    const left = get<Pod>("pods", "p");
    expect(left.metadata.deletionTimestamp).toBeDefined();
    expect(left.status?.conditions?.find(({ type }) => type === "DisruptionTarget")?.status).toBe("True");
  });

  test("takes from the budget, and is refused when nothing is left", () => {
    running("p");
    running("q");
    budget(1);
    expect(evict("p")).toMatchObject({ status: { status: "Success" } });
    expect(get<PodDisruptionBudget>("poddisruptionbudgets", "b").status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { p: "2026-01-01T00:00:06Z" },
    });
    expect(world.failure("a", evictRequest("default", "q"))).toMatchObject({
      code: 429,
      reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: "DisruptionBudget", message: "The disruption budget b needs 1 healthy pods and has 1 currently" },
        ],
      },
    });
  });

  test("waits for the budget's controller", () => {
    running("p");
    budget(1, { observedGeneration: 0 });
    expect(world.failure("a", evictRequest("default", "p"))).toMatchObject({
      code: 429,
      details: { retryAfterSeconds: 10, causes: [{ reason: "DisruptionBudget" }] },
    });
  });

  test("lets pods go that do not count", () => {
    running("p", false);
    budget(0);
    expect(evict("p")).toMatchObject({ status: { status: "Success" } });
    create(pod("q", { nodeName: "n" }, { app: "x" }));
    expect(evict("q")).toMatchObject({ status: { status: "Success" } });
  });

  test("is not for pods of several budgets", () => {
    running("p");
    const one = budget(1);
    const { resourceVersion: _, uid: __, ...metadata } = one.metadata;
    create({ ...one, metadata: { ...metadata, name: "c" } });
    expect(world.failure("a", evictRequest("default", "p"))).toMatchObject({ code: 500 });
  });
});

describe("lists", () => {
  test("come in pages of one version", () => {
    for (const name of ["a", "b", "c", "d"]) create(configMap(name));
    const first = world.call("a", listRequest("configmaps", { namespace: "default", limit: 3 }));
    if (first.kind !== "list") throw new Error();
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(["a", "b", "c"]);
    expect(first.remainingItemCount).toBe(1);
    create(configMap("e"));
    const rest = world.call(
      "a",
      listRequest("configmaps", { namespace: "default", limit: 3, continue: first.continue }),
    );
    if (rest.kind !== "list") throw new Error();
    expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(["d"]);
    expect(rest.resourceVersion).toBe(first.resourceVersion);
    expect(rest.continue).toBe("");
  });

  test("with a limit and a selector read on until they are full", () => {
    for (const name of ["a", "b", "c", "d", "e", "f"])
      create(withMeta(configMap(name), { labels: { app: "bdf".includes(name) ? "x" : "y" } }));
    const page = (token: string) => {
      const list = world.call("a", listRequest("configmaps", { labelSelector: "app=x", limit: 2, continue: token }));
      if (list.kind !== "list") throw new Error();
      return list;
    };
    const first = page("");
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(["b", "d"]);
    expect(page(first.continue).items.map(({ metadata }) => metadata.name)).toEqual(["f"]);
  });

  test("of the latest version wait for a cache that is behind; those of any version do not", () => {
    create(configMap("a"));
    world.hold = ({ message }) => message.kind === "watchResponse";
    create(configMap("b"));
    const names = (response: ReturnType<typeof world.call> | undefined) =>
      response?.kind === "list" ? response.items.map(({ metadata }) => metadata.name) : null;
    expect(names(world.call("a", listRequest("configmaps", { resourceVersion: "0" })))).toEqual(["a"]);
    const waiting = world.send("a", listRequest("configmaps"));
    expect(world.answer(waiting)).toBeUndefined();
    world.hold = () => false;
    world.settle();
    expect(names(world.answer(waiting))).toEqual(["a", "b"]);
  });

  test("wait for a version, but not for ever", () => {
    const one = create(configMap("a"));
    world.lose = ({ message }) => message.kind === "watchResponse";
    const two = create(configMap("b"));
    const { resourceVersion } = two.metadata;
    const waiting = world.send("a", listRequest("configmaps", { resourceVersion: resourceVersion! }));
    world.advance(4 * SECOND);
    expect(world.answer(waiting)).toMatchObject({
      kind: "status",
      status: {
        code: 504,
        reason: "Timeout",
        details: { retryAfterSeconds: 1, causes: [{ reason: "ResourceVersionTooLarge" }] },
      },
    });
    expect(world.object("a", getRequest("configmaps", "default", "a", "0")).metadata).toEqual(one.metadata);
    // The latest version comes from the store then.
    const latest = world.send("a", listRequest("configmaps"));
    world.advance(4 * SECOND);
    const answer = world.answer(latest);
    expect(answer?.kind === "list" && answer.items.length).toBe(2);
  });

  test("of an exact version are of the past", () => {
    const one = create(configMap("a"));
    create(configMap("b"));
    const { resourceVersion } = one.metadata;
    const list = world.call(
      "a",
      listRequest("configmaps", { resourceVersion: resourceVersion!, resourceVersionMatch: "Exact" }),
    );
    expect(list.kind === "list" && list.items.map(({ metadata }) => metadata.name)).toEqual(["a"]);
  });
});
