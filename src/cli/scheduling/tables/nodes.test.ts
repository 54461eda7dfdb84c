import { describe, test } from "vitest";
import { check, expressions, type Fields, named, node, nodes, pod, type Row, taints } from "./rows.ts";

const preferred = (...weighted: readonly (readonly [number, string])[]) => ({
  preferredDuringSchedulingIgnoredDuringExecution: weighted.map(([weight, text]) => ({
    weight,
    preference: { matchExpressions: expressions(text) },
  })),
});
const preferring = (...weighted: readonly (readonly [number, string])[]) => ({
  affinity: { nodeAffinity: preferred(...weighted) },
});
const ONE = preferring([2, "foo=bar"]);
const THREE = preferring([2, "foo=bar"], [4, "key=value"], [5, "foo=bar key=value az=az1"]);
const FIVE = "foo=bar key=value az=az1";

/** node_affinity_test.go, TestNodeAffinityPriority. */
const AFFINITY: readonly Row[] = [
  {
    name: "Skip is returned in PreScore when NodeAffinity is nil",
    nodes: nodes("node1 foo=bar; node2 key=value; node3 az=az1"),
    pod: pod("p"),
    score: "",
  },
  {
    name: "no node matches preferred scheduling requirements",
    nodes: nodes("node1 abc=az11 def=az22; node2 key=value; node3 az=az1"),
    pod: pod("p", "", ONE),
    score: "node1:0 node2:0 node3:0",
  },
  {
    name: "only node1 matches the preferred scheduling requirements of pod",
    nodes: nodes("node1 foo=bar; node2 key=value; node3 az=az1"),
    pod: pod("p", "", ONE),
    score: "node1:100 node2:0 node3:0",
  },
  {
    name: "all nodes match with different priorities",
    nodes: nodes(`node1 foo=bar; node5 ${FIVE}; node2 key=value`),
    pod: pod("p", "", THREE),
    score: "node1:18 node5:100 node2:36",
  },
  {
    name: "added affinity",
    nodes: nodes("node1 foo=bar; node2 key=value"),
    pod: pod("p"),
    args: { addedAffinity: preferred([2, "foo=bar"]) },
    score: "node1:100 node2:0",
  },
  {
    name: "added affinity and pod has default affinity",
    nodes: nodes(`node1 foo=bar; node2 key=value; node3 ${FIVE}`),
    pod: pod("p", "", ONE),
    args: { addedAffinity: preferred([3, "key=value"]) },
    score: "node1:40 node2:60 node3:100",
  },
];

const tainted = (name: string, text: string) => node(name, "", {}, { taints: taints(text) });
const tolerating = (...tolerations: readonly Fields[]) => pod("p", "", { tolerations });
const equal = (key: string, value: string, effect?: string) => ({
  key,
  operator: "Equal",
  value,
  ...(effect !== undefined && { effect }),
});
const LEVELS = [
  node("nodea"),
  tainted("nodeb", "cpu-type=arm64:PreferNoSchedule"),
  tainted("nodec", "cpu-type=arm64:PreferNoSchedule disk-type=ssd:PreferNoSchedule"),
];

/** taint_toleration_test.go, TestTaintTolerationScore. */
const TAINTS: readonly Row[] = [
  {
    name: "node with taints tolerated by the pod gets a higher score",
    nodes: [tainted("nodea", "foo=bar:PreferNoSchedule"), tainted("nodeb", "foo=blah:PreferNoSchedule")],
    pod: tolerating(equal("foo", "bar", "PreferNoSchedule")),
    score: "nodea:100 nodeb:0",
  },
  {
    name: "no matter how many tolerable taints a node has",
    nodes: LEVELS,
    pod: tolerating(equal("cpu-type", "arm64", "PreferNoSchedule"), equal("disk-type", "ssd", "PreferNoSchedule")),
    score: "nodea:100 nodeb:100 nodec:100",
  },
  {
    name: "the more intolerable taints a node has, the lower score it gets",
    nodes: LEVELS,
    pod: tolerating(equal("foo", "bar", "PreferNoSchedule")),
    score: "nodea:100 nodeb:50 nodec:0",
  },
  {
    name: "only taints and tolerations that have effect PreferNoSchedule are checked",
    nodes: [node("nodea"), tainted("nodeb", "cpu-type=arm64:NoSchedule"), LEVELS[2]!],
    pod: tolerating(equal("cpu-type", "arm64", "NoSchedule"), equal("disk-type", "ssd", "NoSchedule")),
    score: "nodea:100 nodeb:100 nodec:0",
  },
  {
    name: "Default behaviour No taints and tolerations, lands on node with no taints",
    nodes: LEVELS.slice(0, 2),
    pod: pod("p"),
    score: "nodea:100 nodeb:0",
  },
  {
    name: "TestTaintTolerationFilter",
    nodes: [
      tainted("one", "dedicated=user1:NoSchedule"),
      tainted("two", "dedicated=user2:NoSchedule foo=bar:NoSchedule"),
      tainted("prefer", "dedicated=user1:PreferNoSchedule"),
      tainted("execute", "dedicated=user1:NoExecute"),
    ],
    pod: tolerating(equal("dedicated", "user2", "NoSchedule"), { key: "foo", operator: "Exists" }),
    filter: "one:R two:S prefer:S execute:R",
    reasons: { one: ["node(s) had untolerated taint(s)"] },
  },
];

