import { describe, expect, test } from "vitest";
import { asking, type Fields, named, node, nodes, pod, type Row, scheduled, selector } from "./rows.ts";

const [LOW, MID, HIGH, VERY_HIGH] = [0, 100, 1000, 10_000];
const SMALL = { cpu: "100m", memory: "100" };
const MEDIUM = { cpu: "200m", memory: "200" };
const LARGE = { cpu: "300m", memory: "300" };
const VERY_LARGE = { cpu: "500m", memory: "500" };

/** A node of the tables takes what is very large. */
const sized = (...names: readonly string[]) =>
  names.map((name) => node(name, `hostname=${name}`, { ...VERY_LARGE, pods: "32" }));
const single = (...names: readonly string[]) =>
  names.map((name) => node(name, "", { cpu: "4", memory: "4Gi", pods: "1" }));

const at = (
  name: string,
  priority: number,
  requests: Record<string, string> | null,
  labelled = "",
  spec: Fields = {},
  seconds?: number,
) =>
  pod(
    name,
    labelled,
    { priority, ...(requests === null ? {} : asking(requests)), ...spec },
    seconds === undefined ? {} : { status: { startTime: `2026-01-01T00:00:0${seconds}Z` } },
  );

const budget = (disruptionsAllowed: number, disrupted: readonly string[] = []) => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "b", namespace: "default" },
  spec: { selector: { matchLabels: { app: "foo" } } },
  status: {
    disruptionsAllowed,
    expectedPods: 3,
    currentHealthy: 3,
    desiredHealthy: 2,
    disruptedPods: Object.fromEntries(disrupted.map((name) => [name, "2026-01-01T00:00:00Z"])),
  },
});

interface PreemptionRow extends Row {
  /** Null: nobody makes room. */
  readonly nominated: string | null;
  readonly victims: readonly string[];
}

const AWAY = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: selector("foo"), topologyKey: "hostname" }],
    },
  },
};
const SPREAD = {
  topologySpreadConstraints: ["zone", "hostname"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: selector("foo"),
  })),
};
const THREE_FOO = ["p1.1", "p1.2", "p1.3"].map((name) => at(`${name}@node1`, MID, SMALL, "app=foo"));
const TWO_FOO = ["p1.1", "p1.2"].map((name) => at(`${name}@node1`, MID, MEDIUM, "app=foo"));
const WAITING = at("p", HIGH, VERY_LARGE);

