import { expect, test } from "vitest";
import type { DaemonSet, Node } from "../../machinery/kinds/index.ts";
import { fitnessOf } from "./nodes.ts";

/** Rows of Kubernetes' own table (Apache-2.0, pkg/controller/daemon/daemon_controller_test.go, TestNodeShouldRunDaemonPod). */

const SIMPLE = { name: "simple-daemon", type: "production" };
const NODE: Node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "test-node", labels: SIMPLE },
  status: { allocatable: { memory: "100M", cpu: "1", pods: "100" } },
};

const asking = (memory: string, spec: object = {}) => ({
  containers: [{ name: "c", resources: { requests: { memory, cpu: "0.5" } } }],
  ...spec,
});
const ofType = (value: string) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "type", operator: "In", values: [value] }] }],
      },
    },
  },
});
const cordoned = [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }];

test.each<[string, spec: object, node: object, shouldRun: boolean, shouldContinue: boolean]>([
  ["any", asking("50M"), {}, true, true],
  ["larger than the node", asking("200M"), {}, true, true],
  ["of another node", asking("50M", { nodeName: "other-node" }), {}, false, false],
  ["with a port of the host", { containers: [{ name: "c", ports: [{ hostPort: 666 }] }] }, {}, true, true],
  [
    "for nodes of other labels",
    { containers: [], nodeSelector: { name: "simple-daemon", type: "test" } },
    {},
    false,
    false,
  ],
  ["for such nodes", { containers: [], nodeSelector: SIMPLE }, {}, true, true],
  ["for another type", { containers: [], ...ofType("test") }, {}, false, false],
  ["for its type", { containers: [], ...ofType("production") }, {}, true, true],
  ["on a cordoned node", asking("50M"), { unschedulable: true }, true, true],
  ["on one with the taint of that", asking("50M"), { unschedulable: true, taints: cordoned }, true, true],
  // daemon_controller_test.go, TestTaintedNodeDaemonDoesNotLaunchUntoleratePod, TestNodeDaemonLaunchesToleratePod and others.
  [
    "on one with a taint",
    asking("50M"),
    { taints: [{ key: "dedicated", value: "u", effect: "NoSchedule" }] },
    false,
    true,
  ],
  ["on one that drives it away", asking("50M"), { taints: [{ key: "dedicated", effect: "NoExecute" }] }, false, false],
  [
    "on one that is not ready",
    asking("50M"),
    { taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoExecute" }] },
    true,
    true,
  ],
  [
    "on one without a network",
    asking("50M"),
    { taints: [{ key: "node.kubernetes.io/network-unavailable", effect: "NoSchedule" }] },
    false,
    true,
  ],
  [
    "in the network of one without a network",
    asking("50M", { hostNetwork: true }),
    { taints: [{ key: "node.kubernetes.io/network-unavailable", effect: "NoSchedule" }] },
    true,
    true,
  ],
  [
    "on one short of disk and memory",
    asking("50M"),
    {
      taints: ["disk-pressure", "memory-pressure"].map((name) => ({
        key: `node.kubernetes.io/${name}`,
        effect: "NoSchedule",
      })),
    },
    true,
    true,
  ],
])("a daemon %s", (_, spec, node, shouldRun, shouldContinue) => {
  const set = { kind: "DaemonSet", metadata: { name: "ds" }, spec: { template: { metadata: {}, spec } } };
  const found = fitnessOf({ ...NODE, spec: node } as Node, set as unknown as DaemonSet);
  expect(found).toEqual({ shouldRun, shouldContinue });
});
