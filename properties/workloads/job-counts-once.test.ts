import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { jobCountsOnce } from "./job-counts-once.ts";
import { ManagerStory } from "./testing.ts";

const job = (status: Loose = {}) => objectOf("Job", "sum", { spec: { completions: 2, parallelism: 2 }, status });
const complete = job({ succeeded: 2, conditions: [{ type: "Complete", status: "True" }] });
const pod = (name: string, phase = "Running", more = {}) => podOf(name, { owner: job(), phase, ...more });
const drill = () => new ClusterDrill(jobCountsOnce).put(job()).put(pod("a", "Succeeded"));

test("holds while it counts what its pods came to", () => {
  expect(drill().put(job({ succeeded: 1 })).violated).toBeNull();
  expect(
    drill()
      .put(pod("b"))
      .remove(pod("b"))
      .put(job({ succeeded: 1, failed: 1 })).violated,
  ).toBeNull();
  expect(drill().put(pod("b", "Succeeded")).put(complete).violated).toBeNull();
  const deleted = drill()
    .put(pod("b", "Running", { deleting: true }))
    .put(pod("b", "Succeeded", { deleting: true }));
  expect(deleted.put(job({ succeeded: 1, failed: 1 })).violated).toBeNull();
});

test("violated by a pod counted twice, counts that go back, or an end that does", () => {
  expect(drill().put(job({ succeeded: 2 })).violated).toBe(
    "Job default/sum counts 2 successes, and 1 of its pods have succeeded",
  );
  expect(drill().put(job({ failed: 1 })).violated).toMatch(/counts 1 failures, and 0 of its pods/);
  expect(drill().put(job({ succeeded: 3 })).violated).toMatch(/counts 3 successes, and wants 2/);
  expect(
    drill()
      .put(job({ succeeded: 1 }))
      .put(job()).violated,
  ).toMatch(/counted 1 successes, and now 0/);
  expect(
    drill()
      .put(pod("b", "Succeeded"))
      .put(complete)
      .put(job({ succeeded: 2 })).violated,
  ).toMatch(/had ended/);
});

test("violated by a pod too much, or after the end", () => {
  const story = (seen: Loose) => new ManagerStory(new ClusterDrill(jobCountsOnce).put(job())).sees("jobs", seen);
  expect(story(job({ succeeded: 1 })).asks(pod("")).violated).toBeNull();
  expect(
    story(job({ succeeded: 1 }))
      .sees("pods", pod("b"))
      .asks(pod("")).violated,
  ).toMatch(/has 1 left to complete/);
  expect(story(complete).asks(pod("")).violated).toMatch(/which it knows to have ended/);
});
