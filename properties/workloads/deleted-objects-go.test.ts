import { expect, test } from "vitest";
import { ClusterDrill, podOf } from "../cluster/testing.ts";
import { deletedObjectsGo } from "./deleted-objects-go.ts";

const going = (...finalizers: readonly string[]) => podOf("a", { deleting: true, metadata: { finalizers } });
const drill = () => new ClusterDrill(deletedObjectsGo).put(podOf("a"));

test("nothing is pending when it is gone, or somebody else holds it", () => {
  expect(drill().pending).toBeNull();
  expect(drill().put(going()).remove(going()).pending).toBeNull();
  expect(drill().put(going("example.com/mine")).pending).toBeNull();
});

test("pending while it is there", () => {
  expect(drill().put(going()).pending).toBe(
    "pods default/a is being deleted, and should have gone by 2026-01-01T00:00:30Z",
  );
  expect(drill().put(going("foregroundDeletion")).pending).toMatch(/with finalizers foregroundDeletion/);
});
