import { expect, test } from "vitest";
import { ClusterDrill, objectOf, withMeta } from "../cluster/testing.ts";
import { statusApartFromSpec } from "./status-apart-from-spec.ts";

const web = (replicas: number, ready: number) =>
  objectOf("Deployment", "web", { spec: { replicas }, status: { replicas: ready } });

/** An update of the object or its status that turns 1 and 1 into this. */
function after(subresource: string, replicas: number, ready: number): string | null {
  const run = new ClusterDrill(statusApartFromSpec).put(web(1, 1));
  const object = web(replicas, ready);
  const id = run.call("kubectl", {
    verb: "update",
    resource: "deployments",
    namespace: "default",
    name: "web",
    subresource,
    object: withMeta(object, { resourceVersion: "2" }),
  });
  return run.put(object).done(id, object).violated;
}

test("holds when each changes its own", () => {
  expect(after("", 2, 1)).toBeNull();
  expect(after("status", 1, 2)).toBeNull();
});

test("violated when one changes the other's", () => {
  expect(after("", 2, 2)).toBe("update of deployments default/web by kubectl has changed its status");
  expect(after("status", 2, 2)).toBe("update of the status of deployments default/web by kubectl has changed its spec");
});
