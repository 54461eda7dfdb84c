import { describe, expect, test } from "vitest";
import { ClusterDrill, podOf } from "../cluster/testing.ts";
import { readyEndpointsAreReadyPods } from "./ready-endpoints-are-ready-pods.ts";
import { pod, service, slice } from "./testing.ts";

describe("ready endpoints (S45)", () => {
  const drill = () => new ClusterDrill(readyEndpointsAreReadyPods).put(service("web")).put(pod("10.0.0.1"));

  test("the pod is or was ready with that address", () => {
    expect(drill().put(slice(["10.0.0.1", "ready"])).violated).toBeNull();
    expect(
      drill()
        .put(pod("10.0.0.1", { ready: false }))
        .put(slice(["10.0.0.1", "ready"])).violated,
      "the cache may be behind",
    ).toBeNull();
    expect(drill().put(slice(["10.0.0.2", "leaving"])).violated, "not said to be ready").toBeNull();
  });

  test("no such pod, another UID, never ready, another address", () => {
    expect(drill().put(slice(["10.0.0.2", "ready"])).violated).toMatch(/there has been no such pod/);
    expect(drill().put(slice(["10.0.0.1", "ready", "other"])).violated).toMatch(/there has been no such pod/);
    const unready = drill().put(pod("10.0.0.2", { ready: false }));
    expect(unready.put(slice(["10.0.0.2", "ready"])).violated).toMatch(/never been ready/);
    const moved = drill().put(podOf("10.0.0.3", { node: "node-1", status: { podIP: "10.0.0.4" } }));
    expect(moved.put(slice(["10.0.0.3", "ready"])).violated).toMatch(/never been ready with that address/);
    const deleted = drill().put(pod("10.0.0.5", { deleting: true }));
    expect(deleted.put(slice(["10.0.0.5", "ready"])).violated).toMatch(/never been ready/);
  });
});
