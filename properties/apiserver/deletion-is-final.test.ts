import { expect, test } from "vitest";
import { ClusterDrill, podOf, withMeta } from "../cluster/testing.ts";
import { deletionIsFinal } from "./deletion-is-final.ts";

const going = podOf("a", { deleting: true, metadata: { finalizers: ["x"] } });
const drill = () => new ClusterDrill(deletionIsFinal).put(podOf("a", { metadata: { finalizers: ["x"] } })).put(going);
const changed = (metadata: object) => drill().put(withMeta(going, metadata)).violated;

test("holds when it comes sooner, when finalizers go, and when another propagation is asked for", () => {
  expect(changed({ deletionTimestamp: "2026-01-01T00:00:01Z", finalizers: [] })).toBeNull();
  expect(changed({ finalizers: ["x", "foregroundDeletion"] })).toBeNull();
});

test("violated when it is taken back, put off, or held up", () => {
  expect(changed({ deletionTimestamp: undefined })).toBe("the deletion of pods default/a is taken back");
  expect(changed({ deletionTimestamp: "2026-01-01T00:01:00Z" })).toMatch(/is put off from/);
  expect(changed({ finalizers: ["x", "y"] })).toBe("finalizer y is added to pods default/a, which is being deleted");
});
