import { expect, test } from "vitest";
import { watchPreviousValue } from "./watch-previous-value.ts";
import { eventOf, WatchStory } from "./watch-testing.ts";

const story = () => new WatchStory(watchPreviousValue);

const asked = () => story().open({ prevKv: true }).put("a", "a").delete("a").put("a");
const before = (run: WatchStory, revision: number) => run.events(revision)[0]!.kv;
const told = (run: WatchStory) => [
  eventOf(before(run, 2)),
  eventOf(before(run, 3), before(run, 2)),
  eventOf(before(run, 4), before(run, 3)),
  eventOf(before(run, 5)),
];

test("holds when it is that of the revision before, and there is none of a key that is created", () => {
  const run = asked();
  expect(run.respond({ events: told(run) }).violated).toBeNull();
});

test("violated when it is another, or is missing, or was not asked for", () => {
  const run = asked();
  const [created, , deleted] = told(run);
  expect(run.respond({ events: [created!, eventOf(before(run, 3))] }).violated).toMatch(/is not told what "a" was/);
  const other = asked();
  const wrong = eventOf(deleted!.kv, before(run, 2));
  expect(other.respond({ events: [...told(run).slice(0, 2), wrong] }).violated).toMatch(/wrongly what "a" was/);
  const none = story().open().put("a", "a");
  expect(none.respond({ events: told(run).slice(0, 2) }).violated).toMatch(/wrongly what "a" was before revision 3/);
});

test("holds without it where it is compacted, but not before", () => {
  const run = asked().compact(3);
  expect(run.respond({ events: [eventOf(before(run, 3))] }).violated).toBeNull();
  expect(run.respond({ events: [eventOf(before(run, 4))] }).violated).toMatch(/is not told what "a" was/);
});
