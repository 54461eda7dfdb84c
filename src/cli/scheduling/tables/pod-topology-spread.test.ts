import { describe, test } from "vitest";
import { check, type Fields, named, node, nodes, pod, pods, type Row, selector, taints } from "./rows.ts";

const HOSTNAME = "kubernetes.io/hostname";

/** `text` null: no selector at all, which selects nothing. */
function constraint(maxSkew: number, topologyKey: string, whenUnsatisfiable: string, text: string | null, more = {}) {
  const key = topologyKey === "@" ? HOSTNAME : topologyKey;
  const labelSelector = text === null ? {} : { labelSelector: selector(text) };
  return { maxSkew, topologyKey: key, whenUnsatisfiable, ...labelSelector, ...more };
}

const hard = (key: string, text: string | null, more: Fields = {}, maxSkew = 1) =>
  constraint(maxSkew, key, "DoNotSchedule", text, more);
const soft = (key: string, text: string | null, more: Fields = {}, maxSkew = 1) =>
  constraint(maxSkew, key, "ScheduleAnyway", text, more);
const spread = (...constraints: readonly Fields[]) => ({ topologySpreadConstraints: constraints });
const IGNORED = { nodeAffinityPolicy: "Ignore" };
const TAINTS = { nodeTaintsPolicy: "Honor" };
const TAINTED = { taints: taints("key1=value1:NoSchedule") };

const FOUR = nodes(
  "node-a zone=zone1 node=node-a; node-b zone=zone1 node=node-b; node-x zone=zone2 node=node-x; node-y zone=zone2 node=node-y",
);
const BOTH = spread(hard("zone", "foo"), hard("node", "foo"));
const APART = spread(hard("zone", "foo"), hard("node", "bar"));

/** filtering_test.go, TestMultipleConstraints. */
const SEVERAL: readonly Row[] = [
  {
    name: "two Constraints on zone and node, spreads = [3/3, 2/1/0/3]",
    nodes: FOUR,
    existing: pods("a1@node-a foo; a2@node-a foo; b1@node-b foo; y1@node-y foo; y2@node-y foo; y3@node-y foo"),
    pod: pod("p", "foo", BOTH),
    filter: "node-a:U node-b:U node-x:S node-y:U",
  },
  {
    name: "two Constraints on zone and node, spreads = [3/4, 2/1/0/4]",
    nodes: FOUR,
    existing: pods(
      "a1@node-a foo; a2@node-a foo; b1@node-b foo; y1@node-y foo; y2@node-y foo; y3@node-y foo; y4@node-y foo",
    ),
    pod: pod("p", "foo", BOTH),
    filter: "node-a:U node-b:U node-x:U node-y:U",
  },
  {
    name: "Constraints hold different labelSelectors, spreads = [1/0, 1/0/0/1]",
    nodes: FOUR,
    existing: pods("a1@node-a foo; y1@node-y bar"),
    pod: pod("p", "foo bar", APART),
    filter: "node-a:U node-b:U node-x:S node-y:U",
  },
  {
    name: "Constraints hold different labelSelectors, spreads = [1/0, 0/0/1/1]",
    nodes: FOUR,
    existing: pods("a1@node-a foo; x1@node-x bar; y1@node-y bar"),
    pod: pod("p", "foo bar", APART),
    filter: "node-a:U node-b:U node-x:U node-y:U",
  },
  {
    name: "Constraints hold different labelSelectors, spreads = [2/3, 1/0/0/1]",
    nodes: FOUR,
    existing: pods("a1@node-a foo; a2@node-a foo bar; y1@node-y foo; y2@node-y foo bar; y3@node-y foo"),
    pod: pod("p", "foo bar", APART),
    filter: "node-a:U node-b:S node-x:U node-y:U",
  },
  {
    name: "Constraints hold different labelSelectors but pod doesn't match itself on 'zone' constraint",
    nodes: FOUR,
    existing: pods("a1@node-a foo; x1@node-x bar; y1@node-y bar"),
    pod: pod("p", "bar", APART),
    filter: "node-a:S node-b:S node-x:U node-y:U",
  },
  {
    name: "two Constraints on zone and node, absence of label 'node' on node-x, spreads = [1/1, 1/0/0/1]",
    nodes: nodes(
      "node-a zone=zone1 node=node-a; node-b zone=zone1 node=node-b; node-x zone=zone2; node-y zone=zone2 node=node-y",
    ),
    existing: pods("a1@node-a foo; y3@node-y foo"),
    pod: pod("p", "foo", BOTH),
    filter: "node-a:U node-b:S node-x:R node-y:U",
    reasons: {
      "node-a": ["node(s) didn't match pod topology spread constraints"],
      "node-x": ["node(s) didn't match pod topology spread constraints (missing required label)"],
    },
  },
  {
    name: "two node inclusion Constraints, zone: honor/ignore, node: ignore/ignore",
    nodes: nodes(
      "node-a zone=zone1 node=node-a foo; node-b zone=zone1 node=node-b foo; node-x zone=zone2 node=node-x foo; node-y zone=zone2 node=node-y",
    ),
    existing: pods("a1@node-a foo; b1@node-b foo; y1@node-y foo"),
    pod: pod("p", "foo", { nodeSelector: { foo: "" }, ...spread(hard("zone", "foo"), hard("node", "foo", IGNORED)) }),
    filter: "node-a:U node-b:U node-x:S node-y:U",
  },
  {
    name: "two node inclusion Constraints, zone: honor/honor, node: honor/ignore",
    nodes: [
      ...nodes(
        "node-a zone=zone1 node=node-a foo; node-b zone=zone1 node=node-b foo; node-x zone=zone2 node=node-x foo",
      ),
      node("node-y", "zone=zone2 node=node-y", {}, TAINTED),
    ],
    existing: pods("a1@node-a foo; b1@node-b foo; y1@node-y foo"),
    pod: pod("p", "foo", spread(hard("zone", "foo", TAINTS), hard("node", "foo"))),
    filter: "node-a:U node-b:U node-x:S node-y:U",
  },
  {
    name: "two node inclusion Constraints, zone: honor/ignore, node: honor/ignore",
    nodes: [
      ...nodes("node-a zone=zone1 node=node-a foo; node-b zone=zone1 node=node-b; node-x zone=zone2 node=node-x foo"),
      node("node-y", "zone=zone2 node=node-y foo", {}, TAINTED),
    ],
    existing: pods("a1@node-a foo; b1@node-b foo; y1@node-y foo"),
    pod: pod("p", "foo", { nodeSelector: { foo: "" }, ...BOTH }),
    filter: "node-a:U node-b:S node-x:S node-y:U",
  },
  {
    name: "two node inclusion Constraints, zone: honor/honor, node: ignore/ignore",
    nodes: [
      ...nodes("node-a zone=zone1 node=node-a foo; node-b zone=zone1 node=node-b; node-x zone=zone2 node=node-x foo"),
      node("node-y", "zone=zone2 node=node-y foo", {}, TAINTED),
    ],
    existing: pods("a1@node-a foo; b1@node-b foo; y1@node-y foo"),
    pod: pod("p", "foo", {
      nodeSelector: { foo: "" },
      ...spread(hard("zone", "foo", TAINTS), hard("node", "foo", IGNORED)),
    }),
    filter: "node-a:U node-b:U node-x:S node-y:U",
  },
];

