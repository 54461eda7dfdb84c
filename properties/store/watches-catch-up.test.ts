import { expect, test } from "vitest";
import { WatchStory } from "./watch-testing.ts";
import { watchesCatchUp } from "./watches-catch-up.ts";

const story = () => new WatchStory(watchesCatchUp);

test("holds when all is told, and when nobody watches", () => {
  expect(story().put("a").drill.pending).toBeNull();
  expect(story().open({ rangeEnd: "c" }).put("a", "z").tell(2).drill.pending).toBeNull();
  expect(story().open({ startRevision: 9 }).put("a").drill.pending).toBeNull();
});

test("pending while a watch has not been told", () => {
  const run = story().open().put("a", "b").tell(2);
  expect(run.drill.pending).toBe("watch op1 of c1, now at m1, has not been told of revision 3");
  expect(run.tell(3).drill.pending).toBeNull();
});

test("pending while the rest of a revision is missing, and when its stream was lost", () => {
  const run = story().open({ fragment: true }).putTogether("a", "b");
  expect(run.respond({ events: run.events(2).slice(0, 1), fragment: true }).drill.pending).toMatch(/revision 2/);
  run.open({ fragment: true, startRevision: 2 }, "m2");
  expect(run.drill.pending).toBe("watch op1 of c1, now at m2, has not been told of revision 2");
});

test("gives what is new the grace time, and no more; a watch that is over is not waited for", () => {
  const run = story().open().put("a").tell(2);
  expect(run.drill.pending).toBeNull();
  run.put("b");
  expect([run.drill.pending, run.drill.pending]).toEqual([null, null]);
  run.drill.now = 3_400_001;
  expect(run.drill.pending).toMatch(/has not been told of revision 3/);
  run.drill.stepClient("c1", { watches: [] });
  expect(run.drill.pending).toBeNull();
});
