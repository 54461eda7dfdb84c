import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { daemonPodsDeletedOnce } from "./daemon-pods-deleted-once.ts";
import { ManagerStory } from "./testing.ts";

const set = objectOf("DaemonSet", "agent");
const pod = podOf("agent-a", { owner: set, node: "node-1" });
const deletion = { verb: "delete", resource: "pods", namespace: "default", name: "agent-a", options: {} };

function story(): ManagerStory {
  const made = new ManagerStory(new ClusterDrill(daemonPodsDeletedOnce).put(pod));
  made.drill.step("controller-manager-1", { slots: [{ name: "daemonset" }], election: { identity: "one" } });
  return made.sees("pods", pod);
}

test("holds where the first deletion was not answered, or another leader asked", () => {
  expect(story().sends(deletion, 0).givesUp().sends(deletion, 0).violated).toBeNull();
  const run = story().sends(deletion, 0).told(pod);
  run.drill.step("controller-manager-1", { election: { identity: "two" } });
  expect(run.sends(deletion, 0).violated).toBeNull();
});

test("violated by a second deletion after the first was told", () => {
  expect(story().sends(deletion, 0).told(pod).sends(deletion, 0).violated).toMatch(
    /^controller-manager-1 asks for the deletion of pod agent-a, and was told/,
  );
});
