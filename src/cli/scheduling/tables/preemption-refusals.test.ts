import { describe, expect, test } from "vitest";
import { asking, type Fields, named, node, pod, type Row, scheduled, selector } from "./rows.ts";

const [LOW, MID, HIGH, VERY_HIGH] = [0, 100, 1000, 10_000];
const SMALL = { cpu: "100m", memory: "100" };
const MEDIUM = { cpu: "200m", memory: "200" };
const LARGE = { cpu: "300m", memory: "300" };
const VERY_LARGE = { cpu: "500m", memory: "500" };

interface PreemptionRow extends Row {
  /** Null: nobody makes room. */
  readonly nominated: string | null;
  readonly victims?: readonly string[];
  /** What is said of the preemption. */
  readonly message?: string;
}

const at = (name: string, priority: number, spec: Fields = {}, labelled = "", more: Fields = {}) =>
  pod(name, labelled, { priority, ...spec }, more);
const single = (name: string, spec: Fields = {}) => node(name, "", { cpu: "4", memory: "4Gi", pods: "1" }, spec);
const sized = (name: string, labelled = "") => node(name, labelled, { ...VERY_LARGE, pods: "32" });

const budget = (name: string, violates: string, disruptionsAllowed: number) => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name, namespace: "default" },
  spec: { selector: { matchLabels: { violating: violates } } },
  status: { disruptionsAllowed, expectedPods: 1, currentHealthy: 1, desiredHealthy: 1 },
});

const nominatedTo = (nominatedNodeName: string) => ({ status: { nominatedNodeName } });
const preempted = {
  status: { conditions: [{ type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" }] },
};
const tainted = { taints: [{ key: "dedicated", effect: "NoSchedule" }] };

/** default_preemption_test.go, TestPostFilter, TestPodEligibleToPreemptOthers and TestPreempt, as far as plugins are real. */
const ROWS: readonly PreemptionRow[] = [
  {
    name: "of the same priority",
    nodes: [single("node1")],
    existing: [at("p1@node1", LOW)],
    pod: at("p", LOW),
    nominated: null,
    message: "0/1 nodes are available: 1 No preemption victims found for incoming pod.",
  },
  {
    name: "a node that no preemption helps",
    nodes: [single("node1", tainted)],
    existing: [at("p1@node1", LOW)],
    pod: at("p", HIGH),
    nominated: null,
    message: "0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
  },
  {
    name: "for mixed reasons",
    nodes: [single("node1"), node("node2", "", { ...MEDIUM, pods: "9" }), single("node3")],
    existing: [at("p1@node1", HIGH), at("p2@node2", LOW), at("p3@node3", HIGH)],
    pod: at("p", HIGH, asking(LARGE)),
    nominated: null,
    message:
      "0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
  },
  {
    name: "others are too large even when the smaller are gone",
    nodes: [sized("node1"), sized("node2")],
    existing: [
      at("p1@node1", LOW, asking(SMALL)),
      at("e1@node1", VERY_HIGH, asking(LARGE)),
      at("p2@node2", LOW, asking(SMALL)),
      at("e2@node2", VERY_HIGH, asking(LARGE)),
    ],
    pod: at("p", HIGH, asking(LARGE)),
    nominated: null,
    message: "0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory.",
  },
  {
    name: "the node whose most important victim is the least",
    nodes: [single("node1"), single("node2")],
    existing: [
      at("p1@node1", HIGH, {}, "violating=no"),
      at("p2@node1", LOW, {}, "violating=yes"),
      at("p3@node2", MID, {}, "violating=yes"),
    ],
    pod: at("p", VERY_HIGH),
    objects: [budget("violating", "yes", 0), budget("non-violating", "no", 2_147_483_647)],
    nominated: "node2",
    victims: ["default/p3"],
  },
  {
    name: "nominated to a node that cannot take it now",
    nodes: [single("node1", tainted), single("node2")],
    existing: [at("p1@node1!", LOW, {}, "", preempted), at("p2@node2", LOW)],
    pod: at("p", HIGH, {}, "", nominatedTo("node1")),
    nominated: "node2",
    victims: ["default/p2"],
  },
  {
    name: "a victim is still going",
    nodes: [single("node1"), single("node2")],
    existing: [at("p1@node1!", LOW, {}, "", preempted), at("p2@node2", LOW)],
    pod: at("p", HIGH, {}, "", nominatedTo("node1")),
    nominated: null,
    message: "not eligible due to a terminating pod on the nominated node.",
  },
  {
    name: "one that is no victim is going",
    nodes: [single("node1")],
    existing: [at("p1@node1!", LOW)],
    pod: at("p", HIGH, {}, "", nominatedTo("node1")),
    nominated: "node1",
    victims: ["default/p1"],
  },
  {
    name: "PreemptNever",
    nodes: [sized("node1"), sized("node2")],
    existing: [at("p1@node1", LOW, asking(SMALL)), at("p2@node2", MID, asking(MEDIUM))],
    pod: at("p", HIGH, { ...asking(VERY_LARGE), preemptionPolicy: "Never" }),
    nominated: null,
    message: "not eligible due to preemptionPolicy=Never.",
  },
  {
    name: "basic preemption logic",
    nodes: [sized("node1"), sized("node2"), sized("node3")],
    existing: [
      at("p1.1@node1", LOW, asking(SMALL)),
      at("p1.2@node1", LOW, asking(SMALL)),
      at("p2.1@node2", HIGH, asking(LARGE)),
      at("p3.1@node3", MID, asking(MEDIUM)),
    ],
    pod: at("p", HIGH, { ...asking(VERY_LARGE), preemptionPolicy: "PreemptLowerPriority" }),
    nominated: "node1",
    victims: ["default/p1.1", "default/p1.2"],
  },
  {
    name: "for spread constraints",
    nodes: [
      sized("node-a", "zone=zone1 hostname=node-a"),
      sized("node-b", "zone=zone1 hostname=node-b"),
      sized("node-x", "zone=zone2 hostname=node-x"),
    ],
    existing: [
      at("p-a1@node-a", HIGH, {}, "foo"),
      at("p-a2@node-a", HIGH, {}, "foo"),
      at("p-b1@node-b", LOW, {}, "foo"),
      at("p-x1@node-x", HIGH, {}, "foo"),
      at("p-x2@node-x", HIGH, {}, "foo"),
    ],
    pod: at(
      "p",
      HIGH,
      {
        topologySpreadConstraints: ["zone", "hostname"].map((topologyKey) => ({
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: "DoNotSchedule",
          labelSelector: selector("foo"),
        })),
      },
      "foo",
    ),
    nominated: "node-b",
    victims: ["default/p-b1"],
  },
];

describe("DefaultPreemption", () => {
  test.each(named(ROWS))("%s", (_, row) => {
    const { nominated, victims = [], message } = row as PreemptionRow;
    const result = scheduled("DefaultPreemption", row).find(({ name }) => name === "p")!;
    expect([result.nominatedNode, result.victims.toSorted()]).toEqual([nominated, victims.toSorted()]);
    if (message !== undefined) expect(result.message!.split(" preemption: ")[1]).toBe(message);
  });
});
