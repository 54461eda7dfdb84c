import { expect, test } from "vitest";
import { LeaseStory, TTL_US } from "./lease-testing.ts";
import { leaseTimeCarriedOver } from "./lease-time-carried-over.ts";

const story = () => new LeaseStory(leaseTimeCarriedOver);

const checkpointed = () => {
  const run = story().grant(7);
  run.drill.run({ kind: "leaseCheckpoint", checkpoints: [{ id: 7, remainingTtlUs: 300_000 }] });
  return run;
};

test("holds when a new leader gives what is left, and up to an election timeout more", () => {
  expect(
    story()
      .grant(7)
      .takeOver("m2", 2, 50_000, [7, 50_000 + TTL_US + 200_000]).violated,
  ).toBeNull();
  expect(checkpointed().takeOver("m2", 2, 50_000, [7, 350_000]).violated).toBeNull();
  expect(checkpointed().takeOver("m2", 2, 50_000, [7, 550_000]).violated).toBeNull();
});

test("violated when it gives all of it anew, or less than what is left", () => {
  expect(checkpointed().takeOver("m2", 2, 50_000, [7, 50_000 + TTL_US]).violated).toBe(
    "m2 takes over lease 7 with 1100000 us, where 300000 us of 1100000 us are left",
  );
  expect(story().grant(7).takeOver("m2", 2, 50_000, [7, 50_000]).violated).toMatch(/with 0 us, where 1100000 us/);
});

test("holds when a renewal that waited for the same confirmation gives all of it anew", () => {
  const run = checkpointed();
  const asker = { kind: "client", process: "c1" } as const;
  const read = { id: "k", asker, request: { kind: "leaseKeepAlive", id: 7 }, deadline: 1_000_000 } as const;
  run.drill.step("m2", { server: { reads: { asked: { id: "r", at: 0, reads: [read] }, waiting: [] } } });
  expect(run.takeOver("m2", 2, 50_000, [7, 50_000 + TTL_US]).violated).toBeNull();
});

test("later on, within a term, clocks are its own business", () => {
  const run = checkpointed().takeOver("m2", 2, 50_000, [7, 350_000]);
  expect(run.takeOver("m2", 2, 60_000, [7, 60_000 + TTL_US]).violated).toBeNull();
  expect(run.takeOver("m2", 0, 70_000).violated).toBeNull();
});
