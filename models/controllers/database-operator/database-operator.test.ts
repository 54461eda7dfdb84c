import { describe, expect, test } from "vitest";
import type { ApiRequest } from "../../machinery/api.ts";
import type { KubeObject, Pod } from "../../machinery/kinds/index.ts";
import { isDeleting, keyOf } from "../../machinery/meta.ts";
import { Drill } from "../testing/drill.ts";
import { databaseOperator } from "./index.ts";
import { sizeOf, startedWith } from "./objects.ts";
import { type Claim, DATABASES, type Database } from "./types.ts";

function database(spec: Partial<Database["spec"]> = {}): Database {
  return {
    apiVersion: "example.com/v1",
    kind: "Database",
    metadata: { name: "orders", namespace: "default" },
    spec: { replicas: 2, image: "db:1", storage: "1Gi", ...spec },
  };
}

class Run extends Drill<null, never, never> {
  constructor(spec: Partial<Database["spec"]> = {}) {
    super(databaseOperator as never);
    this.api.put(database(spec));
  }

  /** Pods get ready, claims are bound, what is being deleted goes; until nothing changes. */
  go(): this {
    for (let round = 0; round < 20; round++) {
      this.settle();
      const before = this.requests.length;
      for (const pod of this.pods) if (isDeleting(pod)) this.api.remove("pods", keyOf(pod));
      for (const claim of this.claims) {
        if (isDeleting(claim)) this.api.remove("persistentvolumeclaims", keyOf(claim));
        else if (claim.status?.phase !== "Bound") this.api.put({ ...claim, status: { phase: "Bound" } });
      }
      for (const pod of this.pods)
        this.api.put({ ...pod, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } });
      this.settle();
      if (this.requests.length === before) break;
    }
    return this;
  }

  want(spec: Partial<Database["spec"]>): void {
    const now = this.api.get<Database>(DATABASES, "default/orders")!;
    this.api.put({ ...now, spec: { ...now.spec, ...spec } } as KubeObject);
  }

  get pods(): readonly Pod[] {
    return this.api.list("pods") as readonly Pod[];
  }

  get claims(): readonly Claim[] {
    return this.api.list("persistentvolumeclaims") as readonly Claim[];
  }

  get sizes(): readonly string[] {
    return this.pods.map((pod) => `${pod.metadata.name} ${startedWith(pod)}`);
  }
}

const names = (objects: readonly KubeObject[]) => objects.map(({ metadata }) => metadata.name);
const verbs = (requests: readonly ApiRequest[]) => requests.map(({ verb, resource }) => `${verb} ${resource}`);

describe("a database", () => {
  test("has a claim and a pod for each instance", () => {
    const run = new Run().go();
    expect(names(run.pods)).toEqual(["orders-0", "orders-1"]);
    expect(names(run.claims)).toEqual(["data-orders-0", "data-orders-1"]);
    expect(run.api.get<Database>(DATABASES, "default/orders")!.status).toMatchObject({
      readyReplicas: 2,
      storage: "1Gi",
    });
  });

  test("that shrinks loses its highest instances, and their claims when the pods are gone", () => {
    const run = new Run({ replicas: 3 }).go();
    run.want({ replicas: 1 });
    run.go();
    expect(names(run.pods)).toEqual(["orders-0"]);
    expect(names(run.claims)).toEqual(["data-orders-0"]);
  });

  test("that grows has its claims resized one by one, and each instance started anew", () => {
    const run = new Run().go();
    run.want({ storage: "2Gi" });
    run.go();
    expect(run.claims.map(sizeOf)).toEqual(["2Gi", "2Gi"]);
    expect(run.sizes).toEqual(["orders-0 2Gi", "orders-1 2Gi"]);
  });

  test("whose resize was broken off goes on from there", () => {
    const run = new Run().go();
    run.want({ storage: "2Gi" });
    run.deliver();
    expect(run.sync("default/orders")).toMatchObject({ verb: "update", resource: "persistentvolumeclaims" });
    const [first] = run.claims;
    run.api.put({ ...first!, spec: { ...first!.spec, resources: { requests: { storage: "2Gi" } } } });
    run.answer(null);
    run.go();
    expect(run.sizes).toEqual(["orders-0 2Gi", "orders-1 2Gi"]);
  });

  test("keeps a claim that it wants after all, whatever the cache shows", () => {
    const run = new Run({ replicas: 1 }).go();
    run.want({ replicas: 2 });
    run.go();
    const [second] = run.pods.filter(({ metadata }) => metadata.name === "orders-1");
    run.hide(second!);
    run.show({
      ...run.api.get<Database>(DATABASES, "default/orders")!,
      spec: database({ replicas: 1 }).spec,
    } as Database);
    const before = run.requests.length;
    expect(run.run("default/orders").kind).toBe("done");
    expect(verbs(run.requests.slice(before))).toEqual([`get ${DATABASES}`]);
  });

  test("that is deleted goes when its pods and claims are gone", () => {
    const run = new Run().go();
    const now = run.api.get<Database>(DATABASES, "default/orders")!;
    run.api.put({ ...now, metadata: { ...now.metadata, deletionTimestamp: "2026-01-02T00:00:00Z" } });
    run.go();
    expect([...run.pods, ...run.claims]).toEqual([]);
    expect(run.api.get<Database>(DATABASES, "default/orders")?.metadata.finalizers ?? []).toEqual([]);
  });
});
