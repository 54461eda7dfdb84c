import { expect, test } from "vitest";
import { ClusterDrill, objectOf } from "../cluster/testing.ts";
import { recoveredNodesAreUntainted } from "./recovered-nodes-are-untainted.ts";

const node = (status: string, ...taints: readonly string[]) =>
  objectOf("Node", "node-1", {
    spec: { taints: taints.map((key) => ({ key, effect: "NoExecute" })) },
    status: { conditions: [{ type: "Ready", status }] },
  });
const drill = () => new ClusterDrill(recoveredNodesAreUntainted);

test("nothing is pending when it is ready without taints of that kind, or its kubelet is down", () => {
  expect(drill().put(node("True", "example.com/mine")).pending).toBeNull();
  expect(drill().put(node("Unknown", "node.kubernetes.io/unreachable")).crash("kubelet-1").pending).toBeNull();
});

test("pending while it is not ready, or tainted still", () => {
  expect(drill().put(node("Unknown")).pending).toBe("node node-1 is not ready, and its kubelet is up");
  expect(drill().put(node("True", "node.kubernetes.io/unreachable")).pending).toBe(
    "node node-1 is ready, and has the taint node.kubernetes.io/unreachable:NoExecute",
  );
});
