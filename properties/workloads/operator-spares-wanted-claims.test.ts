import { expect, test } from "vitest";
import { ClusterDrill, type Loose } from "../cluster/testing.ts";
import { operatorSparesWantedClaims } from "./operator-spares-wanted-claims.ts";
import { claim, database } from "./operator-testing.ts";

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