const cordoned = (name: string, spec: Fields = {}) => node(name, "", {}, { unschedulable: true, ...spec });

/** node_unschedulable_test.go, TestNodeUnschedulable. */
const CORDONS: readonly Row[] = [
  {
    name: "Does not schedule pod to unschedulable node (node.Spec.Unschedulable==true)",
    nodes: [cordoned("n", { taints: taints("node.kubernetes.io/unschedulable:NoSchedule") }), node("open")],
    pod: pod("p"),
    filter: "n:R open:S",
    reasons: { n: ["node(s) were unschedulable"] },
  },
  {
    name: "Schedule pod to unschedulable node with toleration",
    nodes: [cordoned("n", { taints: taints("node.kubernetes.io/unschedulable:NoSchedule") })],
    pod: tolerating({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }),
    filter: "n:S",
  },
];

/** node_name_test.go, TestNodeName: pods that name their node wait for none, but are looked at where no other pod waits. */
const NAMES: readonly Row[] = [
  { name: "no host specified", nodes: [node("foo")], pod: pod("p"), filter: "foo:S" },
  { name: "host matches", nodes: [node("foo")], pod: pod("p@foo"), filter: "foo:S" },
  {
    name: "host doesn't match",
    nodes: [node("foo")],
    pod: pod("p@bar"),
    filter: "foo:R",
    reasons: { foo: ["node(s) didn't match the requested node name"] },
  },
];

/** types_test.go, HostPortInfo: an address is in conflict with itself and with all addresses. */
const PORTS: readonly Row[] = (
  [
    ["127.0.0.1 UDP 80", "127.0.0.1 TCP 80", "S"],
    ["127.0.0.1 TCP 80", "127.0.0.1 TCP 80", "U"],
    ["127.0.0.1 TCP 80", "0.0.0.0 TCP 80", "U"],
    ["0.0.0.0 TCP 80", "127.0.0.1 TCP 80", "U"],
    ["10.0.10.10 TCP 80", "0.0.0.1 TCP 80", "S"],
    ["0.0.0.0 UDP 80", "127.0.0.1 TCP 80", "S"],
    ["10.0.10.10 SCTP 80", "0.0.0.0 SCTP 80", "U"],
  ] as const
).map(([used, wanted, code]) => ({
  name: `${used}, then ${wanted}`,
  nodes: [node("n")],
  existing: [pod("e@n", "", listening(used))],
  pod: pod("p", "", listening(wanted)),
  filter: `n:${code}`,
}));

function listening(text: string): Fields {
  const [hostIP, protocol, port] = text.split(" ");
  const ports = [{ hostIP, protocol, hostPort: Number(port), containerPort: Number(port) }];
  return { containers: [{ name: "c", image: "i", ports }] };
}

describe("nodes", () => {
  test.each(named(AFFINITY))("NodeAffinity: %s", (_, row) => check("NodeAffinity", row));
  test.each(named(TAINTS))("TaintToleration: %s", (_, row) => check("TaintToleration", row));
  test.each(named(CORDONS))("NodeUnschedulable: %s", (_, row) => check("NodeUnschedulable", row));
  test.each(named(NAMES))("NodeName: %s", (_, row) => check("NodeName", row));
  test.each(named(PORTS))("NodePorts: %s", (_, row) => check("NodePorts", row));
});
