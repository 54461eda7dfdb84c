import { describe, test } from "vitest";
import { asking, check, named, node, pod, type Row } from "./rows.ts";

/** A pod of the tables without containers, or whose containers state 0. */
const NOTHING = asking({ cpu: "0", memory: "0" });
const CPU_AND_MEMORY = asking({ cpu: "1", memory: "2000" }, { cpu: "2", memory: "3000" });
const CPU_ONLY = asking({ cpu: "1", memory: "0" }, { cpu: "2", memory: "0" });
const WITH_GPU = asking({ cpu: "1", memory: "2000" }, { cpu: "2", memory: "3000", "nvidia.com/gpu": "3" });

const two = (one: Record<string, string>, other: Record<string, string>) => [
  node("node1", "", one),
  node("node2", "", other),
];
const sized = (cpu: string, memory: string, more: Record<string, string> = {}) => ({ cpu, memory, ...more });
const on = (name: string, at: string, spec: Record<string, unknown>) => pod(`${name}@${at}`, "", spec);

const balance = (resources: readonly string[]) => ({ resources: resources.map((name) => ({ name, weight: 1 })) });
const BOTH = balance(["cpu", "memory"]);
const WITH_GPUS = balance(["cpu", "memory", "nvidia.com/gpu"]);
const GPUS = { "nvidia.com/gpu": "8" };

/**
 * balanced_allocation_test.go, TestNodeResourcesBalancedAllocation, with the scores of 1.36: 50 + (50 + with - without) / 2,
 * of which the table in the sources before has `with`.
 */
const BALANCED: readonly Row[] = [
  {
    name: "nothing scheduled, nothing requested, skip in PreScore",
    nodes: two(sized("4", "10000"), sized("4", "10000")),
    pod: pod("p", "", NOTHING),
    args: BOTH,
    raw: "",
  },
  {
    name: "nothing scheduled, resources requested, differently sized nodes",
    nodes: two(sized("4", "10000"), sized("6", "10000")),
    pod: pod("p", "", CPU_AND_MEMORY),
    args: BOTH,
    raw: "node1:68 node2:75",
  },
  {
    name: "resources requested, pods scheduled with resources",
    nodes: two(sized("10", "20000"), sized("10", "20000")),
    existing: [on("e1", "node1", CPU_ONLY), on("e2", "node2", CPU_AND_MEMORY)],
    pod: pod("p", "", CPU_AND_MEMORY),
    args: BOTH,
    raw: "node1:73 node2:74",
  },
  {
    name: "resources requested, pods scheduled with resources, differently sized nodes",
    nodes: two(sized("10", "20000"), sized("10", "50000")),
    existing: [on("e1", "node1", CPU_ONLY), on("e2", "node2", CPU_AND_MEMORY)],
    pod: pod("p", "", CPU_AND_MEMORY),
    args: BOTH,
    raw: "node1:73 node2:70",
  },
  {
    name: "requested resources at node capacity",
    nodes: two(sized("6", "10000"), sized("6", "10000")),
    existing: [on("e1", "node1", CPU_ONLY), on("e2", "node2", CPU_AND_MEMORY)],
    pod: pod("p", "", CPU_ONLY),
    args: BOTH,
    raw: "node1:62 node2:62",
  },
  {
    name: "include scalar resource on a node for balanced resource allocation",
    nodes: two(sized("3500m", "40000", GPUS), sized("3500m", "40000", GPUS)),
    existing: [on("e1", "node2", CPU_AND_MEMORY), on("e2", "node1", WITH_GPU)],
    pod: pod("p", "", asking({ cpu: "0", memory: "0", "nvidia.com/gpu": "1" })),
    args: WITH_GPUS,
    raw: "node1:75 node2:76",
  },
  {
    name: "node without the scalar resource should skip the scalar resource",
    nodes: two(sized("3500m", "40000", GPUS), sized("3500m", "40000")),
    pod: pod("p", "", CPU_AND_MEMORY),
    args: WITH_GPUS,
    raw: "node1:56 node2:56",
  },
];

describe("NodeResourcesBalancedAllocation", () => {
  test.each(named(BALANCED))("%s", (_, row) => check("NodeResourcesBalancedAllocation", row));
});

const strategy = (type: string, resources: readonly (readonly [string, number])[], more = {}) => ({
  scoringStrategy: { type, resources: resources.map(([name, weight]) => ({ name, weight })), ...more },
});
const EQUAL = [
  ["cpu", 1],
  ["memory", 1],
] as const;
const MOST = strategy("MostAllocated", EQUAL);
const EXTENDED = strategy("MostAllocated", [...EQUAL, ["abc.com/xyz", 1]]);

