import { beforeEach, describe, expect, test } from "vitest";
import {
  bindRequest,
  createRequest,
  deleteRequest,
  listRequest,
  patchRequest,
  updateRequest,
  watchRequest,
} from "../../machinery/client/requests.ts";
import type { ConfigMap, Pod } from "../../machinery/kinds/index.ts";
import { withMeta } from "../../machinery/meta.ts";
import { raftRules } from "../../raft/index.ts";
import { storeMember } from "../../store/index.ts";
import { testConfig } from "../../store/testing/cluster.ts";
import { apiServer, apiServerConfig } from "../index.ts";
import { ServerWorld, told } from "../testing/world.ts";
import type { ApiServerConfig } from "../types.ts";

const SECOND = 1_000_000;
let world: ServerWorld;

function begin(over: Partial<ApiServerConfig> = {}, storeOver: object = {}): void {
  world = new ServerWorld();
  world.start("m1", storeMember(raftRules), testConfig("m1", ["m1"], { watchWindow: 1000, ...storeOver }));
  world.start("a", apiServer, apiServerConfig("a", ["m1"], over));
  world.advance(5 * SECOND);
}

beforeEach(() => begin());

function configMap(name: string, labels: Record<string, string> = {}, namespace = "default"): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels } };
}

function pod(name: string): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "c", image: "i" }] },
  };
}

const create = <O extends ConfigMap | Pod>(object: O) => world.object<O>("a", createRequest(object));
const remove = (name: string, resource = "configmaps") =>
  world.call("a", deleteRequest(resource, "default", name, { gracePeriodSeconds: 0 }));
const versionOf = (object: ConfigMap | Pod) => object.metadata.resourceVersion!;

