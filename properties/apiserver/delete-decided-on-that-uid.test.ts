import { expect, test } from "vitest";
import { emptyOrderedMap, mapSet } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { deleteDecidedOnThatUid } from "./delete-decided-on-that-uid.ts";

const claim = objectOf("PersistentVolumeClaim", "a");
const informers = [
  { spec: { resource: "persistentvolumeclaims" }, objects: mapSet(emptyOrderedMap<Loose>(), "default/a", claim) },
];
const ofClaim = (options: Loose = {}) => ({
  verb: "delete",
  resource: "persistentvolumeclaims",
  namespace: "default",
  name: "a",
  options,
});

function deletes(from: string, request: Loose, hit: Loose): string | null {
  const run = new ClusterDrill(deleteDecidedOnThatUid).put(hit).step("controller-manager-1", { api: { informers } });
  return run.done(run.call(from, request), hit).violated;
}

test("holds when it hits what its author saw or named, and for a person, who means the name", () => {
  expect(deletes("controller-manager-1", ofClaim(), claim)).toBeNull();
  expect(
    deletes("controller-manager-1", ofClaim({ preconditions: { uid: "new" } }), {
      ...claim,
      metadata: { ...claim.metadata, uid: "new" },
    }),
  ).toBeNull();
  expect(deletes("kubectl", ofClaim(), claim)).toBeNull();
});

test("violated when it hits what was recreated under the name", () => {
  const other = objectOf("PersistentVolumeClaim", "a", { metadata: { uid: "new" } });
  expect(deletes("controller-manager-1", ofClaim(), other)).toBe(
    "controller-manager-1 decided to delete persistentvolumeclaims default/a of UID PersistentVolumeClaim-a, and that of UID new was deleted",
  );
  const ofPod = { ...ofClaim({ preconditions: { uid: "Pod-a" } }), resource: "pods" };
  expect(deletes("kubelet-1", ofPod, podOf("a", { uid: "new" }))).toMatch(/UID Pod-a, and that of UID new/);
});
