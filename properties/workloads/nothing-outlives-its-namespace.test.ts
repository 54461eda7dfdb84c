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
