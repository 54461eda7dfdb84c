import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { noEvictionInFullDisruption } from "./no-eviction-in-full-disruption.ts";
import { ManagerStory } from "./testing.ts";

const node = (name: string, ready: boolean) =>
  objectOf("Node", name, { spec: {}, status: { conditions: [{ type: "Ready", status: ready ? "True" : "Unknown" }] } });
const NAMES = ["node-1", "node-2", "node-3"];

function story(...ready: readonly string[]): ManagerStory {
  const drill = new ClusterDrill(noEvictionInFullDisruption);
  for (const name of NAMES) drill.put(node(name, true));
  for (const name of NAMES) drill.put(node(name, ready.includes(name)));
  const run = new ManagerStory(drill);
  for (const name of NAMES) run.sees("nodes", node(name, ready.includes(name)));
  return run;
}
const taints = (run: ManagerStory, name: string) => {
  const patch = { spec: { taints: [{ key: "node.kubernetes.io/unreachable", effect: "NoExecute" }] } };
  return run.sends({
    verb: "patch",
    resource: "nodes",
    namespace: "",
    name,
    subresource: "",
    type: "strategic",
    patch,
  });
};

test("holds while some node is ready, or was a moment ago, and one node is tainted in an interval", () => {
  const run = story("node-1");
  taints(run, "node-2").drill.after(10);
  expect(taints(run, "node-3").violated).toBeNull();
  const late = story();
  late.drill.after(10);
  expect(taints(late, "node-1").violated).toBeNull();
});

test("violated while none is", () => {
  const run = story();
  run.drill.after(20);
  expect(taints(run, "node-1").violated).toBe(
    "controller-manager-1 taints node-1 so that its pods go, and no node is ready",
  );
});

test("violated by two nodes in one interval", () => {
  const run = story("node-1");
  taints(run, "node-2").drill.after(5);
  expect(taints(run, "node-3").violated).toMatch(/taints node-3 5000000 us after node-2/);
});

const pod = (ready: boolean) =>
  podOf("a", {
    spec: { nodeName: "node-3" },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  });
const marks = (run: ManagerStory) => {
  run.sees("pods", pod(true));
  const named = { namespace: "default", name: "a", subresource: "status" };
  return run.sends({ verb: "update", resource: "pods", ...named, object: pod(false) }).violated;
};

test("holds when a pod is marked as not ready while some node is ready", () => {
  expect(marks(story("node-1"))).toBeNull();
});

test("violated when those of the last node are marked as well", () => {
  expect(marks(story())).toBe("controller-manager-1 marks pod default/a as not ready, and no node is");
});
