import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { nominationsEnd } from "./nominations-end.ts";
import { pendingPod } from "./testing.ts";

test("pending while a pod that waits is nominated", () => {
  const run = new ClusterDrill(nominationsEnd).put(pendingPod("a"));
  expect(run.pending).toBeNull();
  run.put(pendingPod("a", { status: { nominatedNodeName: "n1" } }));
  expect(run.pending).toBe("pod default/a is nominated to n1, and neither bound nor let go");
  expect(run.put(pendingPod("a", { node: "n1", status: { nominatedNodeName: "n1" } })).pending).toBeNull();
});
