import { expect, test } from "vitest";
import type { Watcher } from "../../../models/store/types.ts";
import { LeaseStory, TTL_US } from "../lease-testing.ts";
import type { StoreProperty } from "../store-property.ts";
import type { StoreDrill } from "../testing.ts";
import { createOf, WatchStory } from "../watch-testing.ts";
import { watchAndLeaseSituations } from "./watches-and-leases.ts";

type Story = WatchStory | LeaseStory;
type Way = (property: StoreProperty) => Story;

const watch = (tell: (story: WatchStory) => WatchStory): Way => {
  return (property) => tell(new WatchStory(property).put("a"));
};
const lease = (tell: (story: LeaseStory) => LeaseStory): Way => {
  return (property) => tell(new LeaseStory(property).grant(7).grant(8));
};
const resumed = (member: string) => (story: WatchStory) =>
  story.open({ startRevision: 2 }).tell(2).put("a").open({ startRevision: 3 }, member).tell(3);

const watcher: Watcher = {
  watchId: "w1",
  client: "c1",
  create: createOf(),
  synced: true,
  nextRevision: 2,
  sequence: 0,
  acked: -1,
  heardAt: 0,
  progressWanted: false,
};
const synced = (drill: StoreDrill, ...states: readonly boolean[]) => {
  for (const synced of states) drill.step("m1", { server: { watchers: [{ ...watcher, synced }] } });
};
const installed = (story: WatchStory) => {
  const { drill } = story;
  const raft = { application: drill.contentAt() };
  const snapshot = { index: 9, term: 1, configuration: drill.member("m1").config.raft.initialConfiguration };
  const message = {
    kind: "installSnapshot",
    term: 1,
    round: 1,
    snapshot: { ...snapshot, application: raft.application },
  };
  drill.step("m1", { server: { watchers: [watcher] } });
  drill.step("m1", { raft: { application: { ...raft.application } } }, {
    kind: "receive",
    now: 0,
    wall: 0,
    from: "m2",
    message,
  } as const as Parameters<typeof drill.step>[2]);
  return story;
};
const holding = (story: LeaseStory) => story.session("c1", 0, { id: 7, validUntil: 9, holds: "l" });
const second = { id: 8, validUntil: 9, holds: "l" };
const renewedBy = (story: LeaseStory, ...terms: readonly number[]) => {
  for (const term of terms) {
    story.drill.lead("m1", term);
    story.ask(7, `k${term}`).renewed(7, `k${term}`);
  }
  return story;
};
const refused = (code: "timeout" | "notLeader") => (story: LeaseStory) => {
  story.ask(7, "k1").drill.refuse("m1", "c1", "k1", code);
  return story;
};
const takenOver = (remainingTtlUs: number) => (story: LeaseStory) => {
  story.drill.run({ kind: "leaseCheckpoint", checkpoints: [{ id: 7, remainingTtlUs }] });
  return story.takeOver("m2", 2, 0, [7, TTL_US]);
};

/** By situation: what almost leads there, and what does. */
const WAYS: Readonly<Record<string, readonly [not: Way, reached: Way]>> = {
  "watch-resumed": [watch((story) => story.open({ startRevision: 2 }).tell(2).put("a").tell(3)), watch(resumed("m1"))],
  "watch-resumed-elsewhere": [watch(resumed("m1")), watch(resumed("m2"))],
  "watch-canceled-by-compaction": [
    watch((story) => story.open().respond({ canceled: true })),
    watch((story) =>
      story.put("a").compact(3).open({ startRevision: 2 }).respond({ canceled: true, compactRevision: 3 }),
    ),
  ],
  "watch-fragmented": [
    watch((story) => story.open({ startRevision: 2 }).tell(2)),
    watch((story) => story.open({ startRevision: 2, fragment: true }).respond({ fragment: true })),
  ],
  "watch-progress-told": [
    watch((story) => story.open({ startRevision: 2 }).tell(2)),
    watch((story) => story.open({ startRevision: 2 }).tell(2).promise()),
  ],
  "future-watch-served": [
    watch((story) => story.open({ startRevision: 3 }).put("a").tell(3)),
    watch((story) => story.open({ startRevision: 4 }).put("a", "b").tell(4)),
  ],
  "watch-over-installed-snapshot": [
    watch((story) => installed(story.open({ startRevision: 2 }))),
    watch((story) => installed(story.open({ startRevision: 2 })).tell(2)),
  ],
  "watch-from-the-past": [
    watch((story) => story.open().put("a").tell(3)),
    watch((story) => story.open({ startRevision: 2 }).tell(2).put("a").tell(3)),
  ],
  "watch-told-previous-value": [
    watch((story) => story.open({ startRevision: 2, prevKv: true }).tell(2)),
    watch((story) => {
      const [first] = story.events(2);
      const [second] = story.put("a").events(3);
      const events = [{ ...second!, prevKv: first!.kv }];
      return story.open({ startRevision: 3, prevKv: true }).respond({ events });
    }),
  ],
  "watch-filtered": [
    watch((story) =>
      story
        .open({ filters: ["noDelete"] })
        .put("a")
        .tell(3),
    ),
    watch((story) => {
      story.open({ filters: ["noDelete"] }).putTogether("a", "b");
      return story.respond({ events: story.events(3).slice(0, 1) });
    }),
  ],
  "compacted-deletion-seen": [
    watch((story) => story.delete("a").put("a").compact(4).open({ startRevision: 3 }).tell(3)),
    watch((story) => story.delete("a").put("a").compact(3).open({ startRevision: 3 }).tell(3)),
  ],
  "slow-watcher-caught-up": [
    watch((story) => {
      synced(story.drill, false, true);
      return story;
    }),
    watch((story) => {
      synced(story.drill, true, false, true);
      return story;
    }),
  ],
  "lease-expired": [lease((story) => story.revoke(7)), lease((story) => story.end(7))],
  "lease-kept-alive": [
    lease((story) => story.ask(7, "k1").at(TTL_US).renewed(7, "k1")),
    lease((story) =>
      story
        .at(TTL_US + 1)
        .ask(7, "k1")
        .renewed(7, "k1"),
    ),
  ],
  "lease-revoked": [lease((story) => story.end(7)), lease((story) => story.revoke(7))],
  "lease-outlives-leader": [lease((story) => renewedBy(story, 1, 1)), lease((story) => renewedBy(story, 1, 2))],
  "lease-time-left-carried-over": [lease(takenOver(0)), lease(takenOver(500_000))],
  "lock-passed-on-by-expiry": [
    lease((story) => holding(story).revoke(7).session("c2", 0, second)),
    lease((story) => holding(story).end(7).session("c2", 0, second)),
  ],
  "renewal-refused-without-leader": [lease(refused("timeout")), lease(refused("notLeader"))],
};

test.each(watchAndLeaseSituations.map((property) => [property.id.replace("store/sometimes/", ""), property] as const))(
  "%s",
  (name, property) => {
    const [not, reached] = WAYS[name]!;
    expect(not(property).drill.reached).toBe(false);
    expect(reached(property).drill.reached).toBe(true);
  },
);
