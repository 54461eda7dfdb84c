import { expect, test } from "vitest";
import { leaseRenewalHonest } from "./lease-renewal-honest.ts";
import { LeaseStory, TTL_US } from "./lease-testing.ts";

const story = () => new LeaseStory(leaseRenewalHonest);

test("holds when what is renewed was there when it was asked for", () => {
  expect(story().grant(7).ask(7, "k1").at(5).renewed(7, "k1").violated).toBeNull();
  expect(story().grant(7).ask(7, "k1").at(5).revoke(7, "c2").at(9).renewed(7, "k1").violated).toBeNull();
});

test("violated by a renewal that was asked for after the end of the lease had been applied by a member", () => {
  const run = story().grant(7);
  run.drill.commit({ kind: "leaseRevoke", id: 7 }).apply("m2");
  expect(run.at(5).ask(7, "k1").at(9).renewed(7, "k1").violated).toBe(
    "m1 answers c1 that lease 7 is renewed, which was gone when it asked",
  );
});

test("holds when the id was granted again", () => {
  expect(story().grant(7).revoke(7).at(5).grant(7).at(9).ask(7, "k1").renewed(7, "k1").violated).toBeNull();
});

test("violated by the promise of more than the lease has", () => {
  expect(
    story()
      .grant(7)
      .ask(7, "k1")
      .renewed(7, "k1", { ttlUs: TTL_US + 1 }).violated,
  ).toBe("m1 promises 1100001 us of lease 7, which has 1100000 us");
});
