import { describe, expect, test } from "vitest";
import type { KubeObject, OwnerReference } from "../../machinery/kinds/index.ts";
import { Drill } from "../testing/drill.ts";
import { deletionStartsWith } from "./builder.ts";
import { garbageCollector } from "./index.ts";

function object(
  kind: string,
  name: string,
  owners: readonly KubeObject[] = [],
  more: Partial<OwnerReference> = {},
): KubeObject {
  const apiVersion = kind === "ReplicaSet" || kind === "Deployment" ? "apps/v1" : "v1";
  const namespace = kind === "Node" ? {} : { namespace: "default" };
  const ownerReferences = owners.map((owner) => ({ ...referenceTo(owner), ...more }));
  return { apiVersion, kind, metadata: { name, ...namespace, ...(owners.length === 0 ? {} : { ownerReferences }) } };
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid!, blockOwnerDeletion: true };
}

const drill = () => new Drill(garbageCollector);
const names = (d: ReturnType<typeof drill>, resource: string) =>
  d.api.list(resource).map(({ metadata }) => metadata.name);
const remove = (
  d: ReturnType<typeof drill>,
  resource: string,
  name: string,
  propagationPolicy: "Orphan" | "Background" | "Foreground",
) => d.api.call({ verb: "delete", resource, namespace: "default", name, options: { propagationPolicy } });

