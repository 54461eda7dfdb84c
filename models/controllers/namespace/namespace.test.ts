import { describe, expect, test } from "vitest";
import type { ConfigMap, KubeObject, Namespace, Pod } from "../../machinery/kinds/index.ts";
import { timeOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { namespaceController } from "./index.ts";

const SECOND = 1_000_000;

function namespace(deletedAt?: string): Namespace {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: "old",
      ...(deletedAt === undefined ? {} : { deletionTimestamp: deletedAt, finalizers: ["fake/hold"] }),
    },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  };
}
const map = (name: string, finalizers: readonly string[] = []): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "old", finalizers },
});
const pod = (name: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "old" },
  spec: { nodeName: "one", containers: [] },
});

function drill(...objects: readonly KubeObject[]) {
  const made = new Drill(namespaceController);
  made.api.put(namespace(timeOf(made.wall)));
  for (const object of objects) made.api.put(object);
  return made;
}
const stored = (d: ReturnType<typeof drill>) => d.api.get<Namespace>("namespaces", "old")!;
const holds = (d: ReturnType<typeof drill>) =>
  stored(d)
    .status?.conditions?.filter(({ status }) => status === "True")
    .map(({ reason }) => reason);

describe("namespace", () => {
  test("nothing for 5 s; then Terminating, content gone, finalized", () => {
    const d = drill(map("a"), map("b"));
    d.settle();
    d.advance(4 * SECOND);
    d.settle();
    expect(d.requests).toEqual([]);
    d.advance(2 * SECOND);
    d.settle();
    expect(stored(d).status?.phase).toBe("Terminating");
    expect(d.api.list("configmaps")).toEqual([]);
    expect(stored(d).spec?.finalizers).toEqual([]);
  });

  test("pods first: while they terminate all else stays", () => {
    const d = drill(map("a"), pod("p"));
    d.settle();
    d.advance(6 * SECOND);
    d.settle();
    expect(d.api.get("pods", "old/p")?.metadata.deletionTimestamp).toBeDefined();
    expect(d.api.list("configmaps")).toHaveLength(1);
    expect(holds(d)).toEqual(["SomeResourcesRemain"]);
    d.api.remove("pods", "old/p");
    d.advance(16 * SECOND);
    d.settle();
    expect(d.api.list("configmaps")).toHaveLength(0);
    expect(stored(d).spec?.finalizers).toEqual([]);
  });

  test("what has finalizers is waited for, and told", () => {
    const d = drill(map("a", ["example.com/hold"]));
    d.settle();
    d.advance(6 * SECOND);
    d.settle();
    expect(holds(d)).toEqual(["SomeResourcesRemain", "SomeFinalizersRemain"]);
    expect(stored(d).spec?.finalizers).toEqual(["kubernetes"]);
    d.api.remove("configmaps", "old/a");
    d.advance(8 * SECOND);
    d.settle();
    expect(stored(d).spec?.finalizers).toEqual([]);
  });

  test("what comes in while it is emptied keeps it from being finalized", () => {
    const d = drill();
    d.settle();
    d.advance(6 * SECOND);
    let late = false;
    d.api.intercept = (request) => {
      if (request.verb === "deletecollection" && request.resource === "secrets" && !late) {
        late = true;
        d.api.put({ apiVersion: "v1", kind: "Secret", metadata: { name: "late", namespace: "old" } });
        return {
          kind: "status",
          status: { kind: "Status", apiVersion: "v1", status: "Success", message: "", reason: "", code: 200 },
        };
      }
      return undefined;
    };
    d.settle();
    expect(stored(d).spec?.finalizers).toEqual(["kubernetes"]);
    d.advance(9 * SECOND);
    d.settle();
    expect(stored(d).spec?.finalizers).toEqual([]);
  });

  test("one that is not being deleted is left alone", () => {
    const d = new Drill(namespaceController);
    d.api.put(namespace());
    d.settle();
    d.advance(60 * SECOND);
    d.settle();
    expect(d.requests).toEqual([]);
  });
});
