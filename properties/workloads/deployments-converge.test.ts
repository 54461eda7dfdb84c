import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, ownedBy, podOf } from "../cluster/testing.ts";
import { deploymentsConverge } from "./deployments-converge.ts";

const template = (image: string, hash?: string) => ({
  metadata: { labels: { app: "web", ...(hash === undefined ? {} : { "pod-template-hash": hash }) } },
  spec: { containers: [{ name: "main", image }] },
});
const web = (replicas: number, available: number, more: Loose = {}) =>
  objectOf("Deployment", "web", {
    spec: { replicas, template: template("web:2"), ...more },
    status: { observedGeneration: 1, replicas: available, updatedReplicas: available, availableReplicas: available },
  });
const set = (name: string, image: string, replicas: number) =>
  objectOf("ReplicaSet", name, { metadata: ownedBy(web(0, 0)), spec: { replicas, template: template(image, name) } });
const drill = () => new ClusterDrill(deploymentsConverge);

test("nothing is pending when all replicas are of the template and available, or it is paused", () => {
  expect(
    drill()
      .put(web(2, 2))
      .put(set("new", "web:2", 2))
      .put(set("old", "web:1", 0)).pending,
  ).toBeNull();
  expect(drill().put(web(2, 0, { paused: true })).pending).toBeNull();
});

test("pending while the rollout is not complete", () => {
  expect(
    drill()
      .put(web(2, 2))
      .put(set("old", "web:1", 2)).pending,
  ).toBe("Deployment default/web has no ReplicaSet of its template");
  expect(
    drill()
      .put(web(2, 2))
      .put(set("new", "web:2", 2))
      .put(set("old", "web:1", 1)).pending,
  ).toMatch(/still has ReplicaSet default\/old/);
  expect(
    drill()
      .put(web(2, 2))
      .put(set("new", "web:2", 1)).pending,
  ).toMatch(/wants 2 replicas/);
  const run = drill()
    .put(web(2, 1))
    .put(set("new", "web:2", 2));
  run.put(
    podOf("a", {
      owner: set("new", "web:2", 2),
      phase: "Pending",
      status: { conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }] },
    }),
  );
  expect(run.pending).toBe(
    "Deployment default/web has 1 of 2 available: pod default/a is not bound: 0/3 nodes are available",
  );
});
