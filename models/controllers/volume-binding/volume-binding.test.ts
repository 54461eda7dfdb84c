import { describe, expect, test } from "vitest";
import type { Pod, StorageClass } from "../../machinery/kinds/index.ts";
import { withMeta } from "../../machinery/meta.ts";
import { timeOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { volumeBinding } from "./index.ts";
import type { Claim, Volume } from "./types.ts";

const claim = (name: string, spec: Partial<Claim["spec"]> = {}): Claim => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace: "default", finalizers: ["kubernetes.io/pvc-protection"] },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "5Gi" } }, ...spec },
});
const volume = (name: string, storage: string, spec: Partial<Volume["spec"]> = {}): Volume => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name, finalizers: ["kubernetes.io/pv-protection"] },
  spec: { capacity: { storage }, accessModes: ["ReadWriteOnce"], persistentVolumeReclaimPolicy: "Retain", ...spec },
});
const storageClass = (name: string, more: Partial<StorageClass> = {}): StorageClass => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name },
  provisioner: "example.com/disk",
  ...more,
});
const pod = (name: string, claimName: string, nodeName = ""): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: {
    containers: [],
    ...(nodeName === "" ? {} : { nodeName }),
    volumes: [{ name: "v", persistentVolumeClaim: { claimName } }],
  },
});

function drill(...objects: readonly (Claim | Volume | StorageClass | Pod)[]) {
  const made = new Drill(volumeBinding);
  for (const object of objects) made.api.put(object);
  made.settle();
  return made;
}
type D = ReturnType<typeof drill>;
const volumes = (d: D) => d.api.list<Volume>("persistentvolumes");
const claimOf = (d: D, name = "data") => d.api.get<Claim>("persistentvolumeclaims", `default/${name}`);
const remove = (d: D, resource: string, namespace: string, name: string) =>
  d.api.call({ verb: "delete", resource, namespace, name, options: {} });

describe("volume binding", () => {
  test("the smallest that is large enough; volume and claim point to each other", () => {
    const d = drill(volume("large", "20Gi"), volume("fits", "8Gi"), volume("small", "1Gi"));
    expect(volumes(d).map(({ status }) => status?.phase)).toEqual(["Available", "Available", "Available"]);
    d.api.put(claim("data"));
    d.settle();
    expect(claimOf(d)).toMatchObject({
      spec: { volumeName: "fits" },
      status: { phase: "Bound", capacity: { storage: "8Gi" } },
    });
    expect(d.api.get<Volume>("persistentvolumes", "fits")).toMatchObject({
      spec: { claimRef: { name: "data", uid: claimOf(d)!.metadata.uid } },
      status: { phase: "Bound" },
    });
    const before = d.requests.length;
    d.settle();
    expect(d.requests.length).toBe(before);
  });

  test.each([
    ["access mode", volume("v", "8Gi", { accessModes: ["ReadOnlyMany"] })],
    ["class", volume("v", "8Gi", { storageClassName: "other" })],
    ["volume mode", volume("v", "8Gi", { volumeMode: "Block" })],
    ["reserved for another", volume("v", "8Gi", { claimRef: { namespace: "default", name: "else" } })],
  ])("does not fit: %s", (_, one) => {
    const d = drill(one, claim("data"));
    expect(claimOf(d)?.status?.phase).toBe("Pending");
  });

  test("two claims that want one volume: one gets it", () => {
    const d = drill(volume("v", "8Gi"));
    d.api.put(claim("a"));
    d.api.put(claim("b"));
    d.deliver();
    expect(d.run("claim:default/a")).toEqual({ kind: "done" });
    expect(d.run("claim:default/b")).toMatchObject({ kind: "retry" });
    d.deliver();
    d.run("claim:default/b");
    expect([claimOf(d, "a")?.status?.phase, claimOf(d, "b")?.status?.phase]).toEqual(["Bound", "Pending"]);
  });

  test("a crash after each of the four writes is gone on from", () => {
    for (let crash = 1; crash <= 4; crash++) {
      const d = drill(volume("v", "8Gi"));
      d.api.put(claim("data"));
      d.deliver();
      let asked = d.sync("claim:default/data");
      for (let i = 1; i < crash && "verb" in asked; i++) asked = d.answer(d.api.call(asked));
      if ("verb" in asked) d.api.call(asked);
      const next = new Drill(volumeBinding);
      Object.assign(next, { api: d.api });
      next.settle();
      expect(claimOf(next)).toMatchObject({ spec: { volumeName: "v" }, status: { phase: "Bound" } });
    }
  });

  test("provisions for a class, once; with the claim the volume goes", () => {
    const d = drill(storageClass("fast"), claim("data", { storageClassName: "fast" }));
    expect(volumes(d)).toHaveLength(1);
    expect(claimOf(d)?.status?.phase).toBe("Bound");
    remove(d, "persistentvolumeclaims", "default", "data");
    d.settle();
    expect(claimOf(d)).toBeNull();
    expect(volumes(d)).toEqual([]);
  });

  test("with Retain the volume stays, released", () => {
    const d = drill(volume("v", "8Gi"), claim("data"));
    remove(d, "persistentvolumeclaims", "default", "data");
    d.settle();
    expect(volumes(d).map(({ status }) => status?.phase)).toEqual(["Released"]);
    d.api.put(claim("data"));
    d.settle();
    expect(claimOf(d)?.status?.phase).toBe("Pending");
  });

  test("waits for its first consumer, where the class says so", () => {
    const d = drill(
      storageClass("late", { volumeBindingMode: "WaitForFirstConsumer" }),
      claim("data", { storageClassName: "late" }),
      pod("p", "data"),
    );
    expect(claimOf(d)?.status?.phase).toBe("Pending");
    d.api.edit<Pod>("pods", "default/p", (one) => ({ ...one, spec: { ...one.spec, nodeName: "one" } }));
    d.settle();
    expect(claimOf(d)?.status?.phase).toBe("Bound");
  });

  test("a claim in use goes when its pod has gone", () => {
    const d = drill(volume("v", "8Gi"), claim("data"), pod("p", "data", "one"));
    remove(d, "persistentvolumeclaims", "default", "data");
    d.settle();
    expect(claimOf(d)).not.toBeNull();
    d.api.remove("pods", "default/p");
    d.settle();
    expect(claimOf(d)).toBeNull();
  });

  test("a claim whose volume is gone is lost", () => {
    const d = drill(volume("v", "8Gi"), claim("data"));
    d.api.remove("persistentvolumes", "v");
    d.settle();
    expect(claimOf(d)?.status?.phase).toBe("Lost");
  });

  test("a claim that the cache lacks is not taken for gone", () => {
    const d = drill(volume("v", "8Gi"), claim("data"));
    const stored = claimOf(d)!;
    d.hide(stored);
    d.run("volume:v");
    expect(volumes(d)[0]!.status?.phase).toBe("Bound");
    d.api.edit<Claim>("persistentvolumeclaims", "default/data", (one) =>
      withMeta(one, { annotations: { ...one.metadata.annotations, seen: timeOf(d.wall) } }),
    );
    d.settle();
    expect(claimOf(d)?.status?.phase).toBe("Bound");
  });
});
