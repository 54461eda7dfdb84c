import { describe, expect, test } from "vitest";
import { mapEntries, type OrderedMap } from "../kernel/index.ts";
import type { ApiRequest, WatchEvent } from "../machinery/api.ts";
import {
  createRequest,
  deleteRequest,
  evictRequest,
  getRequest,
  listRequest,
  patchRequest,
  updateRequest,
  watchRequest,
} from "../machinery/client/requests.ts";
import type { ConfigMap, KubeObject, Pod, PodDisruptionBudget } from "../machinery/kinds/index.ts";
import { keyOf, withMeta } from "../machinery/meta.ts";
import { raftRules } from "../raft/index.ts";
import { type MemberState, storeMember } from "../store/index.ts";
import { testConfig } from "../store/testing/cluster.ts";
import { apiServer, apiServerConfig } from "./index.ts";
import { type Seen, ServerWorld } from "./testing/world.ts";

const SECOND = 1_000_000;

function begin(): ServerWorld {
  const world = new ServerWorld();
  world.start("m1", storeMember(raftRules), testConfig("m1", ["m1"], { watchWindow: 1000 }));
  for (const id of ["a", "b"]) world.start(id, apiServer, apiServerConfig(id, ["m1"]));
  world.advance(5 * SECOND);
  return world;
}

function configMap(name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
}

describe("two writers", () => {
  test("that patch different fields lose nothing", () => {
    const world = begin();
    world.object("a", createRequest(configMap("x", { k: "0" })));
    const id = world.meanwhile(patchRequest("configmaps", "default", "x", { data: { one: "1" } }), 0, () => {
      world.object("b", patchRequest("configmaps", "default", "x", { data: { two: "2" } }));
    });
    expect(world.answer(id)).toMatchObject({ kind: "object", object: { data: { k: "0", one: "1", two: "2" } } });
    expect(world.notes.get("apiserver/rest/write-tried-again")).toBe(1);
  });

  test("of one version: one is refused", () => {
    const world = begin();
    const made = world.object<ConfigMap>("a", createRequest(configMap("x")));
    const asked: ConfigMap = { ...made, data: { one: "1" } };
    const id = world.meanwhile(updateRequest(asked), 0, () => {
      const other: ConfigMap = { ...made, data: { two: "2" } };
      world.object("b", updateRequest(other));
    });
    expect(world.answer(id)).toMatchObject({ kind: "status", status: { code: 409, reason: "Conflict" } });
  });

  test("a deletion by UID does not hit what has taken its place", () => {
    const world = begin();
    const made = world.object<ConfigMap>("a", createRequest(configMap("x")));
    const preconditions = { uid: made.metadata.uid! };
    const id = world.meanwhile(deleteRequest("configmaps", "default", "x", { preconditions }), 0, () => {
      world.call("b", deleteRequest("configmaps", "default", "x"));
      world.object("b", createRequest(configMap("x")));
    });
    expect(world.answer(id)).toMatchObject({ kind: "status", status: { code: 409 } });
    expect(world.object("a", getRequest("configmaps", "default", "x")).metadata.uid).not.toBe(made.metadata.uid);
  });

  test("a finalizer that comes between is not passed over", () => {
    const world = begin();
    const made = world.object<ConfigMap>("a", createRequest(configMap("x")));
    const id = world.meanwhile(deleteRequest("configmaps", "default", "x"), 0, () => {
      world.object("b", updateRequest(withMeta(made, { finalizers: ["example.com/x"] })));
    });
    expect(world.answer(id)).toMatchObject({ kind: "object", object: { metadata: { finalizers: ["example.com/x"] } } });
  });

  test("an eviction takes from the budget as it is now", () => {
    const world = begin();
    const pod: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "default", labels: { app: "x" } },
      spec: { nodeName: "n", containers: [{ name: "c", image: "i" }] },
    };
    world.object("a", createRequest(pod));
    const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    world.object("a", patchRequest("pods", "default", "p", { status }, { subresource: "status" }));
    const budget: PodDisruptionBudget = {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "b", namespace: "default" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "x" } } },
    };
    world.object("a", createRequest(budget));
    const allow = (disruptionsAllowed: number) =>
      patchRequest(
        "poddisruptionbudgets",
        "default",
        "b",
        {
          status: { observedGeneration: 1, disruptionsAllowed, currentHealthy: 3, desiredHealthy: 1, expectedPods: 3 },
        },
        { subresource: "status" },
      );
    world.object("a", allow(1));
    // The pod and the budgets are read; then the budget changes before the eviction takes from it.
    const id = world.meanwhile(evictRequest("default", "p"), 2, () => {
      world.object("b", allow(0));
    });
    expect(world.answer(id)).toMatchObject({ kind: "status", status: { code: 429 } });
    const next = world.meanwhile(evictRequest("default", "p"), 2, () => {
      world.object("b", allow(5));
    });
    expect(world.answer(next)).toMatchObject({ kind: "status", status: { code: 429 } });
    const last = world.meanwhile(evictRequest("default", "p"), 2, () => {
      world.object("b", allow(3));
    });
    expect(world.answer(last)).toMatchObject({ kind: "status", status: { status: "Success" } });
    const taken = world.object<PodDisruptionBudget>("b", getRequest("poddisruptionbudgets", "default", "b"));
    expect(taken.status?.disruptionsAllowed).toBe(2);
  });
});

