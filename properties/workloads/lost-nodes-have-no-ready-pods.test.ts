import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { lostNodesHaveNoReadyPods } from "./lost-nodes-have-no-ready-pods.ts";
import { ManagerStory } from "./testing.ts";

const node = (name: string, status: string) =>
  objectOf("Node", name, { status: { conditions: [{ type: "Ready", status }] } });
const pod = (status: string) =>
  podOf("a", { spec: { nodeName: "node-1" }, status: { conditions: [{ type: "Ready", status }] } });
const renews = (run: ManagerStory) =>
  run.sends({ verb: "update", resource: "leases", namespace: "kube-system", name: "x", subresource: "", object: {} });
const story = (other: string) =>
  new ManagerStory(new ClusterDrill(lostNodesHaveNoReadyPods))
    .sees("nodes", node("node-1", "Unknown"))
    .sees("nodes", node("node-2", other))
    .sees("pods", pod("True"));
function later(run: ManagerStory): string | null {
  run.drill.after(60);
  return renews(run).violated;
}

test("holds at first, when it has tried, when they are not ready, and while no node is ready", () => {
  expect(renews(story("True")).violated).toBeNull();
  const named = { namespace: "default", name: "a", subresource: "status" };
  const tries = renews(story("True")).sends({ verb: "update", resource: "pods", ...named, object: pod("False") });
  expect(later(tries)).toBeNull();
  expect(later(renews(story("True")).sees("pods", pod("False")))).toBeNull();
  expect(later(renews(story("Unknown")))).toBeNull();
});

test("violated when a pod stays ready on a node that is unknown", () => {
  expect(later(renews(story("True")))).toBe(
    "controller-manager-1 leaves pod default/a ready on node-1, which it has seen to be unknown for 60000000 us",
  );
});
