import { expect, test } from "vitest";
import { watchReliable } from "./watch-reliable.ts";
import { eventOf, WatchStory } from "./watch-testing.ts";

const story = () => new WatchStory(watchReliable);

test("holds when all in the range is told, and nothing else needs to be", () => {
  const run = story()
    .open({ rangeEnd: "c", filters: ["noDelete"] })
    .put("a", "z", "b")
    .delete("a")
    .put("a");
  expect(run.tell(2, 4).tell(6).violated).toBeNull();
});

test("violated by a gap", () => {
  const run = story().open().put("a", "b", "c").tell(2);
  expect(run.tell(4).violated).toBe(
    'stream w1 of c1 at m1 is told of revision 4, and was not told of the put of "b" at revision 3',
  );
});

test("violated by a gap behind the start, which is the next revision where none is given", () => {
  expect(story().put("a").open().put("b", "c").tell(4).violated).toMatch(/not told of the put of "b" at revision 3/);
  expect(story().put("a", "b").open({ startRevision: 2 }).tell(3).violated).toMatch(/the put of "a" at revision 2/);
});

test("violated by a next stream that leaves out what was lost with the one before", () => {
  const run = story().open().put("a", "b", "c").tell(2);
  run.send({ events: run.events(3) });
  expect(run.open({ startRevision: 4 }, "m2").tell(4).violated).toBe(
    'watch op1 of c1, now at m2, is told of revision 4, and was not told of the put of "b" at revision 3',
  );
});

test("holds when a part of the fragments was lost, and all come again", () => {
  const run = story().open({ fragment: true }).put("a", "b").respond({ fragment: true });
  expect(run.open({ startRevision: 2, fragment: true }, "m2").tell(2, 3).violated).toBeNull();
});

test("holds when what is compacted is left out by who was told so, and violated by who was not", () => {
  const canceled = () => story().open().put("a", "b", "c").tell(2).compact(4);
  const next = (run: WatchStory) => run.open({ startRevision: 4 }).tell(4).violated;
  expect(next(canceled().respond({ canceled: true, compactRevision: 4 }))).toBeNull();
  expect(next(canceled().respond({ canceled: true }))).toMatch(/not told of the put of "b"/);
});

test("violated by a change that was not committed so", () => {
  const wrong = (change: object) => {
    const run = story().open().put("a");
    const [event] = run.events(2);
    return run.respond({ revision: 9, events: [eventOf({ ...event!.kv, ...change })] }).violated;
  };
  expect(wrong({ value: "x" })).toMatch(/is told of "a" at revision 2 what was not committed/);
  expect(wrong({ version: 0 })).toMatch(/what was not committed/);
  expect(wrong({ modRevision: 9 })).toMatch(/is told of revision 9, which no member has applied/);
});
