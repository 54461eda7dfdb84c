import { describe, expect, test } from "vitest";
import type { KubeObject, Node, Pod, StringMap } from "../../machinery/kinds/index.ts";
import { helps, node, type PodWords, pod, type Row, running, waiting } from "../testing/hints.ts";

function agree(plugin: string, rows: readonly Row[], known: readonly KubeObject[] = []): void {
  describe(plugin, () => {
    test.each(rows)("%s: %s", (_, event, change, expected) => {
      expect(helps(plugin, event, change, known)).toBe(expected);
    });
  });
}

/** Rows of Kubernetes' own tables (Apache-2.0, pkg/scheduler/framework/plugins, tests of queueing hints), in a short notation. */

const tainted = (...values: readonly string[]): Node =>
  node({}, { taints: values.map((value) => ({ key: "dedicated", value, effect: "NoSchedule" })) });

const cordoned = (unschedulable: boolean, spec: Record<string, unknown> = {}): Node =>
  node({}, { unschedulable, ...spec });
const notReady = { taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoExecute" }] };
const tolerating = (...keys: readonly string[]): Pod =>
  pod({ spec: { tolerations: keys.map((key) => ({ key, operator: "Exists" })) } });
const CORDON = "node.kubernetes.io/unschedulable";

agree("NodeUnschedulable", [
  ["a cordoned one comes", "node/add", [pod(), null, cordoned(true)], false],
  ["an open one comes", "node/add", [pod(), null, cordoned(false)], true],
  ["it stays cordoned", "node/updateTaint", [pod(), cordoned(true), cordoned(true, notReady)], false],
  ["it stays open", "node/updateTaint", [pod(), cordoned(false), cordoned(false, notReady)], false],
  ["it is opened", "node/updateTaint", [pod(), cordoned(true), cordoned(false)], true],
  [
    "another pod tolerates it",
    "unscheduledPod/updateToleration",
    [pod(), waiting(), pod({ name: "o", spec: tolerating(CORDON).spec })],
    false,
  ],
  ["the pod tolerates it", "unscheduledPod/updateToleration", [pod(), pod(), tolerating(CORDON)], true],
  ["the pod tolerates other things", "unscheduledPod/updateToleration", [pod(), pod(), tolerating("x")], false],
]);

const forUser2 = pod({
  spec: { tolerations: [{ key: "dedicated", operator: "Equal", value: "user2", effect: "NoSchedule" }] },
});

agree("TaintToleration", [
  ["one comes that it does not tolerate", "node/add", [forUser2, null, tainted("user1")], false],
  ["one comes that it tolerates", "node/add", [forUser2, null, tainted("user2")], true],
  ["still another taint", "node/updateTaint", [forUser2, tainted("user1"), tainted("user1", "user3")], false],
  ["a taint that it tolerates", "node/updateTaint", [forUser2, tainted("user1"), tainted("user2")], true],
  ["another pod", "unscheduledPod/updateToleration", [pod(), waiting(), waiting()], false],
  ["the pod itself", "unscheduledPod/updateToleration", [pod(), pod(), tolerating("foo")], true],
]);

const wantsFoo = pod({
  spec: {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "foo", operator: "In", values: ["bar"] }] }],
        },
      },
    },
  },
});

agree("NodeAffinity", [
  ["one comes that does not match", "node/add", [wantsFoo, null, node()], false],
  ["one comes that matches", "node/add", [wantsFoo, null, node({ foo: "bar" })], true],
  ["other labels", "node/updateLabel", [wantsFoo, node(), node({ k: "v" })], false],
  ["it matches no longer", "node/updateLabel", [wantsFoo, node({ foo: "bar" }), node({ k: "v" })], false],
  ["it matches now", "node/updateLabel", [wantsFoo, node(), node({ foo: "bar" })], true],
]);

const withPort = (words: PodWords, hostPort: number): Pod =>
  pod({ ...words, spec: { containers: [{ name: "c", ports: [{ containerPort: 80, hostPort }] }] } });
const portUser = withPort({}, 8080);

agree("NodePorts", [
  ["it had no node", "assignedPod/delete", [portUser, waiting(), null], false],
  ["it had no port", "assignedPod/delete", [portUser, running(), null], false],
  ["it had another port", "assignedPod/delete", [portUser, withPort({ name: "o", on: "n" }, 8081), null], false],
  ["it had the port", "assignedPod/delete", [portUser, withPort({ name: "o", on: "n" }, 8080), null], true],
]);

