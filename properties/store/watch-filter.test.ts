import { expect, test } from "vitest";
import { watchFilter } from "./watch-filter.ts";
import { WatchStory } from "./watch-testing.ts";

const story = () => new WatchStory(watchFilter);

test("holds when it is told of what it asked for", () => {
  const run = story()
    .put("a")
    .open({ key: "a", rangeEnd: "c", filters: ["noDelete"], startRevision: 2 });
  expect(run.tell(2).put("b").tell(3).violated).toBeNull();
});

test("violated by a key out of its range, and by a change that was filtered out", () => {
  expect(story().open({ rangeEnd: "c" }).put("c").tell(2).violated).toMatch(/told of "c", which is not in its range/);
  expect(story().open({ rangeEnd: "" }).put("aa").tell(2).violated).toMatch(/not in its range/);
  const run = story()
    .open({ filters: ["noPut"] })
    .put("a");
  expect(run.delete("a").tell(3).violated).toBeNull();
  expect(run.put("a").tell(4).violated).toMatch(/told of a put of "a", which it has filtered out/);
});

test("violated by a revision before its start, in the past or the future", () => {
  expect(story().put("a", "b").open({ startRevision: 3 }).tell(2).violated).toMatch(
    /revision 2, though it starts at 3/,
  );
  const run = story().open({ startRevision: 4 }).put("a", "b", "c").tell(4);
  expect(run.violated).toBeNull();
  expect(story().open({ startRevision: 4 }).put("a").tell(2).violated).toMatch(/though it starts at 4/);
});
