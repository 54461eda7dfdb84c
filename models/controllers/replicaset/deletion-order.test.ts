import { describe, expect, test } from "vitest";
import type { Pod, PodPhase } from "../../machinery/kinds/index.ts";
import { timeOf, wallOf } from "../../machinery/time.ts";
import { byActivity, podsToDelete } from "./deletion-order.ts";

/** Rows of Kubernetes' own table (Apache-2.0, pkg/controller/controller_utils_test.go, TestSortingActivePodsWithRanks). */

const NOW = "2026-05-31T12:00:00Z";
const WALL = wallOf(NOW);
const HOUR_US = 3_600_000_000;
const hoursAgo = (hours: number) => timeOf(WALL - hours * HOUR_US);
const MONTH_AGO = hoursAgo(24 * 31);

interface Sample {
  readonly node?: string;
  readonly phase: PodPhase;
  /** When it became ready: "" for a condition that does not tell. */
  readonly readySince?: string;
  readonly created?: string;
  readonly restarts?: number;
  readonly cost?: string;
}

const SAMPLES = {
  unscheduled: { phase: "Pending" },
  pending: { node: "n", phase: "Pending" },
  unknown: { node: "n", phase: "Unknown" },
  unready: { node: "n", phase: "Running" },
  readyUntold: { node: "n", phase: "Running", readySince: "" },
  readyNow: { node: "n", phase: "Running", readySince: NOW, created: NOW },
  readyMonth: { node: "n", phase: "Running", readySince: MONTH_AGO, created: MONTH_AGO },
  readyRestarted: { node: "n", phase: "Running", readySince: NOW, created: NOW, restarts: 9001 },
  readyNowOld: { node: "n", phase: "Running", readySince: NOW, created: MONTH_AGO },
  cheap: { node: "n", phase: "Running", readySince: NOW, created: MONTH_AGO, cost: "10" },
  dear: { node: "n", phase: "Running", readySince: NOW, created: MONTH_AGO, cost: "100" },
  costOfNothing: { node: "n", phase: "Running", readySince: NOW, created: MONTH_AGO, cost: "+5" },
  ready2Hours: { phase: "Running", readySince: hoursAgo(2), created: MONTH_AGO },
  ready5Hours: { phase: "Running", readySince: hoursAgo(5), created: MONTH_AGO },
  ready8Hours: { phase: "Running", readySince: hoursAgo(8), created: MONTH_AGO },
  unscheduled5Hours: { phase: "Pending", created: hoursAgo(5) },
  unscheduled8Hours: { phase: "Pending", created: hoursAgo(8) },
} satisfies Record<string, Sample>;
type Name = keyof typeof SAMPLES;

function podOf(name: string, sample: Sample, node = sample.node): Pod {
  const { phase, readySince, created, restarts = 0, cost } = sample;
  const isReady = readySince !== undefined;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      ...(created === undefined ? {} : { creationTimestamp: created }),
      ...(cost === undefined ? {} : { annotations: { "controller.kubernetes.io/pod-deletion-cost": cost } }),
    },
    spec: { containers: [{ name: "c", image: "i" }], ...(node === undefined ? {} : { nodeName: node }) },
    status: {
      phase,
      conditions: isReady
        ? [{ type: "Ready", status: "True", ...(readySince === "" ? {} : { lastTransitionTime: readySince }) }]
        : [],
      containerStatuses: isReady ? [{ name: "c", restartCount: restarts }] : [],
    },
  } as unknown as Pod;
}

/** Which is deleted; each on a node of its own that has as many pods of the owner as its rank says. */
function firstOf(one: Pod, oneRank: number, other: Pod, otherRank: number): string {
  const crowd = (node: string | undefined, count: number) =>
    Array.from({ length: count }, (_, i) => podOf(`${node}-${i}`, { phase: "Running" }, node));
  const related = [...crowd(one.spec.nodeName, oneRank), ...crowd(other.spec.nodeName, otherRank)];
  return podsToDelete([one, other], related, 1, WALL)[0]!.metadata.name;
}

