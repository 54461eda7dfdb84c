import { describe, expect, test } from "vitest";
import { mapGet } from "../kernel/index.ts";
import type { Pod } from "../machinery/kinds/index.ts";
import {
  assumePod,
  cacheNode,
  cachePod,
  EMPTY_CACHE,
  finishBinding,
  forgetPod,
  isAssumed,
  removeNode,
  removePod,
} from "./cache.ts";
import { podInfoOf } from "./framework/pod-info.ts";
import { nodeNamed, nodesOf, podsOf } from "./framework/snapshot.ts";
import { EMPTY_CACHED_SNAPSHOT, updatedSnapshot } from "./snapshot.ts";
import { nodeOf, podOf } from "./testing/drill.ts";
import type { CachedSnapshot, SchedulerCache } from "./types.ts";

function aPod(name: string, node = ""): Pod {
  const pod = podOf(name, node === "" ? {} : { nodeName: node });
  return { ...pod, metadata: { ...pod.metadata, uid: `uid-${name}` } };
}

const TWO = cacheNode(cacheNode(EMPTY_CACHE, nodeOf("n1")), nodeOf("n2"));

function assumed(cache: SchedulerCache, name: string, node: string): SchedulerCache {
  return assumePod(cache, podInfoOf(aPod(name)), node)!;
}

/** The pods of each node that is in a snapshot. */
function contentOf(snapshot: CachedSnapshot): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    nodesOf(snapshot.nodes).map(({ name, pods }) => [name, pods.map(({ pod }) => pod.metadata.name)]),
  );
}

// cache_test.go, TestAssumePodScheduled, TestForgetPod, TestAddPodWillConfirm, TestAddPodWillReplaceAssumed.
describe("an assumed pod", () => {
  test("counts, and is assumed once", () => {
    const cache = assumed(TWO, "p", "n1");
    expect(mapGet(cache.nodes, "n1")!.pods).toHaveLength(1);
    expect(mapGet(cache.nodes, "n1")!.pods[0]!.pod.spec.nodeName).toBe("n1");
    expect(isAssumed(cache, "uid-p")).toBe(true);
    expect(assumePod(cache, podInfoOf(aPod("p")), "n2")).toBeNull();
  });

  test("is forgotten from where it was assumed", () => {
    const cache = assumed(TWO, "p", "n1");
    expect(forgetPod(cache, "uid-p", "n2")).toBeNull();
    const forgotten = forgetPod(cache, "uid-p", "n1")!;
    expect([forgotten.pods.size, mapGet(forgotten.nodes, "n1")!.pods.length]).toEqual([0, 0]);
    expect(forgetPod(forgotten, "uid-p", "n1")).toBeNull();
  });

  test("is confirmed, and then no longer to be forgotten", () => {
    const bound = finishBinding(assumed(TWO, "p", "n1"), "uid-p");
    expect(mapGet(bound.pods, "uid-p")).toMatchObject({ assumed: true, bindingFinished: true });
    const cache = cachePod(bound, aPod("p", "n1"));
    expect(mapGet(cache.pods, "uid-p")).toMatchObject({ assumed: false, node: "n1" });
    expect(mapGet(cache.nodes, "n1")!.pods).toHaveLength(1);
    expect(forgetPod(cache, "uid-p", "n1")).toBeNull();
  });

  test("is where it was seen, wherever it was assumed", () => {
    const cache = cachePod(assumed(TWO, "p", "n1"), aPod("p", "n2"));
    expect([mapGet(cache.nodes, "n1")!.pods.length, mapGet(cache.nodes, "n2")!.pods.length]).toEqual([0, 1]);
  });
});

describe("a snapshot", () => {
  test("takes over what has changed since, and no more", () => {
    const first = updatedSnapshot(EMPTY_CACHED_SNAPSHOT, assumed(TWO, "p", "n1"));
    expect(contentOf(first)).toEqual({ n1: ["p"], n2: [] });
    const cache = assumed(assumed(TWO, "p", "n1"), "q", "n2");
    const second = updatedSnapshot(first, cache);
    expect(contentOf(second)).toEqual({ n1: ["p"], n2: ["q"] });
    expect(nodeNamed(second.nodes, "n1")).toBe(nodeNamed(first.nodes, "n1"));
    expect(updatedSnapshot(second, cache)).toBe(second);
  });

  test("of a node that has gone and come back is that of the new one", () => {
    const first = updatedSnapshot(EMPTY_CACHED_SNAPSHOT, assumed(TWO, "p", "n1"));
    const cache = cacheNode(removeNode(removePod(assumed(TWO, "p", "n1"), "uid-p"), "n1"), nodeOf("n1", "7"));
    const second = updatedSnapshot(first, cache);
    expect(contentOf(second)).toEqual({ n1: [], n2: [] });
    expect(nodeNamed(second.nodes, "n1")!.allocatable.milliCpu).toBe(7000);
  });

  test("knows no node that has gone, though pods of it are still seen", () => {
    const first = updatedSnapshot(EMPTY_CACHED_SNAPSHOT, assumed(TWO, "p", "n1"));
    const cache = removeNode(assumed(TWO, "p", "n1"), "n1");
    expect(contentOf(updatedSnapshot(first, cache))).toEqual({ n2: [] });
    expect([cache.nodes.size, cache.present]).toEqual([2, 1]);
    const left = removePod(cache, "uid-p");
    expect([left.nodes.size, left.present, left.changes.size]).toEqual([1, 1, 1]);
    // And all of them where it comes back.
    const back = updatedSnapshot(updatedSnapshot(first, cache), cacheNode(cache, nodeOf("n1")));
    expect(contentOf(back)).toEqual({ n1: ["p"], n2: [] });
  });

  test("has the latest of a pod, whose status alone has changed", () => {
    const cache = cachePod(TWO, aPod("p", "n1"));
    const first = updatedSnapshot(EMPTY_CACHED_SNAPSHOT, cache);
    const later: Pod = { ...aPod("p", "n1"), status: { phase: "Running" } };
    const second = updatedSnapshot(first, cachePod(cache, later));
    expect(podsOf(second.nodes).map(([{ pod }]) => pod.status?.phase)).toEqual(["Running"]);
    expect(podsOf(first.nodes).map(([{ pod }]) => pod.status?.phase)).toEqual([undefined]);
  });
});