/** most_allocated_test.go, TestMostAllocatedScoringStrategy. */
const MOST_ALLOCATED: readonly Row[] = [
  {
    name: "nothing scheduled, nothing requested",
    nodes: two(sized("4000", "10000"), sized("4000", "10000")),
    pod: pod("p", "", NOTHING),
    args: MOST,
    raw: "node1:0 node2:0",
  },
  {
    name: "nothing scheduled, resources requested, differently sized nodes",
    nodes: two(sized("4", "10000"), sized("6", "10000")),
    pod: pod("p", "", CPU_AND_MEMORY),
    args: MOST,
    raw: "node1:62 node2:50",
  },
  {
    name: "no resources requested, pods scheduled with resources",
    nodes: two(sized("10", "20000"), sized("10", "20000")),
    existing: [
      on("e1", "node1", asking({ cpu: "3", memory: "0" })),
      on("e2", "node1", asking({ cpu: "3", memory: "0" })),
      on("e3", "node2", asking({ cpu: "3", memory: "0" })),
      on("e4", "node2", asking({ cpu: "3", memory: "5000" })),
    ],
    pod: pod("p", "", NOTHING),
    args: MOST,
    raw: "node1:30 node2:42",
  },
  {
    name: "resources requested, pods scheduled with resources",
    nodes: two(sized("10", "20000"), sized("10", "20000")),
    existing: [
      on("e1", "node1", asking({ cpu: "3", memory: "0" })),
      on("e2", "node2", asking({ cpu: "3", memory: "5000" })),
    ],
    pod: pod("p", "", CPU_AND_MEMORY),
    args: MOST,
    raw: "node1:42 node2:55",
  },
  {
    name: "resources requested equal node capacity",
    nodes: two(sized("5", "10000"), sized("10", "9000")),
    pod: pod("p", "", asking({ cpu: "2", memory: "4000" }, { cpu: "3", memory: "5000" })),
    args: MOST,
    raw: "node1:95 node2:75",
  },
  {
    name: "memory counts twice",
    nodes: two(sized("4", "10000"), sized("6", "10000")),
    pod: pod("p", "", CPU_AND_MEMORY),
    args: strategy("MostAllocated", [
      ["memory", 2],
      ["cpu", 1],
    ]),
    raw: "node1:58 node2:50",
  },
  {
    name: "no resources requested, pods scheduled, nonzero request for resource",
    nodes: two(sized("250m", "1000Mi"), sized("250m", "1000Mi")),
    existing: [pod("e1@node1"), pod("e2@node1")],
    pod: pod("p"),
    args: MOST,
    raw: "node1:80 node2:30",
  },
  {
    name: "bypass extended resource if the pod does not request",
    nodes: two(sized("6", "10000"), sized("6", "10000", { "abc.com/xyz": "4" })),
    pod: pod("p", "", CPU_AND_MEMORY),
    args: EXTENDED,
    raw: "node1:50 node2:50",
  },
  {
    name: "honor extended resource if the pod request",
    nodes: two(sized("6", "10000", { "abc.com/xyz": "4" }), sized("6", "10000", { "abc.com/xyz": "10" })),
    pod: pod("p", "", asking({ cpu: "3", memory: "5000", "abc.com/xyz": "2" })),
    args: EXTENDED,
    raw: "node1:50 node2:40",
  },
  {
    name: "if the node doesn't have a resource",
    nodes: two(sized("6", "10000"), sized("6", "10000", { "abc.com/xyz": "4" })),
    pod: pod("p", "", asking({ cpu: "3", memory: "4000" })),
    args: strategy("MostAllocated", [["abc.com/xyz", 2], ...EQUAL]),
    raw: "node1:45 node2:45",
  },
];

const shape = (...points: readonly (readonly [number, number])[]) => ({
  requestedToCapacityRatio: { shape: points.map(([utilization, score]) => ({ utilization, score })) },
});
const LEAST_FIRST = strategy("RequestedToCapacityRatio", EQUAL, shape([0, 10], [100, 0]));
/** The table states the shape as it is inside, 0 to 100 for 0 to 10: a score of 1 there is a tenth of ours. */
const PACKED = strategy("RequestedToCapacityRatio", [["intel.com/foo", 1]], shape([0, 0], [100, 1]));
const PACKED_BOTH = strategy(
  "RequestedToCapacityRatio",
  [
    ["intel.com/foo", 3],
    ["intel.com/bar", 5],
  ],
  shape([0, 0], [100, 1]),
);
const foo = (amount: string) => sized("4", "10000Mi", { "intel.com/foo": amount });
const fooBar = (one: string, two: string) => sized("4", "10000Mi", { "intel.com/foo": one, "intel.com/bar": two });
const want = (more: Record<string, string>) => asking({ cpu: "0", memory: "0", ...more });

