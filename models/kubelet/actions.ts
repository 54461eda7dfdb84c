import type { Container, Pod } from "../machinery/kinds/index.ts";
import type { PodSnapshot, RuntimeContainer, RuntimeSandbox } from "../runtime/types.ts";
import { shouldRestart } from "./container-statuses.ts";
import { isSidecar } from "./phase.ts";
import { latestOf, resultOf } from "./probes.ts";
import type { PodWorker } from "./types.ts";

/** What is to be done so that the runtime has of a pod what it should (kubernetes pkg/kubelet/kuberuntime, podActions). */
export interface PodActions {
  /** All of it is killed first. */
  readonly killsPod: boolean;
  readonly createsSandbox: boolean;
  /** Of the sandbox that is made. */
  readonly attempt: number;
  readonly inits: readonly Container[];
  readonly starts: readonly Container[];
  readonly kills: readonly Kill[];
}

export interface Kill {
  readonly container: Container;
  readonly running: RuntimeContainer;
  readonly why: "changed" | "liveness" | "startup";
}

const NOTHING: PodActions = { killsPod: false, createsSandbox: false, attempt: 0, inits: [], starts: [], kills: [] };

/** kuberuntime_manager.go, computePodActions. */
export function podActions(worker: PodWorker, snapshot: PodSnapshot): PodActions {
  const { pod } = worker;
  const sandbox = usableSandbox(snapshot);
  if (sandbox === null) return actionsWithoutSandbox(pod, snapshot);
  const found = initActions(worker, snapshot, sandbox);
  if (found.killsPod || !found.hasInitialized)
    return { ...NOTHING, killsPod: found.killsPod, inits: found.inits, kills: found.kills };
  const starts: Container[] = [];
  const kills: Kill[] = [...found.kills];
  let kept = 0;
  for (const container of pod.spec.containers) {
    const latest = latestOf(snapshot, container.name);
    if (latest?.state !== "running") {
      if (shouldRestart(pod, latest)) starts.push(container);
      continue;
    }
    const why = whyKill(worker, container, latest);
    if (why === null) kept += 1;
    else {
      kills.push({ container, running: latest, why });
      if (why === "changed" || pod.spec.restartPolicy !== "Never") starts.push(container);
    }
  }
  // Nothing is left to run: sidecars do not keep a pod alive.
  if (kept === 0 && starts.length === 0) return { ...NOTHING, killsPod: true, kills };
  return { ...NOTHING, inits: found.inits, starts, kills };
}

/** The newest sandbox, where it is ready and no other is (runtimeutil.PodSandboxChanged). */
export function usableSandbox({ sandboxes }: PodSnapshot): RuntimeSandbox | null {
  const newest = sandboxes[0];
  if (newest === undefined || newest.state !== "ready") return null;
  return sandboxes.filter(({ state }) => state === "ready").length === 1 ? newest : null;
}

/** The pod starts from the beginning, unless it has run to its end. */
function actionsWithoutSandbox(pod: Pod, snapshot: PodSnapshot): PodActions {
  const newest = snapshot.sandboxes[0];
  const attempt = newest === undefined ? 0 : newest.attempt + 1;
  const actions = { ...NOTHING, killsPod: true, createsSandbox: true, attempt };
  const { initContainers = [], restartPolicy = "Always" } = pod.spec;
  if (restartPolicy === "Never" && attempt !== 0 && snapshot.containers.length > 0)
    return { ...actions, createsSandbox: false };
  const starts = pod.spec.containers.filter((container) => {
    const latest = latestOf(snapshot, container.name);
    return !(restartPolicy === "OnFailure" && latest?.state === "exited" && latest.exitCode === 0);
  });
  if (starts.length === 0) return { ...actions, createsSandbox: false };
  return initContainers.length > 0 ? { ...actions, inits: [initContainers[0]!] } : { ...actions, starts };
}

interface InitActions {
  readonly hasInitialized: boolean;
  readonly killsPod: boolean;
  readonly inits: readonly Container[];
  readonly kills: readonly Kill[];
}

/**
 * Init containers one after the other; a sidecar is waited for until it has started, and then kept running
 * (kuberuntime_container.go, computeInitContainerActions). Those of an earlier sandbox do not count: the real kubelet
 * purges them.
 */
function initActions(worker: PodWorker, snapshot: PodSnapshot, sandbox: RuntimeSandbox): InitActions {
  const { initContainers = [] } = worker.pod.spec;
  if (initContainers.length === 0) return { hasInitialized: true, killsPod: false, inits: [], kills: [] };
  const own = { ...snapshot, containers: snapshot.containers.filter(({ sandboxId }) => sandboxId === sandbox.id) };
  let hasInitialized = worker.pod.spec.containers.some(({ name }) => latestOf(own, name) !== null);
  // Before the last one that was started, only sidecars are of concern: the others have ended well.
  let isPassed = hasInitialized;
  const inits: Container[] = [];
  const kills: Kill[] = [];
  for (let at = initContainers.length - 1; at >= 0; at--) {
    const container = initContainers[at]!;
    const latest = latestOf(own, container.name);
    if (latest === null) {
      if (isPassed && isSidecar(container)) inits.unshift(container);
      continue;
    }
    if (isPassed && !isSidecar(container)) continue;
    const next = judgeInit(worker, container, latest);
    if (next.kind === "killPod") return { hasInitialized: false, killsPod: true, inits: [], kills: [] };
    if (next.kind === "kill") kills.push({ container, running: latest, why: next.why });
    if (next.kind === "start") inits.unshift(container);
    if (!isPassed && next.kind === "done") {
      if (at === initContainers.length - 1) hasInitialized = true;
      else inits.unshift(initContainers[at + 1]!);
    }
    isPassed = true;
  }
  if (!isPassed) inits.unshift(initContainers[0]!);
  return { hasInitialized, killsPod: false, inits, kills };
}

type InitVerdict =
  | { readonly kind: "wait" | "start" | "done" | "killPod" }
  | { readonly kind: "kill"; readonly why: Kill["why"] };

function judgeInit(worker: PodWorker, container: Container, latest: RuntimeContainer): InitVerdict {
  const sidecar = isSidecar(container);
  switch (latest.state) {
    case "created":
      return { kind: "start" };
    case "running": {
      if (!sidecar) return { kind: "wait" };
      const why = whyKill(worker, container, latest);
      if (why !== null) return { kind: "kill", why };
      const waits = container.startupProbe !== undefined && resultOf(worker, "startup", latest.id) !== "success";
      return { kind: waits ? "wait" : "done" };
    }
    case "exited":
      if (sidecar) return { kind: "start" };
      if (latest.exitCode === 0) return { kind: "done" };
      return { kind: worker.pod.spec.restartPolicy === "Never" ? "killPod" : "start" };
  }
}

/** Why a container that runs is killed, or null: its image was changed, or a probe has failed for good. */
function whyKill(worker: PodWorker, container: Container, running: RuntimeContainer): Kill["why"] | null {
  if (running.hash !== containerHash(container)) return "changed";
  if (resultOf(worker, "liveness", running.id) === "failure") return "liveness";
  if (resultOf(worker, "startup", running.id) === "failure") return "startup";
  return null;
}

/** What makes a container another one: its name and its image (pkg/kubelet/container/helpers.go, HashContainer). */
export function containerHash({ name, image = "" }: Container): string {
  return `${name}=${image}`;
}
