import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { danglingDependentsGo } from "./dangling-dependents-go.ts";

const set = objectOf("ReplicaSet", "web");
const drill = () =>
  new ClusterDrill(danglingDependentsGo)
    .put(set)
    .put(podOf("a", { owner: set }))
    .after(20);

test("nothing is pending while the owner is there, or when all are on their way out", () => {
  expect(drill().put(podOf("free")).pending).toBeNull();
  expect(
    drill()
      .remove(set)
      .put(podOf("a", { owner: set, deleting: true })).pending,
  ).toBeNull();
});

test("pending while a dependent is left, though another has the owner's name", () => {
  const pending = "pods default/a is there, and its owner ReplicaSet web of UID ReplicaSet-web is not";
  expect(drill().remove(set).pending).toBe(pending);
  expect(
    drill()
      .remove(set)
      .put(objectOf("ReplicaSet", "web", { metadata: { uid: "new" } })).pending,
  ).toBe(pending);
});