/** requested_to_capacity_ratio_test.go: its three tables of nodes. */
const RATIO: readonly Row[] = [
  {
    name: "nothing scheduled, nothing requested (default - least requested nodes have priority)",
    nodes: two(sized("4", "10000"), sized("4", "10000")),
    existing: [on("e1", "node1", NOTHING), on("e2", "node1", NOTHING)],
    pod: pod("p", "", NOTHING),
    args: LEAST_FIRST,
    raw: "node1:100 node2:100",
  },
  {
    name: "nothing scheduled, resources requested, differently sized nodes",
    nodes: two(sized("4", "10000"), sized("6", "10000")),
    existing: [on("e1", "node1", NOTHING), on("e2", "node1", NOTHING)],
    pod: pod("p", "", CPU_AND_MEMORY),
    args: LEAST_FIRST,
    raw: "node1:38 node2:50",
  },
  {
    name: "no resources requested, pods scheduled with resources",
    nodes: two(sized("4", "10000"), sized("6", "10000")),
    existing: [
      on("e1", "node1", asking({ cpu: "3", memory: "5000" })),
      on("e2", "node2", asking({ cpu: "3", memory: "5000" })),
    ],
    pod: pod("p", "", NOTHING),
    args: LEAST_FIRST,
    raw: "node1:38 node2:50",
  },
  {
    name: "extended: nothing scheduled, nothing requested",
    nodes: two(foo("8"), foo("4")),
    pod: pod("p", "", NOTHING),
    args: PACKED,
    raw: "node1:0 node2:0",
  },
  {
    name: "extended: resources requested, pods scheduled with less resources",
    nodes: two(foo("8"), foo("4")),
    pod: pod("p", "", want({ "intel.com/foo": "2" })),
    args: PACKED,
    raw: "node1:2 node2:5",
  },
  {
    name: "extended: resources requested, pods scheduled with resources, on node with existing pod running",
    nodes: two(foo("8"), foo("4")),
    existing: [on("e1", "node2", want({ "intel.com/foo": "2" }))],
    pod: pod("p", "", want({ "intel.com/foo": "2" })),
    args: PACKED,
    raw: "node1:2 node2:10",
  },
  {
    name: "extended: resources requested, pods scheduled with more resources",
    nodes: two(foo("8"), foo("4")),
    pod: pod("p", "", want({ "intel.com/foo": "4" })),
    args: PACKED,
    raw: "node1:5 node2:10",
  },
  {
    name: "several: nothing scheduled, nothing requested",
    nodes: two(fooBar("8", "4"), fooBar("4", "8")),
    pod: pod("p", "", NOTHING),
    args: PACKED_BOTH,
    raw: "node1:0 node2:0",
  },
  {
    name: "several: resources requested, pods scheduled with less resources",
    nodes: two(fooBar("8", "4"), fooBar("4", "8")),
    pod: pod("p", "", want({ "intel.com/foo": "2", "intel.com/bar": "2" })),
    args: PACKED_BOTH,
    raw: "node1:4 node2:3",
  },
  {
    name: "several: resources requested, pods scheduled with resources, on node with existing pod running",
    nodes: two(fooBar("8", "4"), fooBar("4", "8")),
    existing: [on("e1", "node2", want({ "intel.com/foo": "2", "intel.com/bar": "2" }))],
    pod: pod("p", "", want({ "intel.com/foo": "2", "intel.com/bar": "2" })),
    args: PACKED_BOTH,
    raw: "node1:4 node2:7",
  },
  {
    name: "several: resources requested, pods scheduled with more resources",
    nodes: two(fooBar("8", "4"), fooBar("4", "8")),
    pod: pod("p", "", want({ "intel.com/foo": "4", "intel.com/bar": "2" })),
    args: PACKED_BOTH,
    raw: "node1:5 node2:5",
  },
];

describe("NodeResourcesFit", () => {
  test.each(named(MOST_ALLOCATED))("MostAllocated: %s", (_, row) => check("NodeResourcesFit", row));
  test.each(named(RATIO))("RequestedToCapacityRatio: %s", (_, row) => check("NodeResourcesFit", row));
});
