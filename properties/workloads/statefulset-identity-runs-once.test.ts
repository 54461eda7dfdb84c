import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { containerOf, runs } from "../node/testing.ts";
import { statefulSetIdentityRunsOnce } from "./statefulset-identity-runs-once.ts";

const set = objectOf("StatefulSet", "web");
const pod = (uid: string, node: string) => podOf("web-0", { owner: set, uid, node });
const container = (podUid: string, state: "running" | "exited" = "running") => containerOf("web-0", { podUid, state });
const drill = () =>
  runs(
    new ClusterDrill(statefulSetIdentityRunsOnce).put(objectOf("Node", "node-1")).put(pod("u1", "node-1")),
    "runtime-1",
    container("u1"),
  );
const replaced = (run: ClusterDrill) =>
  runs(run.remove(pod("u1", "")).put(pod("u2", "node-2")), "runtime-2", container("u2"));

test("holds when the one before is dead, or its host is", () => {
  expect(replaced(runs(drill(), "runtime-1", container("u1", "exited"))).violated).toBeNull();
  expect(replaced(drill().crash("kubelet-1").crash("runtime-1")).violated).toBeNull();
});

test("holds when a person gave it up", () => {
  const run = drill();
  run.call("kubectl", {
    verb: "delete",
    resource: "pods",
    namespace: "default",
    name: "web-0",
    options: { gracePeriodSeconds: 0 },
  });
  expect(replaced(run).violated).toBeNull();
  expect(replaced(drill().remove(objectOf("Node", "node-1"))).violated).toBeNull();
});

test("violated when another one runs", () => {
  expect(replaced(drill()).violated).toBe(
    "two pods of default/web-0 run: UID u1 at runtime-1, and now UID u2 at runtime-2",
  );
  expect(replaced(drill().crash("runtime-1")).violated).toMatch(/two pods of default\/web-0 run/);
});