const asking = (requests: StringMap, words: PodWords = {}): Pod =>
  pod({ ...words, spec: { containers: [{ name: "c", resources: { requests } }] } });
const askingAsPod = (requests: StringMap, words: PodWords = {}): Pod =>
  pod({ ...words, spec: { resources: { requests } } });
const there = { name: "o", on: "n" };
const A = "example.com/aaa";
const B = "example.com/bbb";
function sized(allocatable: StringMap): Node {
  return { ...node(), status: { allocatable: { pods: "10", ...allocatable } } } as Node;
}
const wantsA = asking({ memory: "2", [A]: "1" });

agree("NodeResourcesFit", [
  ["a pod has left", "assignedPod/delete", [asking({ cpu: "1" }), asking({ cpu: "1" }, there), null], true],
  ["one without a node has left", "assignedPod/delete", [pod(), waiting(), null], false],
  [
    "one that waits asks for less",
    "unscheduledPod/updateScaleDown",
    [asking({ cpu: "1" }), asking({ cpu: "2" }, { name: "o" }), asking({ cpu: "1" }, { name: "o" })],
    false,
  ],
  [
    "one asks for less of something else",
    "assignedPod/updateScaleDown",
    [asking({ cpu: "1" }), asking({ memory: "2" }, there), asking({ memory: "1" }, there)],
    false,
  ],
  [
    "one asks for less of something else, as a pod",
    "assignedPod/updateScaleDown",
    [askingAsPod({ cpu: "1" }), askingAsPod({ memory: "2" }, there), askingAsPod({ memory: "1" }, there)],
    false,
  ],
  [
    "one asks for less",
    "assignedPod/updateScaleDown",
    [asking({ cpu: "1" }), asking({ cpu: "2" }, there), asking({ cpu: "1" }, there)],
    true,
  ],
  [
    "one asks for less, as a pod",
    "assignedPod/updateScaleDown",
    [askingAsPod({ cpu: "1" }), askingAsPod({ cpu: "2" }, there), askingAsPod({ cpu: "1" }, there)],
    true,
  ],
  [
    "the pod asks for less",
    "unscheduledPod/updateScaleDown",
    [asking({ cpu: "1" }), asking({ cpu: "2" }), asking({ cpu: "1" })],
    true,
  ],
  [
    "the pod asks for less, as a pod",
    "unscheduledPod/updateScaleDown",
    [askingAsPod({ cpu: "1" }), askingAsPod({ cpu: "2" }), askingAsPod({ cpu: "1" })],
    true,
  ],
  ["a node comes, too small", "node/add", [asking({ memory: "2" }), null, sized({ memory: "1" })], false],
  ["a node comes, without the thing", "node/add", [asking({ [A]: "1" }), null, sized({ [B]: "1" })], false],
  ["a node comes, large enough", "node/add", [wantsA, null, sized({ memory: "4", [A]: "2" })], true],
  [
    "more of something else",
    "node/updateAllocatable",
    [wantsA, sized({ memory: "2", [A]: "2" }), sized({ memory: "2", [A]: "1", [B]: "2" })],
    false,
  ],
  [
    "more of it",
    "node/updateAllocatable",
    [wantsA, sized({ memory: "2", [A]: "1" }), sized({ memory: "2", [A]: "2" })],
    true,
  ],
  [
    "no longer enough",
    "node/updateAllocatable",
    [wantsA, sized({ memory: "4", [A]: "2" }), sized({ memory: "1", [A]: "2" })],
    false,
  ],
  [
    "enough now",
    "node/updateAllocatable",
    [wantsA, sized({ memory: "1", [A]: "2" }), sized({ memory: "4", [A]: "2" })],
    true,
  ],
]);

const exists = (key: string) => ({ matchExpressions: [{ key, operator: "Exists" }] });
const over = (topologyKey: string, label = "foo", fields: Record<string, unknown> = {}) => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: "DoNotSchedule",
  labelSelector: exists(label),
  ...fields,
});
const spread = (...topologySpreadConstraints: readonly unknown[]): Pod =>
  pod({ labels: { foo: "" }, spec: { topologySpreadConstraints } });
