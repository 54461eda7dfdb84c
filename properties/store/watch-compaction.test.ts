import { expect, test } from "vitest";
import { watchCompaction } from "./watch-compaction.ts";
import { WatchStory } from "./watch-testing.ts";

const story = () => new WatchStory(watchCompaction);

const compacted = () => story().put("a", "b").delete("a").put("c").compact(4);

test("holds when who starts below is told so, and who starts there gets the delete of just that revision", () => {
  const run = compacted().open({ startRevision: 3 }).respond({ canceled: true, compactRevision: 4 });
  expect(run.open({ startRevision: 4 }).tell(4, 5).violated).toBeNull();
});

test("violated by serving who starts below", () => {
  expect(compacted().open({ startRevision: 3 }).tell(4).violated).toBe(
    "stream w1 of c1 at m1 is served from revision 3, though all below 4 was compacted when it was opened",
  );
});

test("violated by leaving out what happened just at that revision", () => {
  expect(compacted().open({ startRevision: 4 }).tell(5).violated).toMatch(
    /not told of the delete of "a" at revision 4, which is not compacted/,
  );
});

test("violated by canceling who starts there or above, and by a wrong revision", () => {
  const cancel = (startRevision: number, compactRevision: number) =>
    compacted().open({ startRevision }).respond({ canceled: true, compactRevision }).violated;
  expect(cancel(4, 4)).toMatch(/is canceled because what is below revision 4 is compacted, though it goes on from 4/);
  expect(cancel(3, 5)).toMatch(/is told that all below 5 is compacted, where 4 is/);
});

test("a client's own cancellation, and one who falls behind, are not this", () => {
  expect(story().open({ startRevision: 9 }).respond({ canceled: true }).violated).toBeNull();
  const run = story().open().put("a", "b", "c").tell(2).compact(4);
  expect(run.respond({ canceled: true, compactRevision: 4 }).violated).toBeNull();
});
