import { describe, expect, test } from "vitest";
import { deepFreeze, mapEntries } from "../../kernel/index.ts";
import type { ApiClientMessage, ApiServerMessage } from "../api.ts";
import type { KubeObject, Pod } from "../kinds/index.ts";
import { keyOf } from "../meta.ts";
import { apiConfig, Component, PODS } from "../testing/component.ts";
import { FakeServer, FakeStore } from "../testing/fake-server.ts";
import { indexValues } from "./indexers.ts";
import { CLIENT_NOTES } from "./notes.ts";
import type { InformerEvent } from "./types.ts";

/** A small generator of chance (mulberry32), so that a failing walk can be walked again. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function podOf(name: string, node: string, owner: string): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "a",
      uid: `uid-${name}`,
      ...(owner === ""
        ? {}
        : {
            ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: owner, controller: true }],
          }),
    },
    spec: { containers: [], ...(node === "" ? {} : { nodeName: node }) },
  };
}

/** A component, two servers with one store, and the connections between them, which a walk treats badly. */
class Walk {
  readonly draw: (below: number) => number;
  readonly store = new FakeStore();
  readonly servers = [new FakeServer("api-1", this.store), new FakeServer("api-2", this.store)];
  readonly component = new Component(apiConfig("c", ["api-1", "api-2"], [PODS]));
  /** On the way to each server, and from it. */
  readonly there = new Map<string, ApiClientMessage[]>([
    ["api-1", []],
    ["api-2", []],
  ]);
  readonly back = new Map<string, ApiServerMessage[]>([
    ["api-1", []],
    ["api-2", []],
  ]);
  /** What somebody who only listens to the events would have. */
  readonly replica = new Map<string, KubeObject>();
  revision = 0;
  taken = 0;

  constructor(seed: number) {
    this.draw = chance(seed);
    this.component.start();
    this.collect();
  }

  step(): void {
    const server = this.servers[this.draw(2)]!;
    const [there, back] = [this.there.get(server.id)!, this.back.get(server.id)!];
    const dice = this.draw(100);
    if (dice < 24) this.write();
    else if (dice < 32) server.catchUp(server.seen + 1 + this.draw(4));
    else if (dice < 52) this.deliverThere(server);
    else if (dice < 72) this.deliverBack(server);
    else if (dice < 82) this.fire();
    else if (dice < 85) server.bookmark();
    else if (dice < 88) back.splice(this.draw(back.length + 1), 1);
    else if (dice < 90) there.splice(this.draw(there.length + 1), 1);
    else if (dice < 92) server.cut(this.draw(2) === 0);
    else if (dice < 94) this.crash(server);
    else if (dice < 95) this.store.oldest = Math.max(this.store.oldest, this.store.revision - this.draw(10));
    else if (dice < 96) server.unavailable = !server.unavailable;
    this.collect();
  }

  /** Nothing is lost any more, and time goes on. */
  settle(): void {
    for (const server of this.servers) server.unavailable = false;
    for (let round = 0; round < 400; round++) {
      for (const server of this.servers) {
        server.catchUp(this.store.revision);
        while (this.there.get(server.id)!.length > 0) this.deliverThere(server);
        this.collect();
        while (this.back.get(server.id)!.length > 0) this.deliverBack(server);
        this.collect();
      }
      const quiet = this.servers.every(({ id }) => this.there.get(id)!.length === 0 && this.back.get(id)!.length === 0);
      if (quiet && round > 200) return;
      if (quiet) this.fire();
    }
  }

  write(): void {
    const name = `p-${this.draw(8)}`;
    if (this.draw(3) === 0) this.store.remove(`a/${name}`);
    else
      this.store.put(deepFreeze(podOf(name, ["", "node-1", "node-2"][this.draw(3)]!, ["", "r1", "r2"][this.draw(3)]!)));
  }

  crash(server: FakeServer): void {
    server.cut(true);
    this.there.get(server.id)!.length = 0;
    this.back.get(server.id)!.length = 0;
    server.seen = Math.max(1, this.store.revision - this.draw(5));
  }

  fire(): void {
    if (this.component.timerAt !== null) this.news(this.component.fire()!.events);
  }

  deliverThere(server: FakeServer): void {
    const message = this.there.get(server.id)!.shift();
    if (message !== undefined) server.receive("c", message);
  }

  deliverBack(server: FakeServer): void {
    const message = this.back.get(server.id)!.shift();
    if (message === undefined) return;
    this.component.now += this.draw(2000);
    this.news(this.component.receive(server.id, deepFreeze(message))!.events);
  }

  news(events: readonly InformerEvent[]): void {
    for (const { type, key, old, object } of events) {
      expect(this.replica.get(key) ?? null, `${type} ${key}`).toBe(old);
      if (type === "deleted") this.replica.delete(key);
      else this.replica.set(key, object);
    }
    deepFreeze(this.component.state);
    const informer = this.component.state.informers[0]!;
    const revision = Number(informer.resourceVersion);
    expect(revision, "the version goes back").toBeGreaterThanOrEqual(this.revision);
    this.revision = revision;
    expect(mapEntries(informer.objects)).toEqual([...this.replica].sort(([one], [two]) => (one < two ? -1 : 1)));
  }

  collect(): void {
    for (; this.taken < this.component.sent.length; this.taken++) {
      const { to, message } = this.component.sent[this.taken]!;
      this.there.get(to)!.push(message as ApiClientMessage);
    }
    for (const server of this.servers)
      for (const { message } of server.out.splice(0)) this.back.get(server.id)!.push(message);
  }

  /** The index, made anew from what is cached. */
  expectIndexes(): void {
    const informer = this.component.state.informers[0]!;
    for (const index of PODS.indexes) {
      const naive = new Map<string, string[]>();
      for (const [key, object] of mapEntries(informer.objects))
        for (const value of indexValues(index, object)) naive.set(value, [...(naive.get(value) ?? []), key]);
      const kept = mapEntries(informer.indexes[index]!).map(([value, keys]) => [
        value,
        mapEntries(keys).map(([key]) => key),
      ]);
      expect(kept).toEqual([...naive].sort(([one], [two]) => (one < two ? -1 : 1)));
      const view = this.component.api().view("pods");
      for (const [value, keys] of naive) expect(view.byIndex(index, value).map(keyOf)).toEqual(keys);
    }
  }
}

describe("a client and its servers", () => {
  const reached = new Set<string>();

  test.each(Array.from({ length: 100 }, (_, seed) => seed))("walk %d ends with the truth in its cache", (seed) => {
    const walk = new Walk(seed);
    for (let i = 0; i < 300; i++) {
      walk.step();
      if (i % 20 === 0) walk.expectIndexes();
    }
    walk.settle();
    const truth = walk.store
      .at(walk.store.revision)
      .map((object) => `${keyOf(object)}@${object.metadata.resourceVersion}`);
    expect(walk.component.cached()).toEqual(truth);
    walk.expectIndexes();
    expect(JSON.parse(JSON.stringify(walk.component.state))).toEqual(walk.component.state);
    for (const name of walk.component.notes) reached.add(name);
  });

  test("the walks reach every rule of an informer", () => {
    const rules = CLIENT_NOTES.filter((name) => name.startsWith("client/informer/") || name === "client/failed-over");
    // The spec has no resync, and the servers keep the versions that are listed from; api.test.ts has those rules.
    const elsewhere = ["resynced", "version-expired", "version-too-large", "listed-the-latest"];
    expect(rules.filter((name) => !reached.has(name) && !elsewhere.includes(name.split("/")[2]!))).toEqual([]);
  });
});
