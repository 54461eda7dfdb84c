import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { resourceOfKind } from "../../machinery/resources.ts";
import { strategyFor } from "./index.ts";

function complaints(object: object): readonly string[] {
  const given = object as KubeObject;
  const strategy = strategyFor(resourceOfKind(given.apiVersion, given.kind));
  const complete = { ...given, metadata: { ...given.metadata, uid: "00000000-0000-0000-0000-000000000000" } };
  return strategy
    .validate(strategy.prepareForCreate(strategy.defaults(complete)))
    .map(({ field, message }) => `${field}: ${message}`);
}

const pod = (spec: object) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "default" },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});
const node = (spec: object) => ({ apiVersion: "v1", kind: "Node", metadata: { name: "n" }, spec });
const nodeAffinity = (term: object) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
});
const near = (term: object) => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", ...term }] } },
});
const asking = (list: object) => ({
  containers: [{ name: "c", image: "i", resources: { requests: list, limits: list } }],
});
const NODE_TERM = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]";
const POD_TERM = "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";

describe("what the API refuses", () => {
  test.each([
    [
      "a port of the host twice",
      pod({
        hostNetwork: true,
        containers: ["c", "d"].map((name) => ({ name, image: "i", ports: [{ containerPort: 80 }] })),
      }),
      'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
    ],
    [
      "a value that is no label",
      pod(nodeAffinity({ matchExpressions: [{ key: "a", operator: "In", values: ["ok", "-x-"] }] })),
      `${NODE_TERM}.matchExpressions[0].values[1]: Invalid value: "-x-": a valid label must be`,
    ],
    [
      "two names",
      pod(nodeAffinity({ matchFields: [{ key: "metadata.name", operator: "In", values: ["a", "b"] }] })),
      `${NODE_TERM}.matchFields[0].values: Required value: must be only one value when`,
    ],
    [
      "another field",
      pod(nodeAffinity({ matchFields: [{ key: "metadata.uid", operator: "In", values: ["a"] }] })),
      `${NODE_TERM}.matchFields[0].key: Invalid value: "metadata.uid": not a valid field selector key`,
    ],
    [
      "another operator",
      pod(nodeAffinity({ matchFields: [{ key: "metadata.name", operator: "Exists" }] })),
      `${NODE_TERM}.matchFields[0].operator: Invalid value: "Exists": not a valid selector operator`,
    ],
    [
      "keys without a selector",
      pod(near({ matchLabelKeys: ["a"] })),
      `${POD_TERM}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`,
    ],
    [
      "a key to match and not to match",
      pod(near({ matchLabelKeys: ["a"], mismatchLabelKeys: ["a"], labelSelector: {} })),
      `${POD_TERM}.matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys`,
    ],
    [
      "a gate and a node",
      pod({ schedulingGates: [{ name: "a" }], nodeName: "n" }),
      "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
    ],
    [
      "huge pages alone",
      pod(asking({ "hugepages-2Mi": "2Mi" })),
      "spec.containers[0].resources: Forbidden: HugePages require cpu or memory",
    ],
    [
      "half a huge page",
      pod(asking({ cpu: "1", "hugepages-2Mi": "3Mi" })),
      'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple',
    ],
    [
      "a block that is none",
      node({ podCIDR: "10.0.0.0/33" }),
      'spec.podCIDRs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value',
    ],
    [
      "two blocks of a family",
      node({ podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24", "10.0.1.0/24"] }),
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR',
    ],
  ])("%s", (_, object, expected) => {
    expect(complaints(object)[0]).toContain(expected);
  });

  test.each([
    pod(nodeAffinity({ matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["a"] }] })),
    pod(nodeAffinity({ matchExpressions: [{ key: "a", operator: "Gt", values: ["many"] }] })),
    pod(near({ matchLabelKeys: ["a"], mismatchLabelKeys: ["b"], labelSelector: {} })),
    pod(asking({ cpu: "1", "hugepages-2Mi": "4Mi" })),
    node({ podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24", "fd00::/64"] }),
  ])("not %j", (object) => {
    expect(complaints(object)).toEqual([]);
  });
});
