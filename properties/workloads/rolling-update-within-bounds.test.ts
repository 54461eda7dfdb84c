import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, ownedBy } from "../cluster/testing.ts";
import { rollingUpdateWithinBounds } from "./rolling-update-within-bounds.ts";
import { ManagerStory } from "./testing.ts";

const web = (maxSurge: number, maxUnavailable: number, replicas = 4) =>
  objectOf("Deployment", "web", { spec: { replicas, strategy: { rollingUpdate: { maxSurge, maxUnavailable } } } });
const set = (name: string, replicas: number, availableReplicas = replicas) =>
  objectOf("ReplicaSet", name, { metadata: ownedBy(web(1, 0)), spec: { replicas }, status: { availableReplicas } });
const scales = (run: ManagerStory, object: Loose) =>
  run.sends({
    verb: "update",
    resource: "replicasets",
    namespace: "default",
    name: object.metadata.name,
    subresource: "",
    object,
  }).violated;
const story = (deployment: Loose, old: Loose, now: Loose) =>
  new ManagerStory(new ClusterDrill(rollingUpdateWithinBounds).put(deployment))
    .sees("deployments", deployment)
    .sees("replicasets", old)
    .sees("replicasets", now);

test("holds within the bounds, and where it takes away what is not available", () => {
  expect(scales(story(web(1, 0), set("old", 4), set("new", 0)), set("new", 1))).toBeNull();
  expect(scales(story(web(1, 0), set("old", 4), set("new", 1)), set("old", 3))).toBeNull();
  expect(scales(story(web(1, 1), set("old", 4), set("new", 1, 0)), set("old", 3))).toBeNull();
  expect(scales(story(web(1, 0), set("old", 4, 2), set("new", 1, 0)), set("old", 2))).toBeNull();
});

test("violated by one too much, or one too few", () => {
  expect(scales(story(web(1, 0), set("old", 4), set("new", 0)), set("new", 2))).toBe(
    "controller-manager-1 scales ReplicaSet new up to 2: Deployment default/web then has 6 replicas, and may have 4 + 1",
  );
  expect(scales(story(web(1, 0), set("old", 4), set("new", 1, 0)), set("old", 3))).toBe(
    "controller-manager-1 scales ReplicaSet old down to 3: of Deployment default/web 3 are available then, and 4 - 0 must be",
  );
  expect(story(web(1, 0), set("old", 4), set("new", 0)).asks(set("third", 2), "replicasets").violated).toMatch(
    /has 6 replicas/,
  );
});
