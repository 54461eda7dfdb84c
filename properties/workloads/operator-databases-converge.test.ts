import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { operatorDatabasesConverge } from "./operator-databases-converge.ts";
import { claim, database, labels } from "./operator-testing.ts";

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
