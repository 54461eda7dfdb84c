import { describe, expect, test } from "vitest";
import type { Node, Pod, Taint, Toleration } from "../../machinery/kinds/index.ts";
import { Drill } from "../testing/drill.ts";
import { taintEviction } from "./index.ts";

const SECOND = 1_000_000;
const UNREACHABLE: Taint = { key: "node.kubernetes.io/unreachable", effect: "NoExecute" };

const node = (taints: readonly Taint[]): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "one" },
  spec: { taints },
});
function pod(name: string, tolerations: readonly Toleration[] = []): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { nodeName: "one", containers: [], tolerations },
  };
}
const tolerate = (tolerationSeconds: number): Toleration => ({
  key: UNREACHABLE.key,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds,
});

function drill(...pods: readonly Pod[]) {
  const made = new Drill(taintEviction);
  made.api.put(node([]));
  for (const one of pods) made.api.put(one);
  made.settle();
  return made;
}
const taint = (d: ReturnType<typeof drill>, taints: readonly Taint[]) => {
  d.api.edit<Node>("nodes", "one", (one) => ({ ...one, spec: { taints } }));
  d.settle();
};
const deleting = (d: ReturnType<typeof drill>) =>
  d.api
    .list("pods")
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    .map(({ metadata }) => metadata.name);

describe("taint eviction", () => {
  test("at once without a toleration, after its seconds with one, never with one without seconds", () => {
    const { tolerationSeconds: _, ...forever } = tolerate(0);
    const d = drill(pod("none"), pod("some", [tolerate(300)]), pod("all", [forever]));
    taint(d, [UNREACHABLE]);
    expect(deleting(d)).toEqual(["none"]);
    d.advance(299 * SECOND);
    d.settle();
    expect(deleting(d)).toEqual(["none"]);
    d.advance(SECOND);
    d.settle();
    expect(deleting(d)).toEqual(["none", "some"]);
    expect(d.api.get<Pod>("pods", "default/some")?.status?.conditions?.[0]).toMatchObject({
      type: "DisruptionTarget",
      reason: "DeletionByTaintManager",
    });
  });

  test("the shortest of the tolerations that are used", () => {
    const other: Taint = { key: "maintenance", effect: "NoExecute" };
    const d = drill(pod("a", [tolerate(300), { key: "maintenance", operator: "Exists", tolerationSeconds: 10 }]));
    taint(d, [UNREACHABLE, other]);
    d.advance(10 * SECOND);
    d.settle();
    expect(deleting(d)).toEqual(["a"]);
  });

  test("cancelled when the taint goes", () => {
    const d = drill(pod("a", [tolerate(300)]));
    taint(d, [UNREACHABLE]);
    d.advance(200 * SECOND);
    taint(d, []);
    d.advance(200 * SECOND);
    d.settle();
    expect(deleting(d)).toEqual([]);
    taint(d, [UNREACHABLE]);
    d.advance(299 * SECOND);
    d.settle();
    expect(deleting(d)).toEqual([]);
    d.advance(2 * SECOND);
    d.settle();
    expect(deleting(d)).toEqual(["a"]);
  });

  test("a pod that was created anew under the name stays", () => {
    const d = drill(pod("a"));
    d.api.edit<Node>("nodes", "one", (one) => ({ ...one, spec: { taints: [UNREACHABLE] } }));
    d.deliver("nodes");
    d.api.remove("pods", "default/a");
    d.api.put(pod("a"));
    expect(d.run("default/a")).toEqual({ kind: "done" });
    expect(deleting(d)).toEqual([]);
  });
});