/** A small generator of numbers (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What a client that follows a watch has in the end, and what was wrong on the way. */
function follow(
  { events }: Seen,
  initial: number,
): { readonly objects: ReadonlyMap<string, KubeObject>; readonly flaws: string[] } {
  const objects = new Map<string, KubeObject>();
  const flaws: string[] = [];
  let version = 0;
  for (const [i, { type, object }] of (events as readonly WatchEvent[]).entries()) {
    const at = Number(object.metadata.resourceVersion);
    // What there is at first comes in the order of the keys.
    if (i >= initial && type !== "BOOKMARK" && at <= version && version > 0)
      flaws.push(`${type} at ${at} after ${version}`);
    if (type === "BOOKMARK" && at < version) flaws.push(`bookmark at ${at} after ${version}`);
    const key = keyOf(object);
    if (type === "ADDED" && objects.has(key)) flaws.push(`${key} added twice`);
    if ((type === "MODIFIED" || type === "DELETED") && !objects.has(key)) flaws.push(`${type} of unknown ${key}`);
    if (type === "DELETED") objects.delete(key);
    else if (type !== "BOOKMARK") objects.set(key, object);
    version = Math.max(version, at);
  }
  return { objects, flaws };
}

function stored(world: ServerWorld): readonly (readonly [string, unknown])[] {
  const { keys } = (world.server("m1") as unknown as MemberState).raft.application;
  const versions = mapEntries(keys as OrderedMap<readonly { version: number; value: string; modRevision: number }[]>);
  const prefix = "/registry/configmaps/";
  return versions
    .filter(([key, list]) => key.startsWith(prefix) && list.at(-1)!.version > 0)
    .map(([key, list]) => [key.slice(prefix.length), String(list.at(-1)!.modRevision)] as const);
}

describe("a walk", () => {
  test.each([1, 2, 3, 4, 5, 6])("%i: caches and watches come to what the store has, whatever is lost", (seed) => {
    const world = begin();
    const next = chance(seed);
    const watches: { readonly seen: Seen; readonly initial: number }[] = [];
    const ids: string[] = [];
    const name = () => `n${next(6)}`;
    const random = (): ApiRequest => {
      switch (next(6)) {
        case 0:
        case 1:
          return createRequest(configMap(name(), { k: String(next(100)) }));
        case 2:
          return deleteRequest("configmaps", "default", name());
        case 3:
          return listRequest("configmaps", { limit: next(3) });
        case 4:
          return updateRequest(configMap(name(), { k: String(next(100)) }));
        default:
          return patchRequest("configmaps", "default", name(), { data: { l: String(next(100)) } });
      }
    };
    for (let i = 0; i < 250; i++) {
      const trouble = next(10);
      world.lose = ({ message }) => trouble === 0 && message.kind === "watchResponse";
      if (trouble === 1) world.lose = ({ message }) => message.kind === "answer";
      if (i % 50 === 0)
        for (const server of ["a", "b"]) {
          const seen = world.watch(server, watchRequest("configmaps", { resourceVersion: "0", timeoutSeconds: 7200 }));
          watches.push({ seen, initial: seen.events.length });
        }
      ids.push(world.send(next(2) === 0 ? "a" : "b", random()));
      if (next(8) === 0) world.advance(next(20) * SECOND);
    }
    world.lose = () => false;
    world.advance(120 * SECOND);
    for (const id of ids) expect(world.answer(id), id).toBeDefined();
    const truth = stored(world);
    expect(truth.length).toBeGreaterThan(0);
    for (const server of ["a", "b"]) {
      const cache = world.server(server).caches.find(({ resource }) => resource === "configmaps")!;
      expect(mapEntries(cache.objects).map(([key, { metadata }]) => [key, metadata.resourceVersion])).toEqual(truth);
      expect(world.server(server)).toMatchObject({ writesInFlight: 0, flights: { size: 0 }, calls: { size: 0 } });
    }
    for (const { seen, initial } of watches) {
      const { objects, flaws } = follow(seen, initial);
      expect([...seen.flaws, ...flaws]).toEqual([]);
      expect([...objects].map(([key, { metadata }]) => [key, metadata.resourceVersion]).sort()).toEqual(truth);
    }
  });
});
