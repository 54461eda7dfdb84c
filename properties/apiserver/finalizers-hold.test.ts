import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { finalizersHold } from "./finalizers-hold.ts";

const going = podOf("a", { deleting: true, metadata: { finalizers: ["x"] } });
const drill = () => new ClusterDrill(finalizersHold).put(going);
const named = { resource: "pods", namespace: "default", name: "a", subresource: "" };
const patch = (type: string, metadata: Loose) => ({ verb: "patch", ...named, type, patch: { metadata } });

test("holds when its finalizers were taken away, before or with the deletion", () => {
  expect(
    drill()
      .put(podOf("a", { deleting: true }))
      .remove(going).violated,
  ).toBeNull();
  for (const request of [
    patch("merge", { finalizers: [] }),
    patch("merge", { finalizers: null }),
    patch("strategic", { "$deleteFromPrimitiveList/finalizers": ["x"] }),
    { verb: "update", ...named, object: podOf("a", { deleting: true, metadata: { resourceVersion: "2" } }) },
  ]) {
    const run = drill();
    run.call("kubectl", request);
    expect(run.remove(going).violated).toBeNull();
  }
});

test("violated when it goes with a finalizer that nobody took away", () => {
  expect(drill().remove(going).violated).toBe("pods default/a is gone, and nobody took its finalizer x away");
  const run = drill();
  run.call("kubectl", patch("merge", { labels: { a: "b" } }));
  expect(run.remove(going).violated).toMatch(/finalizer x/);
  const namespace = objectOf("Namespace", "n", { spec: { finalizers: ["kubernetes"] } });
  expect(drill().put(namespace).remove(namespace).violated).toMatch(/namespaces n is gone/);
});
