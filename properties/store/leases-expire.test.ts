import { expect, test } from "vitest";
import { LeaseStory, TTL_US } from "./lease-testing.ts";
import { leasesExpire } from "./leases-expire.ts";

const story = () => new LeaseStory(leasesExpire);

test("holds while a lease may live, and when it is gone", () => {
  expect(story().grant(7).at(TTL_US).drill.pending).toBeNull();
  expect(story().grant(7).at(9_000_000).end(7).drill.pending).toBeNull();
});

test("pending when nobody has asked to renew it for long", () => {
  const run = story().grant(7).at(9_000_000);
  expect(run.drill.pending).toMatch(/lease 7 of 1100000 us is still there, 9000000 us after anybody asked/);
  expect(run.ask(7, "k1").drill.pending).toBeNull();
  expect(run.at(18_000_000).takeOver("m2", 2, 0, [7, TTL_US]).drill.pending).toBeNull();
  expect(run.at(27_000_000).drill.pending).toMatch(/is still there/);
});