describe("garbage collector", () => {
  test("dependents go with their owner, level by level", () => {
    const d = drill();
    const deployment = d.api.put(object("Deployment", "web"));
    const set = d.api.put(object("ReplicaSet", "web-1", [deployment]));
    d.api.put(object("Pod", "web-1-a", [set]));
    d.settle();
    expect(names(d, "pods")).toEqual(["web-1-a"]);
    remove(d, "deployments", "web", "Background");
    d.settle();
    expect(names(d, "replicasets")).toEqual([]);
    expect(names(d, "pods")).toEqual([]);
  });

  test("what was dangling before the start goes", () => {
    const d = drill();
    const set = d.api.put(object("ReplicaSet", "web"));
    d.api.put(object("Pod", "web-a", [set]));
    d.api.remove("replicasets", "default/web");
    d.settle();
    expect(names(d, "pods")).toEqual([]);
    expect(d.notes).toContain("controllers/garbage-collector/virtual-owner");
  });

  test("an owner of the name with another UID is another", () => {
    const d = drill();
    const old = d.api.put(object("ReplicaSet", "web"));
    d.api.put(object("Pod", "web-a", [old]));
    d.api.remove("replicasets", "default/web");
    d.api.put(object("ReplicaSet", "web"));
    d.settle();
    expect(names(d, "pods")).toEqual([]);
    expect(names(d, "replicasets")).toEqual(["web"]);
  });

  test("an owner that no informer has shown yet is looked up, and keeps its dependents", () => {
    const d = drill();
    const set = d.api.put(object("ReplicaSet", "web"));
    const pod = d.api.put(object("Pod", "web-a", [set]));
    d.deliver("pods");
    const uid = set.metadata.uid!;
    expect(d.queue).toContain(`delete:${uid}`);
    expect(d.run(`delete:${uid}`)).toMatchObject({ kind: "retry", error: "not observed yet" });
    d.deliver();
    expect(d.run(`delete:${uid}`)).toEqual({ kind: "done" });
    expect(d.run(`delete:${pod.metadata.uid}`)).toEqual({ kind: "done" });
    expect(names(d, "pods")).toEqual(["web-a"]);
  });

  test("of several owners one solid one keeps it, and the dead references are patched out", () => {
    const d = drill();
    const one = d.api.put(object("ReplicaSet", "one"));
    const two = d.api.put(object("ReplicaSet", "two"));
    d.api.put(object("Pod", "a", [one, two]));
    d.settle();
    remove(d, "replicasets", "one", "Background");
    d.settle();
    expect(d.api.get("pods", "default/a")?.metadata.ownerReferences?.map(({ name }) => name)).toEqual(["two"]);
  });

  test("foreground: the blocking dependents go first, the finalizer last", () => {
    const d = drill();
    const set = d.api.put(object("ReplicaSet", "web"));
    const pod = object("Pod", "a", [set]);
    d.api.put({ ...pod, metadata: { ...pod.metadata, finalizers: ["example.com/slow"] } });
    d.settle();
    remove(d, "replicasets", "web", "Foreground");
    d.settle();
    expect(names(d, "replicasets")).toEqual(["web"]);
    expect(d.api.get("pods", "default/a")?.metadata.deletionTimestamp).toBeDefined();
    d.api.remove("pods", "default/a");
    d.settle();
    expect(names(d, "replicasets")).toEqual([]);
  });

  test("foreground asked for while it is being deleted already is taken up", () => {
    const base = object("ReplicaSet", "web");
    const deleting = {
      ...base,
      metadata: { ...base.metadata, deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["other"] },
    };
    const foreground = { ...deleting, metadata: { ...deleting.metadata, finalizers: ["other", "foregroundDeletion"] } };
    expect(deletionStartsWith(deleting, foreground, "foregroundDeletion")).toBe(true);
    expect(deletionStartsWith(foreground, foreground, "foregroundDeletion")).toBe(false);
    expect(deletionStartsWith(base, foreground, "foregroundDeletion")).toBe(true);
    expect(deletionStartsWith(null, foreground, "foregroundDeletion")).toBe(true);
    expect(deletionStartsWith(base, deleting, "foregroundDeletion")).toBe(false);
  });

  test("orphan: dependents lose the owner and stay, also those that no informer has shown", () => {
    const d = drill();
    const set = d.api.put(object("ReplicaSet", "web"));
    d.api.put(object("Pod", "a", [set]));
    d.settle();
    d.api.put(object("Pod", "late", [set]));
    remove(d, "replicasets", "web", "Orphan");
    d.deliver("replicasets");
    expect(d.run(`orphan:${set.metadata.uid}`)).toEqual({ kind: "done" });
    d.settle();
    expect(names(d, "replicasets")).toEqual([]);
    expect(d.api.list("pods").map(({ metadata }) => [metadata.name, metadata.ownerReferences ?? []])).toEqual([
      ["a", []],
      ["late", []],
    ]);
  });

  test("a reference with the wrong kind makes the owner absent for nobody else", () => {
    const d = drill();
    const set = d.api.put(object("ReplicaSet", "web"));
    d.api.put(object("Pod", "bad", [set], { kind: "ConfigMap", apiVersion: "v1" }));
    d.api.put(object("Pod", "good", [set]));
    d.settle();
    expect(names(d, "pods")).toEqual(["good"]);
  });

  test("a deletion meets another version: with the same owners the UID decides, with others it is looked at again", () => {
    const d = drill();
    const set = d.api.put(object("ReplicaSet", "web"));
    const pod = d.api.put(object("Pod", "a", [set]));
    d.settle();
    d.api.remove("replicasets", "default/web");
    d.deliver();
    const key = `delete:${pod.metadata.uid}`;
    d.sync(key);
    const asked = d.answer(
      d.api.call({
        verb: "get",
        resource: "pods",
        namespace: "default",
        name: "a",
        subresource: "",
        resourceVersion: "",
      }),
    );
    expect(asked).toMatchObject({ verb: "delete", options: { preconditions: { uid: pod.metadata.uid } } });
    d.api.edit("pods", "default/a", (one) => ({ ...one, status: { phase: "Running" } }) as KubeObject);
    const again = d.answer(d.api.call(asked as never));
    expect(again).toMatchObject({ verb: "get" });
    const byUid = d.answer(d.api.call(again as never));
    expect(byUid).toMatchObject({ verb: "delete", options: { preconditions: { uid: pod.metadata.uid } } });
    expect((byUid as { options: { preconditions: object } }).options.preconditions).not.toHaveProperty(
      "resourceVersion",
    );
  });

  test("nothing is done where nothing of an object concerns owners", () => {
    const d = drill();
    const set = d.api.put(object("ReplicaSet", "web"));
    d.api.put(object("Pod", "a", [set]));
    d.settle();
    const before = d.requests.length;
    d.api.edit("pods", "default/a", (one) => ({ ...one, status: { phase: "Running" } }) as KubeObject);
    d.settle();
    expect(d.requests.length).toBe(before);
  });
});
