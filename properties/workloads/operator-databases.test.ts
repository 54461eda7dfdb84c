import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { operatorDatabasesConverge } from "./operator-databases-converge.ts";
import { operatorSparesWantedClaims } from "./operator-spares-wanted-claims.ts";

const labels = { "example.com/database": "orders" };

function database(replicas: number, more: Loose = {}): Loose {
  return {
    apiVersion: "example.com/v1",
    kind: "Database",
    metadata: { name: "orders", namespace: "default", uid: "d", generation: 1, ...more },
    spec: { replicas, image: "db:1", storage: "2Gi" },
    status: { observedGeneration: 1, readyReplicas: replicas, storage: "2Gi" },
  };
}

const claim = (ordinal: number, storage = "2Gi"): Loose => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: `data-orders-${ordinal}`, namespace: "default", uid: `c${ordinal}`, labels },
  spec: { resources: { requests: { storage } } },
});

const instance = (ordinal: number, storage = "2Gi", more: Loose = {}): Loose => {
  const pod = podOf(`orders-${ordinal}`, {
    ready: true,
    spec: { containers: [{ name: "database", image: "db:1" }] },
    ...more,
  });
  return { ...pod, metadata: { ...pod.metadata, labels, annotations: { "example.com/storage": storage } } };
};

function drill(isOn = true): ClusterDrill {
  const run = new ClusterDrill(operatorDatabasesConverge);
  const manager: Loose = run.process("controller-manager-1");
  manager.config = { ...manager.config, controllers: isOn ? ["*", "database-operator"] : ["*"] };
  return run.put(objectOf("StorageClass", "disk"));
}

test("a database has come to what it wants", () => {
  const run = drill().put(database(1)).put(claim(0)).put(instance(0));
  expect(run.pending).toBeNull();
  expect(run.put(claim(1)).pending).toBe(
    "database default/orders wants 1 instances, and there is default/data-orders-1 of persistentvolumeclaims",
  );
  expect(run.put(database(2)).pending).toBe("database default/orders has no instance orders-1");
});

test("it has not while an instance lags behind its claim, or a claim behind the database", () => {
  const run = drill().put(database(1)).put(claim(0)).put(instance(0, "1Gi"));
  expect(run.pending).toBe("database default/orders has instance orders-0 started with 1Gi, where its claim has 2Gi");
  expect(run.put(claim(0, "1Gi")).pending).toMatch(/with a claim of 1Gi, where 2Gi is wanted/);
});

test("nothing is asked of one whose claims can have no volumes", () => {
  expect(drill().remove(objectOf("StorageClass", "disk")).put(database(1)).pending).toBeNull();
});

test("nothing is left of one that is gone; and nothing is asked where no operator runs", () => {
  const gone = (isOn: boolean) => drill(isOn).put(database(1)).put(claim(0)).remove(database(1)).pending;
  expect(gone(true)).toBe("claim default/data-orders-0 is left of database orders, which is gone");
  expect(gone(false)).toBeNull();
});

function deletes(replicas: number, asks: "before" | "after" | "never", more: Loose = {}): string | null {
  const run = new ClusterDrill(operatorSparesWantedClaims).put(database(1)).put(claim(1));
  const ask = () => {
    if (asks === "never") return;
    const resource = "databases.example.com";
    run.call("controller-manager-1", { verb: "get", resource, namespace: "default", name: "orders" });
  };
  if (asks === "before") ask();
  run.after(1).put(database(replicas, more)).after(1);
  if (asks === "after") ask();
  const options = { preconditions: { uid: "c1" } };
  const request = { verb: "delete", resource: "persistentvolumeclaims", namespace: "default", name: "data-orders-1" };
  run.call("controller-manager-1", { ...request, options });
  return run.violated;
}

test("a claim may go that is not wanted, or was not when the operator asked", () => {
  expect(deletes(1, "after")).toBeNull();
  expect(deletes(2, "before")).toBeNull();
  expect(deletes(2, "after", { deletionTimestamp: "2026-01-01T00:00:00Z" })).toBeNull();
});

test("violated by one that is wanted, and was when the operator asked, or who has not asked", () => {
  const violation = "controller-manager-1 deletes claim data-orders-1, which database default/orders wants";
  expect(deletes(2, "after")).toBe(violation);
  expect(deletes(2, "never")).toBe(violation);
});
