import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { endpointsFollowPods } from "./endpoints-follow-pods.ts";

const service = objectOf("Service", "web", { spec: { selector: { app: "web" } } });
const pod = (name: string, podIP: string, more: Loose = {}) =>
  podOf(name, { node: "node-1", ...more, status: { podIP } });
const slice = (name: string, ...endpoints: readonly (readonly [string, boolean])[]) =>
  objectOf("EndpointSlice", name, {
    metadata: { labels: { "kubernetes.io/service-name": "web" } },
    endpoints: endpoints.map(([address, ready]) => ({
      addresses: [address],
      conditions: { ready },
      targetRef: { name: "a" },
    })),
  });
const drill = () => new ClusterDrill(endpointsFollowPods).put(service).put(pod("a", "10.0.0.1"));

test("nothing is pending when the slices say what the pods are", () => {
  expect(drill().put(slice("s", ["10.0.0.1", true])).pending).toBeNull();
  const run = drill()
    .put(pod("b", "10.0.0.2", { deleting: true }))
    .put(pod("c", ""))
    .put(podOf("d", { phase: "Failed", status: { podIP: "10.0.0.4" } }));
  expect(run.put(slice("s", ["10.0.0.1", true])).put(slice("t", ["10.0.0.2", false])).pending).toBeNull();
});

test("pending while they differ", () => {
  expect(drill().pending).toBe("service default/web has no endpoint for pod a at 10.0.0.1");
  expect(drill().put(slice("s", ["10.0.0.1", false])).pending).toBe(
    "service default/web has pod a as not ready, and it is",
  );
  expect(drill().put(slice("s", ["10.0.0.1", true], ["10.0.0.9", true])).pending).toMatch(/which is none of its pods/);
  expect(
    drill()
      .put(slice("s", ["10.0.0.1", true]))
      .put(slice("t", ["10.0.0.1", true])).pending,
  ).toMatch(/twice/);
  expect(
    drill()
      .put(slice("s", ["10.0.0.1", true]))
      .remove(service).pending,
  ).toBe("service default/web is gone, and has endpoints still");
});
