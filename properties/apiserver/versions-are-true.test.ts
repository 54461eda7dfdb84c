import { expect, test } from "vitest";
import { ClusterDrill, type Loose, podOf, withMeta } from "../cluster/testing.ts";
import { versionsAreTrue } from "./versions-are-true.ts";

const told = (pod: Loose, version: number, type = "MODIFIED") =>
  ({
    kind: "apiWatchEvents",
    watchId: "w1",
    sequence: 0,
    events: [{ type, object: withMeta(pod, { resourceVersion: String(version) }) }],
  }) as Loose;
const drill = () =>
  new ClusterDrill(versionsAreTrue)
    .put(podOf("a"))
    .put(podOf("a", { phase: "Failed" }))
    .remove(podOf("a"));

test("holds for what is old, and for what is gone", () => {
  const run = drill().send("api-1", "kubelet-1", told(podOf("a"), 2));
  run.send("api-1", "kubelet-1", told(podOf("a", { phase: "Failed" }), 3));
  expect(run.send("api-1", "kubelet-1", told(podOf("a", { phase: "Failed" }), 4, "DELETED")).violated).toBeNull();
});

test("violated by a version that is another's, or that does not exist", () => {
  expect(drill().send("api-1", "kubelet-1", told(podOf("a"), 3)).violated).toBe(
    "api-1 hands out pods default/a of version 3, which is not what is stored there",
  );
  expect(drill().send("api-1", "kubelet-1", told(podOf("a"), 9)).violated).toMatch(/at which it was not written/);
  expect(drill().send("api-1", "kubelet-1", told(podOf("b"), 2)).violated).toMatch(/at which it was not written/);
});
