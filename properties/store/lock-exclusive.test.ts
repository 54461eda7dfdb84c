import { expect, test } from "vitest";
import { LeaseStory } from "./lease-testing.ts";
import { lockExclusive } from "./lock-exclusive.ts";

const story = () => new LeaseStory(lockExclusive);

const held = () => story().grant(7, "l/7").grant(8, "l/8").session("c1", 100, { id: 7, validUntil: 1100, holds: "l" });

test("holds when a lock passes on after it was given up, or when its holder can no longer be certain", () => {
  const given = held().session("c1", 200, null).at(100);
  expect(given.session("c2", 0, { id: 8, validUntil: 900, holds: "l" }).violated).toBeNull();
  expect(held().at(1000).session("c2", 0, { id: 8, validUntil: 900, holds: "l" }).violated).toBeNull();
});

test("violated by two that hold it, even if one of them is paused, or was and has lost its memory", () => {
  const second = { id: 8, validUntil: 900, holds: "l" };
  expect(held().at(500).session("c2", 0, second).violated).toBe('c1 and c2 both hold "l", by leases 7 and 8');
  const run = held().at(500);
  run.drill.crash("c1");
  expect(run.session("c2", 0, second).violated).toMatch(/both hold/);
});

test("violated when the first renews what was no longer certain, and another has got it", () => {
  const run = held().at(1000).session("c2", 0, { id: 8, validUntil: 900, holds: "l" });
  expect(run.session("c1", 1100, { id: 7, validUntil: 2100, holds: "l" }).violated).toBe(
    'c2 and c1 both hold "l", by leases 8 and 7',
  );
});

test("holds for other locks, for who only waits, and for who knows that it is late", () => {
  const run = held().session("c2", 0, { id: 8, validUntil: 900, holds: "k" });
  expect(run.session("c2", 1, { id: 8, validUntil: 900 }).violated).toBeNull();
  expect(held().session("c2", 900, { id: 8, validUntil: 900, holds: "l" }).violated).toBeNull();
});

test("nobody owes anything to whose lease was revoked, or whose key was deleted", () => {
  const second = { id: 8, validUntil: 900, holds: "l" };
  expect(held().revoke(7, "c2").session("c2", 0, second).violated).toBeNull();
  const run = held();
  run.drill.run({ kind: "deleteRange", key: "l/7", rangeEnd: "", prevKv: false });
  expect(run.session("c2", 0, second).violated).toBeNull();
});
