import { expect, test } from "vitest";
import { ClusterDrill, type Loose, podOf } from "../../cluster/testing.ts";
import { containerOf, runs } from "../testing.ts";
import { nodeSituations } from "./index.ts";

type Way = (drill: ClusterDrill) => unknown;

const waiting = (reason: string) =>
  podOf("a", { status: { containerStatuses: [{ restartCount: 0, state: { waiting: { reason } } }] } });
const failed = (reason: string) => podOf("a", { phase: "Failed", status: { reason } });
const restarted = (restartCount: number) => podOf("a", { status: { containerStatuses: [{ restartCount }] } });

/** By situation: what almost leads there, and what does. */
const WAYS: Readonly<Record<string, readonly [not: Way, reached: Way]>> = {
  "container-crash-looped": [
    (run) => run.put(waiting("ContainerCreating")),
    (run) => run.put(waiting("CrashLoopBackOff")),
  ],
  "image-pull-backed-off": [(run) => run.put(waiting("ErrImagePull")), (run) => run.put(waiting("ImagePullBackOff"))],
  "container-restarted": [(run) => run.put(restarted(0)), (run) => run.put(restarted(1))],
  "readiness-lost": [
    (run) => run.put(podOf("a", { ready: false })).put(podOf("a")),
    (run) => run.put(podOf("a")).put(podOf("a", { ready: false })),
  ],
  "pod-rejected": [(run) => run.put(failed("Evicted")), (run) => run.put(failed("OutOfcpu"))],
  "pod-evicted-under-pressure": [(run) => run.put(failed("OutOfcpu")), (run) => run.put(failed("Evicted"))],
  "kubelet-restarted-with-pods": [
    (run) => run.restart("kubelet-1"),
    (run) => runs(run, "runtime-1", containerOf("a")).restart("kubelet-1"),
  ],
  "runtime-restarted-with-containers": [
    (run) => run.crash("runtime-1"),
    (run) => runs(run, "runtime-1", containerOf("a")).crash("runtime-1"),
  ],
  "creation-given-up": [
    (run) => run.note("runtime-1", "runtime/container/created"),
    (run) => run.note("runtime-1", "runtime/container/create-canceled"),
  ],
  "pod-ended-on-its-own": [
    (run) => run.put(podOf("a", { phase: "Failed" })).remove(podOf("a")),
    (run) => run.put(podOf("a", { phase: "Succeeded" })),
  ],
};

for (const property of nodeSituations)
  test(`${property.id} is reached, and not before`, () => {
    const [not, reached] = WAYS[property.id.replace("node/sometimes/", "")] as readonly [Way, Way];
    const [almost, drill]: Loose = [new ClusterDrill(property), new ClusterDrill(property)];
    not(almost);
    expect(almost.reached).toBe(false);
    reached(drill);
    expect(drill.reached).toBe(true);
  });