const HOSTS = nodes("node-a @node-a; node-b @node-b; node-c @node-c; node-d @node-d");
const ZONED = "node-a zone=zone1 @node-a; node-b zone=zone1 @node-b; node-x zone=zone2 @node-x";
const KEYED = nodes("node-a node=node-a foo; node-b node=node-b foo; node-c node=node-c");
const ZONES = nodes(
  "node-a zone=zone1 @node-a; node-b zone=zone1 @node-b; node-c zone=zone2 @node-c; node-d zone=zone2 @node-d",
);
const FOUR_TO_ONE = pods(
  "a1@node-a foo; a2@node-a foo; a3@node-a foo; a4@node-a foo; b1@node-b foo; b2@node-b foo; b3@node-b foo; c1@node-c foo; c2@node-c foo; d1@node-d foo",
);
const TWO_ONE_NONE_THREE = pods(
  "a1@node-a foo; a2@node-a foo; b1@node-b foo; d1@node-d foo; d2@node-d foo; d3@node-d foo",
);
const FOUR_TWO_ONE_THREE = pods(
  "a1@node-a foo; a2@node-a foo; a3@node-a foo; a4@node-a foo; b1@node-b foo; b2@node-b foo; x1@node-x foo; y1@node-y foo; y2@node-y foo; y3@node-y foo",
);
const THREE = pods("a1@node-a foo; a2@node-a foo; b1@node-b foo; c1@node-c foo");
/** A node that is no candidate, as it is cordoned. */
const failed = (name: string, labelled: string) => node(name, labelled, {}, { unschedulable: true });
const REQUIRED = {
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "foo", operator: "In", values: [""] }] }],
      },
    },
  },
};

