import { expect, test } from "vitest";
import { ClusterDrill, podOf } from "../cluster/testing.ts";
import { uidNeverReused } from "./uid-never-reused.ts";

const drill = () => new ClusterDrill(uidNeverReused).put(podOf("a"));

test("holds when a pod of the same name comes with another UID", () => {
  expect(
    drill()
      .put(podOf("a", { phase: "Failed" }))
      .remove(podOf("a"))
      .put(podOf("a", { uid: "x" })).violated,
  ).toBeNull();
});

test("violated by a UID that comes back, or changes", () => {
  expect(drill().remove(podOf("a")).put(podOf("a")).violated).toBe(
    "pods default/a is created with UID Pod-a, which was another's",
  );
  expect(drill().put(podOf("b", { uid: "Pod-a" })).violated).toMatch(/which was another's/);
  expect(drill().put(podOf("a", { uid: "x" })).violated).toBe("pods default/a changes its UID from Pod-a to x");
  expect(drill().put(podOf("b", { metadata: { uid: undefined } })).violated).toMatch(/without a UID/);
});
