import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { oneDaemonPodOnANode } from "./one-daemon-pod-on-a-node.ts";
import { ManagerStory } from "./testing.ts";

const set = (rollingUpdate = {}) => objectOf("DaemonSet", "log", { spec: { updateStrategy: { rollingUpdate } } });
const pod = (name: string, node: string, more = {}) => {
  const matchFields = [{ key: "metadata.name", operator: "In", values: [node] }];
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
  return podOf(name, { owner: set(), spec: { affinity: { nodeAffinity } }, ...more });
};
const story = (rollingUpdate = {}) => {
  const daemonSet = set(rollingUpdate);
  return new ManagerStory(new ClusterDrill(oneDaemonPodOnANode).put(daemonSet)).sees("daemonsets", daemonSet);
};

test("holds with one a node, and with two while one surges", () => {
  expect(story().sees("pods", pod("a", "node-1")).asks(pod("", "node-2")).violated).toBeNull();
  expect(
    story()
      .sees("pods", pod("a", "node-1", { phase: "Failed" }))
      .asks(pod("", "node-1")).violated,
  ).toBeNull();
  expect(story({ maxSurge: 1 }).sees("pods", pod("a", "node-1")).asks(pod("", "node-1")).violated).toBeNull();
});

test("violated by a second one, though the first is not bound yet", () => {
  expect(
    story()
      .sees("pods", pod("a", "node-1", { phase: "Pending" }))
      .asks(pod("", "node-1")).violated,
  ).toBe("controller-manager-1 asks for another pod of DaemonSet log on node-1, and it knows of 1 there");
  expect(story().makes(pod("a", "node-1")).asks(pod("", "node-1")).violated).toMatch(/knows of 1 there/);
});
