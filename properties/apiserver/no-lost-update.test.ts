import { expect, test } from "vitest";
import { ClusterDrill, podOf, withMeta } from "../cluster/testing.ts";
import { noLostUpdate } from "./no-lost-update.ts";

const update = (resourceVersion: string) => ({
  verb: "update",
  resource: "pods",
  namespace: "default",
  name: "a",
  subresource: "",
  object: withMeta(podOf("a"), { resourceVersion }),
});
const drill = () => new ClusterDrill(noLostUpdate).put(podOf("a"));

test("holds when the version is that which is replaced, when nothing changes, and when none is named", () => {
  const run = drill();
  const id = run.call("kubectl", update("2"));
  const changed = podOf("a", { phase: "Failed" });
  expect(run.put(changed).done(id, changed).violated).toBeNull();
  expect(run.done(run.call("kubectl", update("3")), changed, 3).violated).toBeNull();
  const other = run.call("kubectl", update(""));
  expect(run.put(podOf("a")).done(other, podOf("a")).violated).toBeNull();
});

test("violated when a version in between is overwritten", () => {
  const run = drill();
  const id = run.call("kubectl", update("2"));
  run
    .put(podOf("a", { phase: "Failed" }))
    .put(podOf("a"))
    .done(id, podOf("a"));
  expect(run.violated).toBe("update of pods default/a by kubectl named version 2, and has replaced version 3");
});
