import { describe, expect, test } from "vitest";
import type { Deployment, ReplicaSet } from "../../machinery/kinds/index.ts";
import { reconcileNew, reconcileOld } from "./rolling.ts";

/** Rows of Kubernetes' own tests (Apache-2.0, pkg/controller/deployment/rolling_test.go), in a short notation. */

function deploymentOf(replicas: number, maxSurge: number, maxUnavailable: number): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "foo", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { foo: "bar" } },
      template: { metadata: { labels: { foo: "bar" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
    },
  } as Deployment;
}

function setOf(name: string, replicas: number, availableReplicas = replicas): ReplicaSet {
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name, namespace: "default", uid: name, creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { replicas, selector: { matchLabels: { foo: "bar" } } },
    status: { replicas, availableReplicas },
  } as unknown as ReplicaSet;
}

describe("reconcileNewReplicaSet", () => {
  test.each([
    { replicas: 10, maxSurge: 0, old: 10, new: 0, expected: null },
    { replicas: 10, maxSurge: 2, old: 10, new: 0, expected: 2 },
    { replicas: 10, maxSurge: 2, old: 5, new: 0, expected: 7 },
    { replicas: 10, maxSurge: 2, old: 10, new: 2, expected: null },
    { replicas: 10, maxSurge: 2, old: 2, new: 11, expected: 10 },
  ])("$replicas of $old old and $new new, surge $maxSurge", ({ replicas, maxSurge, old, new: fresh, expected }) => {
    const newSet = setOf("foo-v2", fresh);
    const scale = reconcileNew(deploymentOf(replicas, maxSurge, 0), newSet, [newSet, setOf("foo-v1", old)]);
    expect(scale?.size ?? null).toBe(expected);
  });
});

describe("reconcileOldReplicaSets, cleanupUnhealthyReplicas", () => {
  test.each([
    { maxUnavailable: 0, old: 10, new: 0, oldReady: 10, newReady: 0, expected: 9 },
    { maxUnavailable: 2, old: 10, new: 0, oldReady: 10, newReady: 0, expected: 8 },
    { maxUnavailable: 2, old: 10, new: 0, oldReady: 8, newReady: 0, expected: 8 },
    { maxUnavailable: 2, old: 10, new: 0, oldReady: 9, newReady: 0, expected: 8 },
    { maxUnavailable: 2, old: 8, new: 2, oldReady: 8, newReady: 0, expected: null },
    // Of two that are unhealthy, one may go; both, and one more; one, as neither surge nor lack means one lack.
    { maxUnavailable: 1, old: 10, new: 0, oldReady: 8, newReady: 0, expected: 9 },
    { maxUnavailable: 3, old: 10, new: 0, oldReady: 8, newReady: 0, expected: 7 },
    { maxUnavailable: 0, old: 10, new: 0, oldReady: 8, newReady: 0, expected: 9 },
    { maxUnavailable: 2, old: 0, new: 10, oldReady: 0, newReady: 10, expected: null },
  ])(
    "$oldReady of $old old ready, $newReady of $new new, $maxUnavailable may be missing",
    ({ maxUnavailable, old, new: fresh, oldReady, newReady, expected }) => {
      const deployment = deploymentOf(10, 0, maxUnavailable);
      const { unhealthy, healthy } = reconcileOld(deployment, setOf("new", fresh, newReady), [
        setOf("old", old, oldReady),
      ]);
      expect([...unhealthy, ...healthy].at(-1)?.size ?? null).toBe(expected);
    },
  );
});
