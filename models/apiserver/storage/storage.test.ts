import { describe, expect, test } from "vitest";
import { contractBreach } from "../../kernel/contract.ts";
import {
  createRequest,
  deleteRequest,
  getRequest,
  listRequest,
  patchRequest,
  watchRequest,
} from "../../machinery/client/requests.ts";
import type { ConfigMap } from "../../machinery/kinds/index.ts";
import { raftRules } from "../../raft/index.ts";
import { storeMember } from "../../store/index.ts";
import { testConfig } from "../../store/testing/cluster.ts";
import { apiServer, apiServerConfig } from "../index.ts";
import { ServerWorld, told } from "../testing/world.ts";

const SECOND = 1_000_000;

function begin(members: readonly string[] = ["m1"], servers: readonly string[] = ["a"]): ServerWorld {
  const world = new ServerWorld();
  for (const [i, id] of members.entries()) {
    const raft = { electionTimeoutUs: (i + 1) * SECOND, electionTimeoutMaxUs: (i + 1) * SECOND };
    world.start(id, storeMember(raftRules), testConfig(id, members, { watchWindow: 1000 }, raft));
  }
  for (const id of servers) world.start(id, apiServer, apiServerConfig(id, members));
  world.advance(6 * SECOND);
  return world;
}

function configMap(name: string): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" } };
}

describe("a store that is not to be had", () => {
  test("is told of: what was not answered may have happened", () => {
    const world = begin();
    world.lose = ({ message }) => message.kind === "answer";
    const id = world.send("a", createRequest(configMap("a")));
    world.advance(15 * SECOND);
    expect(world.answer(id)).toMatchObject({ kind: "status", status: { code: 504, reason: "Timeout" } });
    world.lose = () => false;
    expect(world.object("a", getRequest("configmaps", "default", "a")).metadata.name).toBe("a");
  });

  test("is told of: without a leader nothing happens, and reads of the cache go on", () => {
    const world = begin(["m1", "m2", "m3"]);
    world.object("a", createRequest(configMap("a")));
    world.stop("m2");
    world.stop("m3");
    world.advance(10 * SECOND);
    const id = world.send("a", createRequest(configMap("b")));
    world.advance(12 * SECOND);
    expect(world.answer(id)).toMatchObject({ kind: "status", status: { status: "Failure" } });
    const list = world.call("a", listRequest("configmaps", { resourceVersion: "0" }));
    expect(list.kind === "list" && list.items.length).toBe(1);
  });

  test("has other members", () => {
    const world = begin(["m1", "m2", "m3"]);
    const seen = world.watch("a", watchRequest("configmaps", { resourceVersion: "0" }));
    world.stop("m1");
    world.advance(60 * SECOND);
    const made = world.object("a", createRequest(configMap("a")));
    expect(world.object("a", getRequest("configmaps", "default", "a"))).toEqual(made);
    expect(told(seen).filter((text) => !text.startsWith("BOOKMARK"))).toEqual(["ADDED a"]);
  });
});

describe("the compactor", () => {
  test("of one server compacts in each interval, up to where the store was at the last one", () => {
    const world = begin(["m1"], ["a", "b"]);
    const old = world.object("a", createRequest(configMap("a")));
    world.advance(301 * SECOND);
    expect(world.notes.get("apiserver/storage/compaction-won")).toBe(1);
    expect(world.notes.get("apiserver/storage/compaction-lost")).toBe(1);
    expect(world.notes.get("apiserver/storage/compacted")).toBeUndefined();
    world.object("b", createRequest(configMap("b")));
    world.advance(600 * SECOND);
    expect(world.notes.get("apiserver/storage/compaction-won")).toBe(3);
    expect(world.notes.get("apiserver/storage/compacted")).toBe(2);
    const { resourceVersion } = old.metadata;
    const past = listRequest("configmaps", { resourceVersion: resourceVersion!, resourceVersionMatch: "Exact" });
    expect(world.failure("a", past)).toMatchObject({ code: 410, reason: "Expired" });
    expect(told(world.watch("a", watchRequest("configmaps", { resourceVersion: "0" })))).toEqual([
      "ADDED a",
      "ADDED b",
    ]);
  });
});

describe("overload", () => {
  test("is refused", () => {
    const world = new ServerWorld();
    world.start("m1", storeMember(raftRules), testConfig("m1", ["m1"]));
    world.start("a", apiServer, apiServerConfig("a", ["m1"], { readsInFlightMax: 2, writesInFlightMax: 1 }));
    world.advance(10 * SECOND);
    world.hold = ({ message }) => message.kind === "answer";
    const read = getRequest("configmaps", "default", "a");
    const [one, two, three] = [1, 2, 3].map(() => world.send("a", read));
    const [four, five] = [1, 2].map((i) => world.send("a", createRequest(configMap(`n${i}`))));
    expect([one, two, four].map((id) => world.answer(id!))).toEqual([undefined, undefined, undefined]);
    for (const id of [three, five])
      expect(world.answer(id!)).toMatchObject({ status: { code: 429, details: { retryAfterSeconds: 1 } } });
    world.hold = () => false;
    world.settle();
    expect(world.answer(four!)).toMatchObject({ kind: "object" });
    expect(world.object("a", createRequest(configMap("n3"))).metadata.name).toBe("n3");
  });
});

describe("the contract of a machine", () => {
  test("is kept", () => {
    const world = begin(["m1"], ["a", "b"]);
    world.watch("a", watchRequest("configmaps", { resourceVersion: "0", timeoutSeconds: 70 }));
    for (const name of ["a", "b", "c"]) world.object("a", createRequest(configMap(name)));
    world.object("b", patchRequest("configmaps", "default", "a", { data: { k: "v" } }));
    world.call("a", listRequest("configmaps"));
    world.call("a", listRequest("configmaps", { limit: 2 }));
    world.call("a", deleteRequest("configmaps", "default", "b"));
    world.lose = ({ message }) => message.kind === "watchResponse";
    world.send("a", listRequest("configmaps"));
    world.advance(400 * SECOND);
    const { config, inputs } = world.lifeOf("a");
    expect(inputs.length).toBeGreaterThan(100);
    const clock = { now: 1_000_000, wall: 1_000_000 };
    expect(contractBreach(apiServer, { durable: null, config, clock, inputs: inputs.slice(0, 400) })).toBeNull();
  });
});
