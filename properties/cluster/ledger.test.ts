import { expect, test } from "vitest";
import type { ClusterProperty } from "./cluster-property.ts";
import { type Change, type ClusterLedger, clusterLedgerOf, placeOf } from "./ledger.ts";
import { ClusterDrill, objectOf, podOf } from "./testing.ts";

/** A drill, its ledger, and what a listener is told of pods. */
function followed() {
  let ledger: ClusterLedger | undefined;
  const told: Change[] = [];
  const property: ClusterProperty = {
    id: "cluster/ledger",
    kind: "always",
    source: "a test",
    monitor(context) {
      ledger = clusterLedgerOf(context);
      ledger.on("pods", (change) => told.push(change));
      return ledger.with();
    },
  };
  const drill = new ClusterDrill(property);
  return { drill, ledger: ledger!, told };
}

const set = objectOf("ReplicaSet", "web");

test("each revision is told once, with what was there before, however many members apply it", () => {
  const { drill, told } = followed();
  drill
    .put(podOf("a"))
    .put(set)
    .after(1)
    .put(podOf("a", { phase: "Failed" }))
    .remove(podOf("a"))
    .put(podOf("a"));
  expect(
    told.map(({ key, before, after, beforeRevision, previousRevision, revision, atUs }) => [
      key,
      before?.metadata.name ?? null,
      after?.metadata.name ?? null,
      beforeRevision,
      previousRevision,
      revision,
      atUs,
    ]),
  ).toEqual([
    ["default/a", null, "a", 0, 0, 2, 0],
    ["default/a", "a", "a", 2, 2, 4, 1_000_000],
    ["default/a", "a", null, 4, 4, 5, 1_000_000],
    ["default/a", null, "a", 0, 5, 6, 1_000_000],
  ]);
});

test("indexes follow the objects", () => {
  const { drill, ledger } = followed();
  drill
    .put(set)
    .put(podOf("a", { owner: set, node: "n1" }))
    .put(podOf("b", { node: "n1" }));
  expect([...ledger.podsOn("n1").keys()]).toEqual(["default/a", "default/b"]);
  expect([...ledger.controlledBy("ReplicaSet-web", "pods")].map(({ key }) => key)).toEqual(["default/a"]);
  expect(ledger.byUid("Pod-a")?.key).toBe("default/a");
  drill.put(podOf("a", { node: "n1" })).remove(podOf("b"));
  expect([...ledger.podsOn("n1").keys()]).toEqual(["default/a"]);
  expect([...ledger.dependentsOf("ReplicaSet-web")]).toEqual([]);
  expect(ledger.byUid("Pod-b")).toBeUndefined();
});

test("what a key was at an earlier revision is found over deletions", () => {
  const { drill, ledger } = followed();
  drill
    .put(podOf("a"))
    .put(set)
    .remove(podOf("a"))
    .put(podOf("a", { uid: "x" }));
  expect([1, 2, 3, 4, 5].map((at) => ledger.changeUpTo("pods", "default/a", at)?.revision ?? null)).toEqual([
    null,
    2,
    2,
    4,
    5,
  ]);
  expect(ledger.changesAt(9)).toBeUndefined();
});

test("keys of the store are those of kubernetes", () => {
  expect(placeOf("/registry/services/specs/default/web")).toEqual({ resource: "services", key: "default/web" });
  expect(placeOf("/registry/minions/n1")).toEqual({ resource: "nodes", key: "n1" });
  expect(placeOf("/registry/example.com/widgets/default/w")).toEqual({
    resource: "widgets.example.com",
    key: "default/w",
  });
  expect(placeOf("compact_rev_key")).toBeNull();
});
