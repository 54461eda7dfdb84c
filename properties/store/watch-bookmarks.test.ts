import { expect, test } from "vitest";
import { watchBookmarks } from "./watch-bookmarks.ts";
import { WatchStory } from "./watch-testing.ts";

const story = () => new WatchStory(watchBookmarks);

test("holds when all up to the promise was told, and when it does not concern the watch", () => {
  const run = story().open({ rangeEnd: "c" }).put("a", "z").tell(2).promise().put("b").tell(4).promise();
  expect(run.violated).toBeNull();
});

test("a stream that is opened promises nothing yet", () => {
  expect(story().put("a", "b").open({ startRevision: 2 }).tell(2, 3).violated).toBeNull();
});

test("violated by a promise ahead of the events that it covers", () => {
  expect(story().open().put("a", "b").tell(2).promise().violated).toBe(
    "stream w1 of c1 at m1 is promised that all events up to revision 3 were told, and was not told of revision 3",
  );
});

test("violated by a response ahead of its member, and by one older than its events", () => {
  expect(story().open().promise(9).violated).toMatch(/response of revision 9, where the member's store has revision 1/);
  const run = story().open().put("a", "b");
  expect(run.respond({ events: run.events(2), revision: 1 }).violated).toMatch(/by a response of revision 1/);
});

test("violated by an event after the promise that it had been told", () => {
  const run = story().open().put("a").promise();
  expect(run.tell(2).drill.violations.at(-1)).toMatch(/after the promise that all up to 2 was told/);
});
