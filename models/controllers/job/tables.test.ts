import { describe, expect, test } from "vitest";
import type { Job, Pod, PodPhase } from "../../machinery/kinds/index.ts";
import {
  formatIndexes,
  hasIndex,
  INDEX_ANNOTATION,
  indexOf,
  parseIndexes,
  pendingIndexes,
  withIndexes,
} from "./indexes.ts";
import { duplicateIndexes, jobPod } from "./pods.ts";

/** Rows of Kubernetes' own tables (Apache-2.0, pkg/controller/job/indexed_job_utils_test.go), in a short notation. */

function jobOf(name: string, completions: number): Job {
  const template = { metadata: {}, spec: { containers: [{ name: "c", image: "i" }], restartPolicy: "Never" } };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: "default", uid: "job" },
    spec: { completions, completionMode: "Indexed", template },
  } as unknown as Job;
}

/** `2P 5R -R`: index and phase of each. */
function podsOf(text: string): readonly Pod[] {
  const phases: Readonly<Record<string, PodPhase>> = { P: "Pending", R: "Running", S: "Succeeded", F: "Failed" };
  return words(text).map((word, at) => {
    const index = word.slice(0, -1);
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `p${at}`, ...(index !== "-" && { annotations: { [INDEX_ANNOTATION]: index } }) },
      spec: { containers: [{ name: "c" }] },
      status: { phase: phases[word.slice(-1)]! },
    } as unknown as Pod;
  });
}

const words = (text: string) => text.split(" ").filter((word) => word !== "");
const indexesOf = (job: Job, pods: readonly Pod[]) =>
  pods.map((pod) => indexOf(job, pod)).filter((index) => index !== null);

describe("calculateSucceededIndexes", () => {
  test.each([
    { before: "", pods: "1S", completions: 2, read: "", after: "1" },
    { before: "", pods: "2F 5S 5S 10F 10S", completions: 11, read: "", after: "5,10" },
    { before: "", pods: "0R 1P 2S 3S 5S 6S 7S", completions: 8, read: "", after: "2,3,5-7" },
    { before: "", pods: "0S 1F 2S 3S 4S 5S -S -2S", completions: 6, read: "", after: "0,2-5" },
    { before: "", pods: "0S 1S 2S 3F 4S 5S -S -2S", completions: 5, read: "", after: "0-2,4" },
    { before: "0-5,8-10", pods: "", completions: 8, read: "0-5", after: "0-5" },
    { before: "0-5,8-10", pods: "", completions: 10, read: "0-5,8,9", after: "0-5,8,9" },
    { before: "0,4,5,10-12", pods: "2S 7S 8S", completions: 13, read: "0,4,5,10-12", after: "0,2,4,5,7,8,10-12" },
    { before: "3,4,6", pods: "2S 7S 8S", completions: 9, read: "3,4,6", after: "2-4,6-8" },
    { before: "2,7,8", pods: "3S 4S 6S", completions: 9, read: "2,7,8", after: "2-4,6-8" },
    { before: "2-7", pods: "0S 3S 5S 9S", completions: 10, read: "2-7", after: "0,2-7,9" },
    { before: "0,1-foo,bar", pods: "3S", completions: 4, read: "0", after: "0,3" },
  ])("$before, and $pods of $completions", ({ before, pods, completions, read, after }) => {
    const job = jobOf("j", completions);
    const intervals = parseIndexes(before, completions);
    expect(formatIndexes(intervals)).toBe(read);
    const succeeded = podsOf(pods).filter(({ status }) => status?.phase === "Succeeded");
    expect(formatIndexes(withIndexes(intervals, indexesOf(job, succeeded)))).toBe(after);
  });

  test("those in a row are one interval", () => {
    expect(parseIndexes("0,4,5,6-8", 13)).toEqual([
      { first: 0, last: 0 },
      { first: 4, last: 8 },
    ]);
  });
});

test.each([
  ["", 4, false],
  ["2-4,5-7", 1, false],
  ["2-4,6-8", 9, false],
  ["2-4,6-8", 5, false],
  ["2-4,6-8", 2, true],
  ["2-4,6-8", 8, true],
])("orderedIntervals.has: %s, %d", (text, index, expected) => {
  expect(hasIndex(parseIndexes(text, 100), index)).toBe(expected);
});

test.each([
  { count: 5, completions: 3, active: "", done: "", expected: [0, 1, 2] },
  { count: 2, completions: 5, active: "", done: "", expected: [0, 1] },
  { count: 3, completions: 10, active: "0R 1P", done: "", expected: [2, 3, 4] },
  { count: 6, completions: 6, active: "6P", done: "4-5", expected: [0, 1, 2, 3] },
  { count: 5, completions: 20, active: "3P 5R 8P -R -3R", done: "2-4,9", expected: [0, 1, 6, 7, 10] },
])("firstPendingIndexes: $count of $completions", ({ count, completions, active, done, expected }) => {
  const taken = indexesOf(jobOf("j", completions), podsOf(active));
  expect(pendingIndexes(parseIndexes(done, completions), taken, count, completions)).toEqual(expected);
});

test.each([
  { active: "-P 2P 5R 6R", left: "2P 5R" },
  { active: "5P 0R 3P 0R 3R 0P 6R 6P", left: "0R 3R 5P" },
  { active: "-P invalidR -2R 0P 1P 1P 1R", left: "0P 1R" },
])("appendDuplicatedIndexPodsForRemoval: $active", ({ active, left }) => {
  const pods = podsOf(active);
  const doomed = duplicateIndexes(jobOf("j", 6), pods);
  const kept = words(active).filter((_, at) => !doomed.includes(pods[at]!));
  expect(kept.toSorted()).toEqual(words(left));
});

const LONG = "hhhhhooooo".repeat(7);
test.each([
  ["indexed-job", "indexed-job-1-"],
  [LONG, `${LONG.slice(0, 55)}-1-`],
  [LONG.slice(0, 57), `${LONG.slice(0, 55)}-1-`],
])("podGenerateNameWithIndex: %s", (name, expected) => {
  expect(jobPod(jobOf(name, 2), 1).metadata.generateName).toBe(expected);
});
