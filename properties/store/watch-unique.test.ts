import { expect, test } from "vitest";
import { WatchStory } from "./watch-testing.ts";
import { watchUnique } from "./watch-unique.ts";

const story = () => new WatchStory(watchUnique);

test("holds when each change is told once", () => {
  const run = story().open().put("a").tell(2).putTogether("a", "b").tell(3).open({ startRevision: 4 }, "m2");
  expect(run.put("a").tell(4).violated).toBeNull();
});

test("violated by the same change again, in the same response, the next, or a later one", () => {
  expect(story().open().put("a").tell(2, 2).violated).toMatch(/is told of "a" at revision 2 twice at once/);
  expect(story().open().put("a").tell(2).tell(2).violated).toMatch(/is told of "a" at revision 2 again/);
  expect(story().open().put("a", "b").tell(2).tell(3).tell(2).violated).toMatch(/is told of "a" at revision 2 again/);
});

test("violated by the same change on the next stream", () => {
  const run = story().open().put("a").tell(2).open({ startRevision: 2 }, "m2").tell(2);
  expect(run.violated).toBe('watch op1 of c1, now at m2, is told of "a" at revision 2 again');
});

test("holds when what was lost on its way is sent again on the next stream", () => {
  const run = story().open().put("a");
  run.send({ events: run.events(2) });
  expect(run.open({ startRevision: 2 }, "m2").tell(2).violated).toBeNull();
});