describe("what is deleted first", () => {
  const rows: readonly (readonly [first: Name, rank: number, second: Name, rank: number])[] = [
    ["unscheduled", 1, "pending", 2],
    ["unscheduled", 2, "pending", 1],
    ["pending", 1, "unknown", 2],
    ["unknown", 1, "unready", 2],
    ["unready", 1, "readyUntold", 1],
    ["readyUntold", 1, "readyNow", 1],
    ["readyNow", 2, "readyUntold", 1],
    ["readyNow", 1, "readyMonth", 1],
    ["readyNow", 2, "readyMonth", 1],
    ["readyRestarted", 1, "readyNow", 1],
    ["readyNow", 2, "readyRestarted", 1],
    ["readyNow", 1, "readyNowOld", 1],
    ["readyNowOld", 2, "readyNow", 1],
    ["cheap", 2, "dear", 1],
    ["costOfNothing", 1, "cheap", 2],
    ["ready2Hours", 1, "ready5Hours", 1],
  ];
  test.each(rows)("%s of %d before %s of %d", (first, rank, second, otherRank) => {
    const nodeOf = (sample: Sample, node: string) => (sample.node === undefined ? undefined : node);
    const [one, other]: readonly Sample[] = [SAMPLES[first], SAMPLES[second]];
    // Whatever their names, and whichever is listed first.
    for (const [oneName, otherName] of [
      ["a", "b"],
      ["b", "a"],
    ] as const) {
      const onePod = podOf(oneName, one!, nodeOf(one!, "x"));
      const otherPod = podOf(otherName, other!, nodeOf(other!, "y"));
      expect(firstOf(onePod, rank, otherPod, otherRank)).toBe(oneName);
      expect(firstOf(otherPod, otherRank, onePod, rank)).toBe(oneName);
    }
  });
});

describe("what is alike goes by name", () => {
  const rows: readonly (readonly [Name, Name])[] = [
    ["unscheduled", "unscheduled"],
    ["pending", "pending"],
    ["unknown", "unknown"],
    ["unready", "unready"],
    ["readyUntold", "readyUntold"],
    ["readyNow", "readyNow"],
    ["readyMonth", "readyMonth"],
    ["readyRestarted", "readyRestarted"],
    ["readyNowOld", "readyNowOld"],
    ["unscheduled5Hours", "unscheduled8Hours"],
    ["ready5Hours", "ready8Hours"],
  ];
  test.each(rows)("%s and %s", (one, other) => {
    expect(firstOf(podOf("a", SAMPLES[one]), 1, podOf("b", SAMPLES[other]), 1)).toBe("a");
    expect(firstOf(podOf("b", SAMPLES[one]), 1, podOf("a", SAMPLES[other]), 1)).toBe("a");
  });
});

/** TestSortingActivePods. */
test("the least active first", () => {
  const order: readonly Sample[] = [
    { phase: "Pending" },
    { node: "foo", phase: "Pending" },
    { node: "foo", phase: "Unknown" },
    { node: "foo", phase: "Running" },
    { node: "foo", phase: "Running", readySince: "" },
    { node: "foo", phase: "Running", readySince: NOW },
    { node: "foo", phase: "Running", readySince: hoursAgo(1), restarts: 5 },
    { node: "foo", phase: "Running", readySince: hoursAgo(1), restarts: 3, created: NOW },
    { node: "foo", phase: "Running", readySince: hoursAgo(1), restarts: 3, created: hoursAgo(1) },
  ];
  // Neither names nor the order in which they are given matter.
  const pods = order.map((sample, i) => podOf(`p${9 - i}`, sample));
  for (let turn = 0; turn < pods.length; turn++)
    expect(byActivity([...pods.slice(turn), ...pods.slice(0, turn)])).toEqual(pods);
});
