import { describe, test } from "vitest";
import { asking, check, type Fields, named, node, pod, type Row } from "./rows.ts";

const STORAGE = "ephemeral-storage";
const on = (name: string, requests: Record<string, string>) => pod(`${name}@node1`, "", asking(requests));

/** fit_test.go, TestStorageRequests. */
const LARGE = [node("node1", "", { pods: "32", cpu: "10m", memory: "20", [STORAGE]: "20" })];
const STORAGE_ROWS: readonly Row[] = [
  {
    name: "no storage requested, and the pod fits",
    nodes: LARGE,
    existing: [on("e", { cpu: "2m", memory: "10" })],
    pod: pod("p", "", asking({ cpu: "1m", memory: "1" })),
    filter: "node1:S",
  },
  {
    name: "more storage than the node has",
    nodes: LARGE,
    existing: [on("e", { cpu: "2m", memory: "2" })],
    pod: pod("p", "", asking({ [STORAGE]: "25" })),
    filter: "node1:R",
    reasons: { node1: ["Insufficient ephemeral-storage"] },
  },
  {
    name: "enough storage is left",
    nodes: LARGE,
    existing: [on("e", { cpu: "2m", memory: "2", [STORAGE]: "10" })],
    pod: pod("p", "", asking({ [STORAGE]: "5" })),
    filter: "node1:S",
  },
  {
    name: "the pod fits",
    nodes: LARGE,
    existing: [on("e", { cpu: "2m", memory: "2" })],
    pod: pod("p", "", asking({ [STORAGE]: "10" })),
    filter: "node1:S",
  },
  {
    name: "less storage than the node has, and more than is left",
    nodes: LARGE,
    existing: [on("e", { [STORAGE]: "15" })],
    pod: pod("p", "", asking({ [STORAGE]: "10" })),
    filter: "node1:U",
    reasons: { node1: ["Insufficient ephemeral-storage"] },
  },
];

/** TestRestartableInitContainers. */
const TINY = [node("node1", "", { pods: "1", cpu: "2m", memory: "0" })];
const withSidecar = (cpu?: string, ofSidecar?: string): Fields => {
  const container = (name: string, requests: string | undefined) => ({
    name,
    image: "i",
    ...(requests !== undefined && { resources: { requests: { cpu: requests } } }),
  });
  return {
    containers: [container("regular", cpu)],
    initContainers: [{ ...container("restartable-init", ofSidecar), restartPolicy: "Always" }],
  };
};
const SIDECAR_ROWS: readonly Row[] = [
  { name: "without sidecars", nodes: TINY, pod: pod("p"), filter: "node1:S" },
  { name: "with one", nodes: TINY, pod: pod("p", "", withSidecar()), filter: "node1:S" },
  { name: "both fit", nodes: TINY, pod: pod("p", "", withSidecar("1m", "1m")), filter: "node1:S" },
  {
    name: "both together do not fit",
    nodes: TINY,
    pod: pod("p", "", withSidecar("1m", "2m")),
    filter: "node1:R",
    reasons: { node1: ["Insufficient cpu"] },
  },
];

/** TestFitScore. */
const NODES = [
  node("node1", "", { cpu: "4000", memory: "10000" }),
  node("node2", "", { cpu: "6000", memory: "10000" }),
];
const EXISTING = [
  pod("e1@node1", "", asking({ cpu: "2000", memory: "4000" })),
  pod("e2@node2", "", asking({ cpu: "1000", memory: "2000" })),
];
const resources = ["cpu", "memory"].map((name) => ({ name, weight: 1 }));
const strategy = (type: string, more: Fields = {}): Fields => ({ scoringStrategy: { type, resources, ...more } });
const ratio = (empty: number, full: number): Fields => {
  const shape = [
    { utilization: 0, score: empty },
    { utilization: 100, score: full },
  ];
  return strategy("RequestedToCapacityRatio", { requestedToCapacityRatio: { shape } });
};
const small = pod("p", "", asking({ cpu: "1000", memory: "2000" }));
const large = pod("p", "", asking({ cpu: "3000", memory: "5000" }));
const given = { nodes: NODES, existing: EXISTING, alone: true };
const SCORE_ROWS: readonly Row[] = [
  { name: "the emptier the better", ...given, pod: large, args: ratio(10, 0), raw: "node1:10 node2:32" },
  { name: "the fuller the better", ...given, pod: large, args: ratio(0, 10), raw: "node1:95 node2:68" },
  { name: "MostAllocated", ...given, pod: small, args: strategy("MostAllocated"), raw: "node1:67 node2:36" },
  { name: "LeastAllocated", ...given, pod: small, args: strategy("LeastAllocated"), raw: "node1:32 node2:63" },
];

describe("NodeResourcesFit", () => {
  test.each(named(STORAGE_ROWS))("storage: %s", (_, row) => check("NodeResourcesFit", row));
  test.each(named(SIDECAR_ROWS))("sidecars: %s", (_, row) => check("NodeResourcesFit", row));
  test.each(named(SCORE_ROWS))("score: %s", (_, row) => check("NodeResourcesFit", row));
});
