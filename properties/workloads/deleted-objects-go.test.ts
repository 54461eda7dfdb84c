import { expect, test } from "vitest";
import { ClusterDrill, podOf } from "../cluster/testing.ts";
import { deletedObjectsGo } from "./deleted-objects-go.ts";

const going = (...finalizers: readonly string[]) => podOf("a", { deleting: true, metadata: { finalizers } });
const drill = () => new ClusterDrill(deletedObjectsGo).put(podOf("a"));

test("nothing is pending when it is gone, or somebody else holds it", () => {
  expect(drill().after(20).pending).toBeNull();
  expect(drill().put(going()).after(5).pending).toBeNull();
  expect(drill().put(going()).remove(going()).pending).toBeNull();
  expect(drill().put(going("example.com/mine")).after(20).pending).toBeNull();
});

test("pending while it is there", () => {
  expect(drill().put(going()).after(20).pending).toBe(
    "pods default/a is being deleted, and should have gone by 2026-01-01T00:00:30Z",
  );
  expect(drill().put(going("foregroundDeletion")).after(20).pending).toMatch(/with finalizers foregroundDeletion/);
});
