import { expect, test } from "vitest";
import { ClusterDrill, objectOf } from "../cluster/testing.ts";
import { nothingOutlivesItsNamespace } from "./nothing-outlives-its-namespace.ts";

const namespace = objectOf("Namespace", "default");
const drill = () => new ClusterDrill(nothingOutlivesItsNamespace).put(objectOf("ConfigMap", "a", {}));

test("holds while the namespace is there, and for what has just been written", () => {
  expect(drill().put(namespace).after(60).pending).toBeNull();
  expect(drill().pending).toBeNull();
});

test("is pending while something is left of a namespace that is gone", () => {
  expect(drill().after(60).pending).toBe("configmaps default/a is there, and its namespace is not");
});

test("is pending when the namespace went before what was in it", () => {
  const metadata = { creationTimestamp: "2026-01-01T00:00:00Z", deletionTimestamp: "2026-01-01T00:00:01Z" };
  const run = new ClusterDrill(nothingOutlivesItsNamespace).put(namespace).after(60);
  const going = objectOf("ConfigMap", "a", { metadata });
  expect(run.put(going).remove(namespace).remove(going).pending).toBe(
    "configmaps default/a was being deleted when its namespace went",
  );
});
