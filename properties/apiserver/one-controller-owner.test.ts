import { expect, test } from "vitest";
import { ClusterDrill, podOf } from "../cluster/testing.ts";
import { oneControllerOwner } from "./one-controller-owner.ts";

const owner = (name: string, controller: boolean) => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  name,
  uid: name,
  controller,
});
const pod = (...ownerReferences: readonly unknown[]) => podOf("a", { metadata: { ownerReferences } });
const drill = () => new ClusterDrill(oneControllerOwner);

test("holds with one controller among the owners", () => {
  expect(drill().put(pod(owner("x", true), owner("y", false))).violated).toBeNull();
});

test("violated by two", () => {
  expect(drill().put(pod(owner("x", true), owner("y", true))).violated).toBe(
    "pods default/a is controlled by ReplicaSet x and ReplicaSet y",
  );
});
