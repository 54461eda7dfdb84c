import { describe, expect, test } from "vitest";
import type { Deployment, ReplicaSet } from "../../machinery/kinds/index.ts";
import { timeOf } from "../../machinery/time.ts";
import { decide } from "./decide.ts";
import { maxSurgeOf } from "./replicas.ts";
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

/** sync_test.go, TestScale. */
describe("scale", () => {
  interface Row {
    readonly name: string;
    /** The size of the deployment, before and now, and how many there may be above. */
    readonly from: number;
    readonly to: number;
    readonly surge?: readonly [before: number, now: number];
    /** Sizes, the newest first: the new set, and old ones; `null`: there is no new one. */
    readonly sets: readonly (number | null)[];
    readonly expected: readonly (number | null)[];
    /** Meant for another size than `from`. */
    readonly meantFor?: Readonly<Record<number, number>>;
    /** Of the new one. */
    readonly available?: number;
  }

  const rows: readonly Row[] = [
    { name: "10 -> 12", from: 10, to: 12, sets: [10], expected: [12] },
    { name: "10 -> 5", from: 10, to: 5, sets: [10], expected: [5] },
    { name: "5 -> 10", from: 5, to: 10, sets: [2, 3], expected: [4, 6] },
    { name: "5 -> 3", from: 5, to: 3, sets: [2, 3], expected: [1, 2] },
    { name: "9 -> 4", from: 9, to: 4, sets: [8, 1], expected: [4, 0] },
    { name: "7 -> 10", from: 7, to: 10, sets: [2, 3, 2], expected: [3, 4, 3] },
    { name: "13 -> 8", from: 13, to: 8, sets: [2, 8, 3], expected: [1, 5, 2] },
    { name: "the newest gets what is left over", from: 3, to: 4, sets: [1, 1, 1], expected: [2, 1, 1] },
    { name: "the oldest loses it", from: 3, to: 2, sets: [1, 1, 1], expected: [1, 1, 0] },
    { name: "no new one", from: 4, to: 5, sets: [null, 2, 2], expected: [null, 3, 2] },
    { name: "6 -> 0", from: 6, to: 0, sets: [3, 2, 1], expected: [0, 0, 0] },
    { name: "0 -> 6", from: 6, to: 6, sets: [0, 0, 0], expected: [6, 0, 0] },
    {
      name: "one has failed to grow",
      from: 5,
      to: 5,
      sets: [2, 1, 1],
      expected: [2, 2, 1],
      meantFor: { 1: 3 },
    },
    { name: "with a surge", from: 10, to: 20, surge: [2, 2], sets: [6, 6], expected: [11, 11] },
    { name: "another surge", from: 10, to: 50, surge: [3, 6], sets: [5, 8], expected: [22, 34] },
    { name: "another template", from: 10, to: 14, sets: [null, 7, 3], expected: [null, 10, 4] },
    { name: "a new one that is broken", from: 2, to: 2, surge: [1, 1], sets: [2, 1], expected: [2, 1], available: 0 },
  ];

  test.each(rows)("$name", ({ from, to, surge = [0, 0], sets: sizes, expected, meantFor = {}, available }) => {
    // A paused one is only scaled.
    const deployment = deploymentOf(to, surge[1], 0);
    const paused = { ...deployment, spec: { ...deployment.spec, paused: true } };
    const sets = sizes.flatMap((size, age) => {
      if (size === null) return [];
      const desired = meantFor[age] ?? from;
      const set = setOf(`foo-${age}`, size, age === 0 ? available : undefined);
      const annotations = {
        "deployment.kubernetes.io/desired-replicas": `${desired}`,
        "deployment.kubernetes.io/max-replicas": `${desired + maxSurgeOf(deploymentOf(from, surge[0], 0))}`,
      };
      const template = age === 0 ? deployment.spec.template : { ...deployment.spec.template, metadata: {} };
      const creationTimestamp = timeOf(1_700_000_000_000_000 - age * 3_600_000_000);
      return [
        { ...set, metadata: { ...set.metadata, annotations, creationTimestamp }, spec: { ...set.spec, template } },
      ];
    });
    const turn = { note: () => undefined } as unknown as Parameters<typeof decide>[0];
    const { steps } = decide(turn, { deployment: paused, sets: sets as readonly ReplicaSet[], steps: [] });
    const found = sizes.map((size, age) => {
      const step = steps.find((one) => one.kind === "scale" && one.name === `foo-${age}`);
      return step?.kind === "scale" ? step.size : size;
    });
    expect(found).toEqual(expected);
  });
});
