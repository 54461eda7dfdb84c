import { expect, test } from "vitest";
import { ClusterDrill, podOf } from "../cluster/testing.ts";
import { runningPodsFit } from "./running-pods-fit.ts";
import { containerOf, runs } from "./testing.ts";

const pod = (name: string, cpu: string) =>
  podOf(name, {
    node: "node-1",
    spec: { containers: [{ name: "main", resources: { requests: { cpu, memory: "64Mi" } } }] },
  });

function drill(): ClusterDrill {
  const run = new ClusterDrill(runningPodsFit);
  const kubelet = run.process("kubelet-1");
  kubelet.config = { ...kubelet.config, node: "node-1", allocatable: { cpu: "1", memory: "1Gi", pods: "2" } } as never;
  return run.put(pod("a", "600m")).put(pod("b", "500m")).put(pod("c", "400m"));
}
const [a, b, c] = ["a", "b", "c"].map((name) => containerOf(name));

test("holds while what runs fits, whatever is bound", () => {
  expect(runs(drill(), "runtime-1", a!, c!).violated).toBeNull();
  expect(runs(drill().remove(pod("a", "600m")), "runtime-1", a!, b!).violated).toBeNull();
});

test("violated by what runs and does not fit", () => {
  expect(runs(drill(), "runtime-1", a!, b!).violated).toBe(
    "the pods that run on node-1 request 1.1 of cpu, and it has 1",
  );
  const small = ["d", "e", "f"].map((name) => containerOf(name));
  const run = drill();
  for (const name of ["d", "e", "f"]) run.put(pod(name, "1m"));
  expect(runs(run, "runtime-1", ...small).violated).toBe("3 pods run on node-1, which has room for 2");
});
