import { expect, test } from "vitest";
import { ClusterDrill, type Loose, podOf } from "../cluster/testing.ts";
import { restartsFollowPolicy } from "./restarts-follow-policy.ts";
import { containerOf, runs } from "./testing.ts";

function again(restartPolicy: string, exitCode: number): string | null {
  const run = new ClusterDrill(restartsFollowPolicy).put(
    podOf("a", { spec: { restartPolicy, containers: [{ name: "main" }] } }),
  );
  runs(run, "runtime-1", containerOf("a"));
  const dead = containerOf("a", { state: "exited", exitCode });
  return runs(run, "runtime-1", dead, containerOf("a", { attempt: 1 })).violated;
}

test("containers are started again as the policy has it", () => {
  expect(again("Always", 0)).toBeNull();
  expect(again("OnFailure", 1)).toBeNull();
  expect(again("OnFailure", 0)).toBe(
    "container main of pod default/a is started again at runtime-1 after exit code 0, and the pod's restartPolicy is OnFailure",
  );
  expect(again("Never", 1)).toMatch(/restartPolicy is Never/);
});

test("violated by a restart count that goes back", () => {
  const pod = (restartCount: number) =>
    podOf("a", { status: { containerStatuses: [{ name: "main", ready: true, restartCount }] } });
  const run = new ClusterDrill(restartsFollowPolicy).put(pod(1)).put(pod(2));
  expect(run.violated).toBeNull();
  expect(run.put(pod(1)).violated).toBe("the restart count of container main of pod default/a goes from 2 to 1");
});

function daemonRestarts(config: Loose, after: Loose): string | null {
  const run = new ClusterDrill(restartsFollowPolicy);
  runs(run, "runtime-1", containerOf("a")).step("runtime-1", { config });
  return run.restart("runtime-1", after).violated;
}

test("what runs survives its daemon's restart, unless that is docker's without live-restore, or the host's", () => {
  const containers = [containerOf("a", { state: "exited" })];
  expect(daemonRestarts({ runtime: "containerd", liveRestore: false }, {})).toBeNull();
  expect(daemonRestarts({ runtime: "docker", liveRestore: false }, { containers })).toBeNull();
  expect(daemonRestarts({ runtime: "rkt", liveRestore: false }, { containers, hostBoots: 2 })).toBeNull();
  expect(daemonRestarts({ runtime: "docker", liveRestore: true }, { containers })).toBe(
    "container main of pod default/a does not survive the restart of runtime-1, which is docker with live-restore",
  );
});

test("a start that is not on the runtime's disk yet was not carried out", () => {
  const run = new ClusterDrill(restartsFollowPolicy).step("runtime-1", {
    config: { runtime: "containerd", liveRestore: false },
    containers: [],
  });
  run.stepUnwritten("runtime-1", { containers: [containerOf("a")] });
  expect(run.restart("runtime-1", { containers: [] }).violated).toBeNull();
});