/** default_preemption_test.go, TestPostFilter and TestDryRunPreemption, as far as the plugins are real ones. */
const ROWS: readonly PreemptionRow[] = [
  {
    name: "pod with higher priority can be made schedulable",
    nodes: single("node1"),
    existing: [at("p1@node1", LOW, null)],
    pod: at("p", HIGH, null),
    nominated: "node1",
    victims: ["default/p1"],
  },
  {
    name: "pod with tied priority is still unschedulable",
    nodes: single("node1"),
    existing: [at("p1@node1", LOW, null)],
    pod: at("p", LOW, null),
    nominated: null,
    victims: [],
  },
  {
    name: "pod can be made schedulable on one node",
    nodes: single("node1", "node2"),
    existing: [at("p1@node1", HIGH, null), at("p2@node2", LOW, null)],
    pod: at("p", MID, null),
    nominated: "node2",
    victims: ["default/p2"],
  },
  {
    name: "a pod that fits on both nodes when lower priority pods are preempted: the first",
    nodes: sized("node1", "node2"),
    existing: [at("p1@node1", MID, LARGE), at("p2@node2", MID, LARGE)],
    pod: at("p", HIGH, LARGE),
    nominated: "node1",
    victims: ["default/p1"],
  },
  {
    name: "other pods running are higher priority, no preemption would happen",
    nodes: sized("node1", "node2"),
    existing: [at("p1@node1", MID, LARGE), at("p2@node2", MID, LARGE)],
    pod: at("p", LOW, LARGE),
    nominated: null,
    victims: [],
  },
  {
    name: "medium priority pod is preempted, but lower priority one stays as it is small",
    nodes: sized("node1"),
    existing: [at("p1.1@node1", LOW, SMALL), at("p1.2@node1", MID, LARGE)],
    pod: at("p", HIGH, LARGE),
    nominated: "node1",
    victims: ["default/p1.2"],
  },
  {
    name: "mixed priority pods are preempted",
    nodes: sized("node1", "node2"),
    existing: [
      at("p1.1@node1", MID, SMALL),
      at("p1.2@node1", LOW, SMALL),
      at("p1.3@node1", MID, MEDIUM),
      at("p1.4@node1", HIGH, SMALL),
      at("p2@node2", HIGH, LARGE),
    ],
    pod: at("p", HIGH, LARGE),
    nominated: "node1",
    victims: ["default/p1.3", "default/p1.2"],
  },
  {
    name: "mixed priority pods are preempted, pick later StartTime one when priorities are equal",
    nodes: sized("node1", "node2"),
    existing: [
      at("p1.1@node1", LOW, SMALL, "", {}, 5),
      at("p1.2@node1", LOW, SMALL, "", {}, 4),
      at("p1.3@node1", MID, MEDIUM, "", {}, 3),
      at("p1.4@node1", HIGH, SMALL, "", {}, 2),
      at("p2@node2", HIGH, LARGE, "", {}, 1),
    ],
    pod: at("p", HIGH, LARGE),
    nominated: "node1",
    victims: ["default/p1.3", "default/p1.1"],
  },
  {
    name: "pod with anti-affinity is preempted",
    nodes: [...sized("node1"), ...single("node2")],
    existing: [
      at("p1.1@node1", LOW, SMALL, "foo", AWAY),
      at("p1.2@node1", MID, SMALL),
      at("p1.3@node1", HIGH, SMALL),
      at("p2@node2", HIGH, SMALL),
    ],
    pod: at("p", HIGH, SMALL, "foo"),
    nominated: "node1",
    victims: ["default/p1.1"],
  },
  {
    name: "preemption to resolve pod topology spread filter failure",
    nodes: nodes(
      "node-a zone=zone1 hostname=node-a; node-b zone=zone1 hostname=node-b; node-x zone=zone2 hostname=node-x",
    ),
    existing: [
      at("pod-a1@node-a", MID, null, "foo"),
      at("pod-a2@node-a", LOW, null, "foo"),
      at("pod-b1@node-b", LOW, null, "foo"),
      at("pod-x1@node-x", HIGH, null, "foo"),
      at("pod-x2@node-x", HIGH, null, "foo"),
    ],
    pod: at("p", HIGH, null, "foo", SPREAD),
    nominated: "node-a",
    victims: ["default/pod-a2"],
  },
  {
    name: "preemption with violation of same pdb",
    nodes: sized("node1"),
    existing: TWO_FOO,
    pod: WAITING,
    objects: [budget(1)],
    nominated: "node1",
    victims: ["default/p1.1", "default/p1.2"],
  },
  {
    name: "the victim belongs to DisruptedPods",
    nodes: sized("node1"),
    existing: TWO_FOO,
    pod: WAITING,
    objects: [budget(1, ["p1.2"])],
    nominated: "node1",
    victims: ["default/p1.1", "default/p1.2"],
  },
  {
    name: "one that would violate its budget is let back first",
    nodes: sized("node1"),
    existing: [...THREE_FOO, at("p1.4@node1", MID, SMALL)],
    pod: at("p", HIGH, LARGE),
    objects: [budget(2)],
    nominated: "node1",
    victims: ["default/p1.2", "default/p1.4"],
  },
  {
    name: "all nodes are possible candidates, the first of them",
    nodes: sized("node1", "node2", "node3", "node4", "node5"),
    existing: [1, 2, 3, 4, 5].map((i) => at(`p${i}@node${i}`, MID, LARGE)),
    pod: at("p", HIGH, LARGE),
    args: { minCandidateNodesPercentage: 40, minCandidateNodesAbsolute: 1 },
    nominated: "node1",
    victims: ["default/p1"],
  },
  {
    name: "some nodes are not possible candidates",
    nodes: sized("node1", "node2", "node3"),
    existing: [at("p1@node1", VERY_HIGH, LARGE), at("p2@node2", VERY_HIGH, LARGE), at("p3@node3", MID, LARGE)],
    pod: at("p", HIGH, LARGE),
    args: { minCandidateNodesPercentage: 40, minCandidateNodesAbsolute: 1 },
    nominated: "node3",
    victims: ["default/p3"],
  },
  {
    name: "PreemptNever",
    nodes: single("node1"),
    existing: [at("p1@node1", LOW, null)],
    pod: at("p", HIGH, null, "", { preemptionPolicy: "Never" }),
    nominated: null,
    victims: [],
  },
];

describe("DefaultPreemption", () => {
  test.each(named(ROWS))("%s", (_, row) => {
    const { nominated, victims } = row as PreemptionRow;
    const result = scheduled("DefaultPreemption", row).find(({ name }) => name === "p")!;
    // Theirs are compared by name too: who is first among equals, they leave to the time of day.
    expect([result.nominatedNode, result.victims.toSorted()]).toEqual([nominated, victims.toSorted()]);
  });
});