/** scoring_test.go, TestPodTopologySpreadScore. */
const SCORES: readonly Row[] = [
  {
    name: "one constraint on node, no existing pods",
    nodes: nodes("node-a @node-a; node-b @node-b"),
    pod: pod("p", "foo", spread(soft("@", "foo"))),
    score: "node-a:100 node-b:100",
  },
  {
    name: "one constraint on node, only one node is candidate",
    nodes: [...nodes("node-a @node-a"), failed("node-b", "@node-b")],
    existing: pods("a1@node-a foo; a2@node-a foo; b1@node-b foo"),
    pod: pod("p", "foo", spread(soft("@", "foo"))),
    score: "node-a:100",
  },
  {
    name: "one constraint on node, all nodes have the same number of matching pods",
    nodes: nodes("node-a @node-a; node-b @node-b"),
    existing: pods("a1@node-a foo; b1@node-b foo"),
    pod: pod("p", "foo", spread(soft("@", "foo"))),
    score: "node-a:100 node-b:100",
  },
  {
    name: "one constraint on node, all 4 nodes are candidates",
    nodes: HOSTS,
    existing: TWO_ONE_NONE_THREE,
    pod: pod("p", "foo", spread(soft("@", "foo"))),
    score: "node-a:20 node-b:60 node-c:100 node-d:0",
  },
  {
    name: "one constraint on node, null selector",
    nodes: HOSTS,
    existing: TWO_ONE_NONE_THREE,
    pod: pod("p", "foo", spread(soft("@", null))),
    score: "node-a:100 node-b:100 node-c:100 node-d:100",
  },
  {
    name: "one constraint on node, all 4 nodes are candidates, maxSkew=2",
    nodes: HOSTS,
    existing: TWO_ONE_NONE_THREE,
    pod: pod("p", "foo", spread(soft("@", "foo", {}, 2))),
    score: "node-a:33 node-b:66 node-c:100 node-d:16",
  },
  {
    name: "one constraint on node, all 4 nodes are candidates, maxSkew=3",
    nodes: HOSTS,
    existing: FOUR_TO_ONE,
    pod: pod("p", "foo", spread(soft("@", "foo", {}, 3))),
    score: "node-a:44 node-b:66 node-c:77 node-d:100",
  },
  {
    name: "system defaulting, nodes don't have zone, pods match service",
    nodes: HOSTS,
    existing: FOUR_TO_ONE,
    pod: pod("p", "foo"),
    objects: [
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "s", namespace: "default" },
        spec: { selector: { foo: "" }, ports: [{ port: 80 }] },
      },
    ],
    score: "node-a:44 node-b:66 node-c:77 node-d:100",
  },
  {
    name: "one constraint on node, 3 out of 4 nodes are candidates",
    nodes: [...nodes("node-a @node-a; node-b @node-b; node-x @node-x"), failed("node-y", "@node-y")],
    existing: FOUR_TWO_ONE_THREE,
    pod: pod("p", "foo", spread(soft("@", "foo"))),
    score: "node-a:33 node-b:83 node-x:100",
  },
  {
    name: "one constraint on node, 3 out of 4 nodes are candidates, one node doesn't match topology key",
    nodes: [...nodes("node-a @node-a; node-b n=node-b; node-x @node-x"), failed("node-y", "@node-y")],
    existing: FOUR_TWO_ONE_THREE,
    pod: pod("p", "foo", spread(soft("@", "foo"))),
    score: "node-a:16 node-b:0 node-x:100",
  },
  {
    name: "one constraint on zone, 3 out of 4 nodes are candidates",
    nodes: [...nodes(ZONED), failed("node-y", "zone=zone2 @node-y")],
    existing: FOUR_TWO_ONE_THREE,
    pod: pod("p", "foo", spread(soft("zone", "foo"))),
    score: "node-a:75 node-b:75 node-x:100",
  },
  {
    name: "two Constraints on zone and node, 2 out of 4 nodes are candidates",
    nodes: [
      ...nodes("node-a zone=zone1 @node-a; node-x zone=zone2 @node-x"),
      failed("node-b", "zone=zone1 @node-b"),
      failed("node-y", "zone=zone2 @node-y"),
    ],
    existing: pods(
      "a1@node-a foo; a2@node-a foo; b1@node-b foo; x1@node-x foo; x2@node-x foo; y1@node-y foo; y2@node-y foo; y3@node-y foo; y4@node-y foo",
    ),
    pod: pod("p", "foo", spread(soft("zone", "foo"), soft("@", "foo"))),
    score: "node-a:100 node-x:63",
  },
  {
    name: "two Constraints on zone and node, with different labelSelectors",
    nodes: [...nodes(ZONED), ...nodes("node-y zone=zone2 @node-y")],
    existing: pods("a1@node-a foo; b1@node-b foo bar; y1@node-y foo; y2@node-y bar"),
    pod: pod("p", "foo bar", spread(soft("zone", "foo"), soft("@", "bar"))),
    score: "node-a:60 node-b:20 node-x:100 node-y:60",
  },
  {
    name: "two Constraints on zone and node, with different labelSelectors, some nodes have 0 pods",
    nodes: [...nodes(ZONED), ...nodes("node-y zone=zone2 @node-y")],
    existing: pods("b1@node-b bar; x1@node-x foo; y1@node-y foo bar"),
    pod: pod("p", "foo bar", spread(soft("zone", "foo"), soft("@", "bar"))),
    score: "node-a:100 node-b:60 node-x:40 node-y:0",
  },
  {
    name: "two Constraints on zone and node, with different labelSelectors, 3 out of 4 nodes are candidates",
    nodes: [...nodes(ZONED), failed("node-y", "zone=zone2 @node-y")],
    existing: pods("a1@node-a foo; b1@node-b foo bar; y1@node-y foo; y2@node-y bar"),
    pod: pod("p", "foo bar", spread(soft("zone", "foo"), soft("@", "bar"))),
    score: "node-a:50 node-b:25 node-x:100",
  },
  {
    name: "existing pods in a different namespace do not count",
    nodes: nodes("node-a @node-a; node-b @node-b"),
    existing: pods("ns1/a1@node-a foo; a2@node-a foo; b1@node-b foo; b2@node-b foo"),
    pod: pod("p", "foo", spread(soft("@", "foo"))),
    score: "node-a:100 node-b:33",
  },
  {
    name: "terminating Pods should be excluded",
    nodes: nodes("node-a @node-a; node-b @node-b"),
    existing: pods("a@node-a! foo; b@node-b foo"),
    pod: pod("p", "foo", spread(soft("@", "foo"))),
    score: "node-a:100 node-b:0",
  },
  {
    name: "NodeAffinityPolicy honoured with labelSelectors",
    nodes: KEYED,
    existing: THREE,
    pod: pod("p", "foo", { nodeSelector: { foo: "" }, ...spread(soft("node", "foo")) }),
    alone: true,
    score: "node-a:0 node-b:33 node-c:100",
  },
  {
    name: "NodeAffinityPolicy ignored with labelSelectors",
    nodes: KEYED,
    existing: THREE,
    pod: pod("p", "foo", { nodeSelector: { foo: "" }, ...spread(soft("node", "foo", IGNORED)) }),
    alone: true,
    score: "node-a:66 node-b:100 node-c:100",
  },
  {
    name: "NodeAffinityPolicy honoured with nodeAffinity",
    nodes: KEYED,
    existing: THREE,
    pod: pod("p", "foo", { ...REQUIRED, ...spread(soft("node", "foo")) }),
    alone: true,
    score: "node-a:0 node-b:33 node-c:100",
  },
  {
    name: "NodeAffinityPolicy ignored with nodeAffinity",
    nodes: KEYED,
    existing: THREE,
    pod: pod("p", "foo", { ...REQUIRED, ...spread(soft("node", "foo", IGNORED)) }),
    alone: true,
    score: "node-a:66 node-b:100 node-c:100",
  },
  {
    name: "NodeTaintsPolicy honored",
    nodes: [...nodes("node-a node=node-a; node-b node=node-b"), node("node-c", "node=node-c", {}, TAINTED)],
    existing: THREE,
    pod: pod("p", "foo", spread(soft("node", "foo", TAINTS))),
    alone: true,
    score: "node-a:0 node-b:33 node-c:100",
  },
  {
    name: "NodeTaintsPolicy ignored",
    nodes: [...nodes("node-a node=node-a; node-b node=node-b"), node("node-c", "node=node-c", {}, TAINTED)],
    existing: THREE,
    pod: pod("p", "foo", spread(soft("node", "foo"))),
    alone: true,
    score: "node-a:66 node-b:100 node-c:100",
  },
  {
    name: "matchLabelKeys ANDed with LabelSelector when LabelSelector is empty",
    nodes: ZONES,
    existing: pods("a1@node-a foo; b1@node-b foo bar; y1@node-c foo; y2@node-c bar"),
    pod: pod(
      "p",
      "foo bar",
      spread(soft("zone", "", { matchLabelKeys: ["foo"] }), soft("@", "", { matchLabelKeys: ["bar"] })),
    ),
    score: "node-a:60 node-b:20 node-c:60 node-d:100",
  },
  {
    name: "matchLabelKeys ANDed with LabelSelector when LabelSelector isn't empty",
    nodes: ZONES,
    existing: pods("a1@node-a foo; b1@node-b foo bar baz; c1@node-c foo; c2@node-c bar; d3@node-c bar baz"),
    pod: pod("p", "foo bar baz", spread(soft("zone", "foo"), soft("@", "bar", { matchLabelKeys: ["baz"] }))),
    score: "node-a:60 node-b:20 node-c:60 node-d:100",
  },
];

describe("PodTopologySpread", () => {
  test.each(named(SEVERAL))("several constraints: %s", (_, row) => check("PodTopologySpread", row));
  test.each(named(SCORES))("score: %s", (_, row) => check("PodTopologySpread", row));
});
