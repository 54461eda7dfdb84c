import { expect, test } from "vitest";
import { append, mapDelete } from "../../models/kernel/index.ts";
import type { StoreState } from "../../models/store/types.ts";
import { leaseKeysStay } from "./lease-keys-stay.ts";
import { LeaseStory, TTL_US } from "./lease-testing.ts";
import { putOf } from "./testing.ts";

const story = () => new LeaseStory(leaseKeysStay);

test("holds when a lease ends a TTL after its grant or its last renewal, by a clock that is 10 % fast", () => {
  expect(story().grant(7, "a").at(1_000_000).end(7).violated).toBeNull();
  expect(story().grant(7, "a").at(400_000).ask(7, "k1").renewed(7, "k1").at(1_400_000).end(7).violated).toBeNull();
});

test("violated when it ends earlier", () => {
  expect(story().grant(7, "a").at(999_000).end(7).violated).toBe(
    "lease 7 ends 999000 us after its last renewal, as m1 has it, though it has 1100000 us and nobody revoked it",
  );
  const renewed = story().grant(7).at(400_000).ask(7, "k1").at(500_000).renewed(7, "k1").at(1_399_000);
  expect(renewed.end(7).violated).toMatch(/ends 999000 us after its last renewal/);
});

test("holds when a client has it revoked, or when no renewal was answered", () => {
  expect(story().grant(7, "a").revoke(7).violated).toBeNull();
  expect(story().grant(7, "a").at(900_000).ask(7, "k1").at(1_000_000).end(7).violated).toBeNull();
});

test("violated when a renewal that was passed on was answered by the leader alone, and the next leader does not know", () => {
  const run = story().grant(7).at(900_000).ask(7, "k1");
  run.drill.send("m1", "m2", {
    kind: "leaseAnswer",
    id: "k1",
    response: { kind: "leaseKeepAlive", revision: 1, id: 7, ttlUs: TTL_US },
  });
  expect(run.at(1_200_000).end(7).violated).toMatch(/ends 300000 us after its last renewal/);
});

test("a key that a client takes from a lease is not the lease's any more", () => {
  const run = story().grant(7, "a", "b", "c").grant(8);
  run.drill.run(putOf("a", "x", { lease: 8 })).run(putOf("b", "x"));
  run.drill.run({ kind: "deleteRange", key: "c", rangeEnd: "", prevKv: false });
  expect(run.at(2_000_000).end(7).violated).toBeNull();
  expect(run.end(8).violated).toBeNull();
});

/** The end of lease 7 leaves this content, whatever the model makes of it. */
function ended(run: LeaseStory, changes: (content: StoreState) => Partial<StoreState>): string | null {
  const before = run.drill.contentAt();
  const after = { ...before, leases: mapDelete(before.leases, "7"), consistentIndex: before.consistentIndex + 1 };
  run.at(2_000_000).drill.step("m1", { raft: { application: { ...after, ...changes(before) } } });
  return run.violated;
}

test("violated by the end of a lease that leaves a key, or takes another", () => {
  expect(ended(story().grant(7), () => ({}))).toBeNull();
  expect(ended(story().grant(7, "a"), () => ({}))).toBe('lease 7 is gone, and its key "a" is not');
  const tombstone = { key: "b", value: "", createRevision: 0, modRevision: 4, version: 0, lease: 0 };
  const deletes = ({ revision, events }: StoreState) => ({
    revision: revision + 1,
    events: append(events, [tombstone]),
  });
  expect(ended(story().grant(7, "a").grant(8, "b"), deletes)).toBe('the end of lease 7 deletes "b", which is on 8');
  const other = { ...tombstone, key: "a" };
  const part = ({ revision, events }: StoreState) => ({ revision: revision + 1, events: append(events, [other]) });
  expect(ended(story().grant(7, "a", "b"), part)).toBe('lease 7 is gone, and its key "b" is not');
});
