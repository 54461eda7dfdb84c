import { expect, test } from "vitest";
import { watchOrdered } from "./watch-ordered.ts";
import { WatchStory } from "./watch-testing.ts";

const story = () => new WatchStory(watchOrdered);

test("holds when revisions ascend, on one stream and on the next", () => {
  const run = story().open().put("a", "b", "c").tell(2).tell(3, 4).put("a").open({ startRevision: 5 }, "m2");
  expect(run.tell(5).violated).toBeNull();
});

test("violated by an earlier revision after a later one", () => {
  expect(story().open().put("a", "b").tell(3).tell(2).violated).toBe(
    "stream w1 of c1 at m1 is told of revision 2 after revision 3",
  );
  expect(story().open().put("a", "b").tell(3, 2).violated).toMatch(/revision 2 after revision 3/);
});

test("violated by a next stream that goes back", () => {
  const run = story().open().put("a", "b").tell(2, 3).open({ startRevision: 2 }, "m2");
  expect(run.tell(2).violated).toBe("watch op1 of c1, now at m2, is told of revision 2 after revision 3");
});

test("violated by a number that is left out", () => {
  const run = story().open().respond({ sequence: 2 });
  expect(run.violated).toBe("stream w1 of c1 at m1 is sent response 2 where 1 comes next");
});

test("holds when a member that does not know a stream any more says so", () => {
  expect(story().open().put("a").tell(2).respond({ canceled: true, sequence: 0 }).violated).toBeNull();
});
