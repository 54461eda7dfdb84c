import { expect, test } from "vitest";
import { emptyOrderedMap, mapSet } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose } from "../cluster/testing.ts";
import { restartsKeepToTheUnit } from "./restarts-keep-to-the-unit.ts";
import { containerOf } from "./testing.ts";

const sandbox = (state: string, attempt = 0): Loose => ({ id: `Pod-a-${attempt}`, podUid: "Pod-a", state, attempt });

function drill(runtime: string, sandboxes: readonly Loose[], phase = "sync"): ClusterDrill {
  const run = new ClusterDrill(restartsKeepToTheUnit);
  const { config }: Loose = run.process("runtime-1");
  const workers = mapSet(emptyOrderedMap<Loose>(), "Pod-a", { uid: "Pod-a", phase });
  return run.step("runtime-1", { config: { ...config, runtime }, sandboxes }).step("kubelet-1", { workers });
}

function ask(run: ClusterDrill, request: Loose): ClusterDrill {
  return run.send("kubelet-1", "runtime-1", { kind: "criCall", id: "c", request: { podUid: "Pod-a", ...request } });
}

const stop: Loose = { kind: "stopPodSandbox", sandboxId: "Pod-a-0" };
const again: Loose = { kind: "runPodSandbox", podNamespace: "default", podName: "a", attempt: 1 };

test("a sandbox is made anew when it was not ready, or there were two, or the pod is the unit", () => {
  expect(ask(drill("docker", [sandbox("notReady")]), again).violated).toBeNull();
  expect(ask(ask(drill("docker", [sandbox("ready"), sandbox("ready", 1)]), stop), again).violated).toBeNull();
  expect(ask(ask(drill("rkt", [sandbox("ready")]), stop), again).violated).toBeNull();
  expect(ask(drill("docker", [sandbox("ready")]), stop).violated).toBeNull();
});

test("violated by a pod that is started again with docker", () => {
  expect(ask(ask(drill("docker", [sandbox("ready")]), stop), again).violated).toBe(
    "kubelet-1 starts all of pod default/a again with docker, which restarts containers alone",
  );
});

test("violated by a container that is started again alone with rkt", () => {
  const containers = [
    containerOf("a", { state: "exited" }),
    containerOf("a", { attempt: 1, state: "created", startedAt: 0 }),
  ];
  const start = { kind: "startContainer", containerId: "Pod-a-main-1" };
  const alone = (runtime: string) =>
    ask(drill(runtime, [sandbox("ready")]).step("runtime-1", { containers }), start).violated;
  expect(alone("docker")).toBeNull();
  expect(alone("rkt")).toMatch(/starts container main of pod default\/a again alone, with rkt/);
});
