import { expect, test } from "vitest";
import { watchAtomic } from "./watch-atomic.ts";
import { WatchStory } from "./watch-testing.ts";

const story = () => new WatchStory(watchAtomic);

test("holds when all of a revision comes at once, or in fragments of one response", () => {
  expect(story().open().putTogether("a", "b").tell(2).violated).toBeNull();
  const run = story().open({ fragment: true }).putTogether("a", "b");
  const [a, b] = run.events(2);
  expect(run.respond({ events: [a!], fragment: true }).respond({ events: [b!] }).violated).toBeNull();
});

test("violated by a part of a revision, and by two responses for one", () => {
  const run = () => story().open({ fragment: true }).putTogether("a", "b");
  const [a, b] = run().events(2);
  expect(run().respond({ events: [a!] }).violated).toBe(
    'stream w1 of c1 at m1 is told of a part of revision 2, without the put of "b" at revision 2',
  );
  expect(
    run()
      .respond({ events: [b!] })
      .respond({ events: [a!] }).drill.violations,
  ).toContain("stream w1 of c1 at m1 is told of revision 2 in two responses that are no fragments of one");
});

test("violated by fragments that nobody asked for", () => {
  expect(story().open().put("a").respond({ fragment: true }).violated).toMatch(/though it did not ask for any/);
});