describe("a watch", () => {
  test("from version 0 has what there is first, then what changes", () => {
    create(configMap("a"));
    const seen = world.watch("a", watchRequest("configmaps", { resourceVersion: "0" }));
    expect(told(seen)).toEqual(["ADDED a"]);
    const b = create(configMap("b"));
    world.call("a", patchRequest("configmaps", "default", "b", { data: { k: "v" } }));
    remove("b");
    expect(told(seen)).toEqual(["ADDED a", "ADDED b", "MODIFIED b", "DELETED b"]);
    const [, added, , deleted] = seen.events;
    expect(added!.object).toEqual(b);
    expect(Number(deleted!.object.metadata.resourceVersion)).toBeGreaterThan(Number(versionOf(b)));
    expect(seen.flaws).toEqual([]);
  });

  test("from a version has what came after it", () => {
    const a = create(configMap("a"));
    create(configMap("b"));
    remove("a");
    const seen = world.watch("a", watchRequest("configmaps", { resourceVersion: versionOf(a) }));
    expect(told(seen)).toEqual(["ADDED b", "DELETED a"]);
  });

  test("from a version that the server has not seen yet waits for what is newer", () => {
    const a = create(configMap("a"));
    const future = Number(versionOf(a)) + 1;
    const seen = world.watch("a", watchRequest("configmaps", { resourceVersion: String(future) }));
    create(configMap("b"));
    expect(told(seen)).toEqual([]);
    create(configMap("c"));
    expect(told(seen)).toEqual(["ADDED c"]);
  });

  test("is about a namespace, labels and fields; what begins to pass is added, what passes no more is deleted", () => {
    const label = watchRequest("configmaps", { namespace: "default", labelSelector: "app=x", resourceVersion: "0" });
    const seen = world.watch("a", label);
    const a = create(configMap("a", { app: "x" }));
    create(configMap("b", { app: "y" }));
    create(configMap("c", { app: "x" }, "kube-system"));
    const moved = world.object<ConfigMap>("a", updateRequest(withMeta(a, { labels: { app: "y" } })));
    world.object("a", updateRequest(withMeta(moved, { labels: { app: "x" } })));
    expect(told(seen)).toEqual(["ADDED a", "DELETED a", "ADDED a"]);
    // The last state that passed, at the version at which it ceased to.
    expect(seen.events[1]!.object.metadata).toMatchObject({ labels: { app: "x" }, resourceVersion: versionOf(moved) });
    const named = world.watch(
      "a",
      watchRequest("configmaps", { fieldSelector: "metadata.name=b", resourceVersion: "0" }),
    );
    remove("b");
    expect(told(named)).toEqual(["ADDED b", "DELETED b"]);
  });

  test("of a node's pods has a pod from its binding on, and no other event visits it", () => {
    const seen = world.watch(
      "a",
      watchRequest("pods", { fieldSelector: "spec.nodeName=node-1", resourceVersion: "0" }),
    );
    const one = create(pod("p"));
    create(pod("q"));
    world.call("a", bindRequest(one, "node-1"));
    expect(told(seen)).toEqual(["ADDED p"]);
    const [cache] = world.server("a").caches.filter(({ resource }) => resource === "pods");
    expect(JSON.stringify(cache!.byTrigger)).toContain("spec.nodeName=node-1");
  });

  test("gets a bookmark each minute, one before its end, and then ends", () => {
    create(configMap("a"));
    const seen = world.watch("a", watchRequest("configmaps", { resourceVersion: "0", timeoutSeconds: 90 }));
    const version = world.server("a").reflector.revision;
    world.advance(65 * SECOND);
    expect(told(seen)).toHaveLength(2);
    expect(Number(seen.events[1]!.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(version);
    world.advance(30 * SECOND);
    expect(told(seen)).toHaveLength(3);
    expect(seen.end).toBeNull();
    create(configMap("b"));
    expect(seen.flaws).toEqual([]);
  });

  test("gets no bookmark where it wants none", () => {
    const seen = world.watch(
      "a",
      watchRequest("configmaps", { resourceVersion: "0", timeoutSeconds: 90, allowWatchBookmarks: false }),
    );
    world.advance(100 * SECOND);
    expect(told(seen)).toEqual([]);
    expect(seen.end).toBeNull();
  });

  test("that is stopped hears no more", () => {
    const seen = world.watch("a", watchRequest("configmaps", { resourceVersion: "0" }));
    const [watchId] = JSON.stringify(world.server("a").watchers).match(/w\d+/)!;
    world.tell("a", { kind: "apiWatchStop", watchId });
    create(configMap("a"));
    expect(told(seen)).toEqual([]);
    expect(world.server("a").watchers.size).toBe(0);
  });

  test("from before what the ring has is expired", () => {
    begin({ ringEventsMin: 4, ringEventsMax: 4 });
    const old = create(configMap("first"));
    for (let i = 0; i < 5; i++) create(configMap(`n${i}`));
    const seen = world.watch("a", watchRequest("configmaps", { resourceVersion: versionOf(old) }));
    expect(seen.end).toMatchObject({ code: 410, reason: "Expired" });
    expect(seen.end?.message).toMatch(/^too old resource version: \d+ \(\d+\)$/);
    const oldest = /\((\d+)\)/.exec(seen.end!.message)![1]!;
    const next = world.watch("a", watchRequest("configmaps", { resourceVersion: oldest }));
    expect(told(next)).toHaveLength(4);
  });

  test("of a server that has just started is for later", () => {
    world.hold = ({ message }) => message.kind === "answer";
    world.start("b", apiServer, apiServerConfig("b", ["m1"]));
    const early = world.watch("b", watchRequest("configmaps", { resourceVersion: "0" }));
    expect(early.end).toMatchObject({ code: 429, message: "storage is (re)initializing" });
  });

  test("of a custom resource is as others", () => {
    const seen = world.watch("a", watchRequest("widgets.example.com", { resourceVersion: "0" }));
    const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w", namespace: "default" } };
    world.object("a", createRequest(widget));
    expect(told(seen)).toEqual(["ADDED w"]);
  });
});

describe("the ring", () => {
  test("grows while what it would lose is young, and shrinks when that is long ago", () => {
    begin({ ringEventsMin: 4, ringEventsMax: 16 });
    const cache = () => world.server("a").caches.find(({ resource }) => resource === "configmaps")!;
    const held = () => cache().ring.length - cache().ringStart;
    for (let i = 0; i < 40; i++) create(configMap(`n${i}`));
    expect(cache().capacity).toBe(16);
    expect(held()).toBe(16);
    for (let i = 0; i < 12; i++) {
      world.advance(80 * SECOND);
      create(configMap(`m${i}`));
    }
    expect(cache().capacity).toBe(4);
    expect(held()).toBeLessThanOrEqual(4);
  });

  test("drops what is long ago in the end, without a copy for each event", () => {
    begin({ ringEventsMin: 4, ringEventsMax: 4 });
    for (let i = 0; i < 300; i++) create(configMap(`n${i}`));
    const cache = world.server("a").caches.find(({ resource }) => resource === "configmaps")!;
    expect(cache.ring.length).toBeLessThan(150);
    expect(cache.ring.length - cache.ringStart).toBe(4);
  });
});

describe("the cache", () => {
  test("lists in pages", () => {
    for (let i = 0; i < 7; i++) create(configMap(`n${i}`));
    world.start("b", apiServer, apiServerConfig("b", ["m1"], { listPageObjects: 3 }));
    world.advance(SECOND);
    const list = world.call("b", listRequest("configmaps", { resourceVersion: "0" }));
    expect(list.kind === "list" && list.items.length).toBe(7);
    // Seven of these, four namespaces, two priority classes.
    expect(world.notes.get("apiserver/cacher/list-page")).toBe(4);
  });

  test("lists anew when what it needs next is compacted, and its watches end", () => {
    const seen = world.watch("a", watchRequest("configmaps", { resourceVersion: "0" }));
    world.lose = ({ message }) => message.kind === "watchResponse";
    const a = create(configMap("a"));
    remove("a");
    create(configMap("b"));
    world.tell("m1", {
      kind: "call",
      id: "compact",
      request: { kind: "compact", revision: Number(versionOf(a)) + 2 },
    });
    world.advance(SECOND);
    world.lose = () => false;
    world.advance(60 * SECOND);
    expect(seen.end).toBeNull();
    expect(world.notes.get("apiserver/cacher/watches-terminated")).toBe(1);
    const list = world.call("a", listRequest("configmaps", { resourceVersion: "0" }));
    expect(list.kind === "list" && list.items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
  });

  test("finds out that it missed something, and gets it", () => {
    const seen = world.watch("a", watchRequest("configmaps", { resourceVersion: "0" }));
    world.lose = ({ message }) => message.kind === "watchResponse";
    create(configMap("a"));
    world.lose = () => false;
    expect(told(seen)).toEqual([]);
    // A consistent read asks the store how far it is.
    const id = world.send("a", listRequest("configmaps"));
    world.advance(SECOND);
    expect(world.answer(id)?.kind).toBe("list");
    expect(told(seen)).toEqual(["ADDED a"]);
    world.lose = ({ message }) => message.kind === "watchResponse";
    create(configMap("b"));
    world.lose = () => false;
    world.advance(45 * SECOND);
    expect(told(seen).filter((text) => !text.startsWith("BOOKMARK"))).toEqual(["ADDED a", "ADDED b"]);
    expect(seen.flaws).toEqual([]);
  });
});