const overZones = spread(over("zone"));
const overBoth = spread(over("zone"), over("node"));
const overFooBar = spread(over("zone"), over("node", "bar"));
const taint = (key: string) => ({ taints: [{ key, value: "bbb", effect: "NoSchedule" }] });
const both = { zone: "zone1", node: "node1" };
const tolerant = pod({ labels: { foo: "" }, spec: tolerating(CORDON).spec });
const honouring = spread(over("zone", "foo", { nodeTaintsPolicy: "Honor" }), over("node", "bar"));
const ignoring = spread(over("zone", "foo", { nodeTaintsPolicy: "Ignore" }), over("node", "bar"));
const foo = { foo: "" };

agree("PodTopologySpread", [
  ["another zone", "node/updateLabel", [overZones, node({ zone: "zone1" }), node({ zone: "zone2" })], true],
  ["another label", "node/updateLabel", [overZones, node({ foo: "bar1" }), node({ foo: "bar2" })], false],
  ["a label less", "node/updateLabel", [overBoth, node({ ...both, foo: "bar" }), node(both)], false],
  ["one comes without a zone", "node/add", [overZones, null, node({ foo: "bar" })], false],
  ["one comes with a zone", "node/add", [overZones, null, node({ zone: "zone1" })], true],
  ["one without a zone goes", "node/delete", [overZones, node({ foo: "bar" }), null], false],
  ["one with a zone goes", "node/delete", [overZones, node({ zone: "zone1" }), null], true],
  ["one comes with one key of two", "node/add", [overBoth, null, node({ zone: "zone1" })], false],
  ["one comes with both", "node/add", [overBoth, null, node(both)], true],
  ["nothing new, one key of two", "node/updateLabel", [overBoth, node({ zone: "1" }), node({ zone: "1" })], false],
  ["another value of one of two", "node/updateLabel", [overBoth, node(both), node({ ...both, node: "2" })], true],
  ["other taints", "node/updateTaint", [overBoth, node(both, taint("aaa")), node(both, taint("ccc"))], true],
  [
    "other taints, one key of two",
    "node/updateTaint",
    [overBoth, node({ node: "node1" }, taint("aaa")), node({ node: "node1" }, taint("ccc"))],
    false,
  ],
  ["one that matches comes", "assignedPod/add", [overZones, null, running(foo)], true],
  ["one without a node comes", "assignedPod/add", [overZones, null, waiting(foo)], false],
  ["one without a node changes", "assignedPod/updateLabel", [overZones, waiting({ bar: "" }), waiting(foo)], false],
  ["one without a node goes", "assignedPod/delete", [overZones, waiting(foo), null], false],
  [
    "one of another namespace comes",
    "assignedPod/add",
    [overZones, null, pod({ ...there, namespace: "x", labels: foo })],
    false,
  ],
  ["one that does not match comes", "assignedPod/add", [overZones, null, running({ bar: "" })], false],
  ["one that matches goes", "assignedPod/delete", [overZones, running(foo), null], true],
  ["one that does not match goes", "assignedPod/delete", [overZones, running({ bar: "" }), null], false],
  [
    "another label of one",
    "assignedPod/updateLabel",
    [overZones, running({ ...foo, bar: "bar1" }), running({ ...foo, bar: "bar2" })],
    false,
  ],
  ["one matches now", "assignedPod/updateLabel", [overZones, running(), running(foo)], true],
  ["one matches no longer", "assignedPod/updateLabel", [overZones, running(foo), running()], true],
  ["still matches", "assignedPod/updateLabel", [overZones, running({ foo: "1" }), running({ foo: "2" })], false],
  ["matches the second", "assignedPod/updateLabel", [overFooBar, running(foo), running({ ...foo, bar: "2" })], true],
  ["matches neither", "assignedPod/updateLabel", [overFooBar, running(foo), running({ ...foo, baz: "" })], false],
  [
    "matches both still",
    "assignedPod/updateLabel",
    [overFooBar, running({ ...foo, bar: "" }), running({ ...foo, bar: "2" })],
    false,
  ],
  ["it tolerates, which counts", "unscheduledPod/updateToleration", [honouring, pod({ labels: foo }), tolerant], true],
  ["it tolerates", "unscheduledPod/updateToleration", [ignoring, pod({ labels: foo }), tolerant], false],
  ["it matches itself", "unscheduledPod/updateLabel", [ignoring, pod(), pod({ labels: foo })], true],
  ["its other label", "unscheduledPod/updateLabel", [ignoring, pod(), pod({ labels: { unrelated: "" } })], false],
]);
