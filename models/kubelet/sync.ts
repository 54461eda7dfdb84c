import type { Micros } from "../kernel/index.ts";
import type { Container } from "../machinery/kinds/index.ts";
import { wallOf } from "../machinery/time.ts";
import type { RuntimeContainer } from "../runtime/types.ts";
import { containerHash, type Kill, type PodActions, podActions, usableSandbox } from "./actions.ts";
import { backoffLeft, hasExpired, lengthened } from "./backoff.ts";
import { note } from "./notes.ts";
import { isSidecar } from "./phase.ts";
import { latestOf, updatedProbes } from "./probes.ts";
import { report } from "./reports.ts";
import { generateStatus } from "./status.ts";
import { beginTermination, graceOf, syncTerminated, syncTerminating } from "./termination.ts";
import type { KubeletTurn } from "./turn.ts";
import type { PodWorker, WaitReason } from "./types.ts";

const SECOND_US = 1_000_000;

/** Looks at a pod once: what it has become is reported, and the next thing that is to be done about it is begun. */
export function syncPod(turn: KubeletTurn, uid: string): void {
  const found = turn.worker(uid);
  // What the runtime has is not known yet: nothing is decided by it.
  if (found === null || !turn.runtime.isSynced) return;
  const worker = turn.keep(updatedProbes(turn, found));
  switch (worker.phase) {
    case "sync":
      syncActive(turn, worker);
      return;
    case "terminating":
      syncTerminating(turn, worker);
      return;
    case "terminated":
      syncTerminated(turn, worker);
  }
}

/**
 * pkg/kubelet/kubelet.go, SyncPod: a pod that has come to its end is terminated, any other is kept running. The status is
 * told before and after, not between the calls of one sync.
 */
function syncActive(turn: KubeletTurn, given: PodWorker): void {
  if (given.calls.length > 0) return;
  const worker = turn.keep({ ...withDeadline(turn, given), dueNow: 0 });
  if (!worker.isMidway && endOrReport(turn, worker)) return;
  const after = act(turn, worker);
  const isMidway = after.calls.length > 0;
  const kept = turn.keep({ ...after, isMidway, dueNow: earlier(after.dueNow, deadlineOf(turn, after)) });
  if (!isMidway && (worker.isMidway || after.waiting !== worker.waiting)) endOrReport(turn, kept);
}

/** Tells the status of a pod; one that has come to its end by it is terminated. */
function endOrReport(turn: KubeletTurn, worker: PodWorker): boolean {
  const { status, hasEnded } = generateStatus(turn, worker);
  report(turn, worker, status, false);
  if (hasEnded) beginTermination(turn, worker, "finished", null);
  return hasEnded;
}

/** A pod may say how long it is active at most (pkg/kubelet/active_deadline.go). */
function withDeadline(turn: KubeletTurn, worker: PodWorker): PodWorker {
  const { activeDeadlineSeconds } = worker.pod.spec;
  if (activeDeadlineSeconds === undefined || worker.verdict !== null) return worker;
  if (turn.wall - wallOf(worker.startTime) < activeDeadlineSeconds * SECOND_US) return worker;
  turn.note(note.deadlineExceeded);
  const message = "Pod was active on the node longer than the specified deadline";
  return { ...worker, verdict: { reason: "DeadlineExceeded", message } };
}

function deadlineOf(turn: KubeletTurn, { pod, startTime }: PodWorker): Micros {
  const { activeDeadlineSeconds } = pod.spec;
  if (activeDeadlineSeconds === undefined) return 0;
  return turn.now + Math.max(1, wallOf(startTime) + activeDeadlineSeconds * SECOND_US - turn.wall);
}

/** Of two times the earlier, where 0 is none. */
export function earlier(one: Micros, other: Micros): Micros {
  if (one === 0 || other === 0) return one + other;
  return Math.min(one, other);
}

/** kuberuntime_manager.go, SyncPod, one step of it: kill the pod, kill containers, make the sandbox, start containers. */
function act(turn: KubeletTurn, worker: PodWorker): PodWorker {
  const snapshot = turn.snapshot(worker.uid);
  const actions = inUnits(turn, worker, podActions(worker, snapshot));
  if (actions.killsPod) {
    const running = snapshot.containers.filter(({ state }) => state === "running");
    if (running.length > 0) return stopAll(turn, worker, running);
    const ready = snapshot.sandboxes.filter(({ state }) => state === "ready");
    if (ready.length > 0) return stopSandboxes(turn, worker, ready);
    return actions.createsSandbox ? makeSandbox(turn, worker, actions.attempt) : worker;
  }
  if (actions.kills.length > 0) {
    for (const kill of actions.kills) noteKill(turn, kill);
    return stopAll(
      turn,
      worker,
      actions.kills.map(({ running }) => running),
      actions.kills,
    );
  }
  return startNext(turn, worker, actions);
}

/** Where the pod is the unit, a container that is to be started again takes all of it along (rkt.go, SyncPod). */
function inUnits(turn: KubeletTurn, worker: PodWorker, actions: PodActions): PodActions {
  if (turn.runtime.restartUnit === "container" || actions.killsPod) return actions;
  const snapshot = turn.snapshot(worker.uid);
  const sandbox = usableSandbox(snapshot)!;
  const again = actions.starts.filter((container) => {
    const latest = latestOf(snapshot, container.name);
    return (
      latest?.state === "exited" && latest.sandboxId === sandbox.id && !isBackingOff(turn, worker, container, latest)
    );
  });
  if (actions.kills.length === 0 && again.length === 0) return actions;
  turn.note(note.podRestarts);
  return { ...actions, killsPod: true, createsSandbox: true, attempt: sandbox.attempt + 1 };
}

function isBackingOff(turn: KubeletTurn, worker: PodWorker, container: Container, latest: RuntimeContainer): boolean {
  return crashBackoff(turn, worker, container, latest) > 0;
}

function noteKill(turn: KubeletTurn, { why }: Kill): void {
  switch (why) {
    case "changed":
      turn.note(note.containerChanged);
      return;
    case "liveness":
      turn.note(note.livenessKills);
      return;
    case "startup":
      turn.note(note.startupKills);
  }
}

/** Stops containers, all at the same time. A probe that has failed may have a grace of its own. */
export function stopAll(
  turn: KubeletTurn,
  worker: PodWorker,
  running: readonly RuntimeContainer[],
  kills: readonly Kill[] = [],
): PodWorker {
  const calls = running.map((container) => {
    const probe = kills.find((kill) => kill.running === container);
    const graceUs = probeGrace(probe) ?? graceOf(worker);
    const request = { kind: "stopContainer", podUid: worker.uid, containerId: container.id, graceUs } as const;
    return turn.ask(worker.uid, container.id, request, graceUs + turn.config.runtimeRequestTimeoutUs);
  });
  return { ...worker, calls: [...worker.calls, ...calls] };
}

function probeGrace(kill: Kill | undefined): Micros | undefined {
  if (kill === undefined || kill.why === "changed") return undefined;
  const probe = kill.why === "liveness" ? kill.container.livenessProbe : kill.container.startupProbe;
  const seconds = probe?.terminationGracePeriodSeconds;
  return seconds === undefined ? undefined : seconds * SECOND_US;
}

export function stopSandboxes(
  turn: KubeletTurn,
  worker: PodWorker,
  sandboxes: readonly { readonly id: string }[],
): PodWorker {
  const calls = sandboxes.map(({ id: sandboxId }) => {
    const request = { kind: "stopPodSandbox", podUid: worker.uid, sandboxId } as const;
    return turn.ask(worker.uid, sandboxId, request, turn.config.runtimeRequestTimeoutUs);
  });
  return { ...worker, calls: [...worker.calls, ...calls] };
}

function makeSandbox(turn: KubeletTurn, worker: PodWorker, attempt: number): PodWorker {
  const wait = waitOf(worker, "");
  if (wait !== null && wait.untilNow > turn.now) return { ...worker, dueNow: wait.untilNow };
  if (worker.pod.spec.hostNetwork !== true && turn.runtime.podCIDR === "") {
    // kubelet.go, SyncPod: without a network only pods of the host's are started. pod_workers.go, backOffOnTransientErrorPeriod.
    turn.note(note.podWithoutNetwork);
    const message = "network is not ready: container runtime network not ready: cni plugin not initialized";
    return waits(worker, "", "NetworkNotReady", message, turn.now + SECOND_US);
  }
  if (attempt > 0) turn.note(note.sandboxChanged);
  const { uid: podUid, namespace: podNamespace, name: podName } = worker;
  const hostNetwork = worker.pod.spec.hostNetwork === true;
  const hostPorts = hostNetwork ? hostPortsOf(worker) : [];
  const request = { kind: "runPodSandbox", podUid, podNamespace, podName, attempt, hostNetwork, hostPorts } as const;
  const call = turn.ask(podUid, "", request, turn.config.runtimeRequestTimeoutUs);
  return { ...worker, calls: [...worker.calls, call] };
}

/** kuberuntime_sandbox.go, generatePodSandboxConfig: the port mappings of all containers. */
function hostPortsOf({ pod }: PodWorker): readonly number[] {
  const containers = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
  return containers.flatMap(({ ports = [] }) => ports.map(({ hostPort, containerPort }) => hostPort ?? containerPort));
}

function waitOf({ waiting }: PodWorker, container: string): WaitReason | null {
  return waiting.find((one) => one.container === container) ?? null;
}

/** Starts the first container that may start, init containers before the others; or else cleans up. */
function startNext(turn: KubeletTurn, given: PodWorker, actions: PodActions): PodWorker {
  let worker = given;
  for (const container of [...actions.inits, ...actions.starts]) {
    const isInit = actions.inits.includes(container);
    const tried = tryStart(turn, worker, container);
    if (tried.calls !== worker.calls) return tried;
    worker = { ...tried, dueNow: earlier(worker.dueNow, tried.dueNow) };
    // An init container that cannot start keeps all behind it waiting.
    if (isInit && container.restartPolicy !== "Always") return worker;
  }
  return removeDead(turn, worker);
}

/** kuberuntime_manager.go, start: a container waits for its backoff and its image, then it is created. */
function tryStart(turn: KubeletTurn, worker: PodWorker, container: Container): PodWorker {
  const snapshot = turn.snapshot(worker.uid);
  const wait = waitOf(worker, container.name);
  if (wait !== null && wait.untilNow > turn.now && wait.reason !== "CrashLoopBackOff")
    return { ...worker, dueNow: wait.untilNow };
  const latest = latestOf(snapshot, container.name);
  const left = latest?.state === "exited" ? crashBackoff(turn, worker, container, latest) : 0;
  if (latest !== null && left > 0) {
    const message = `back-off restarting failed container=${container.name} pod=${worker.name}_${worker.namespace}(${worker.uid})`;
    if (wait?.reason !== "CrashLoopBackOff") turn.note(note.crashLoop);
    return waits(worker, container.name, "CrashLoopBackOff", message, turn.now + left);
  }
  const counted = latest?.state === "exited" ? countRestart(turn, worker, container, latest) : worker;
  return withImage(turn, counted, container);
}

function crashBackoff(turn: KubeletTurn, worker: PodWorker, container: Container, latest: RuntimeContainer): Micros {
  const sandbox = usableSandbox(turn.snapshot(worker.uid));
  // Where the whole pod was restarted, its containers have waited before it was.
  if (turn.runtime.restartUnit === "pod" && latest.sandboxId !== sandbox?.id) return 0;
  const { backoffMaxUs } = turn.config;
  return backoffLeft(worker.backoffs, containerHash(container), latest.finishedAt, turn.wall, backoffMaxUs);
}

/** A restart makes the next one wait longer. It is counted when it is allowed, whether or not it then succeeds. */
function countRestart(turn: KubeletTurn, worker: PodWorker, container: Container, latest: RuntimeContainer): PodWorker {
  const { backoffUs, backoffMaxUs } = turn.config;
  const key = containerHash(container);
  const known = worker.backoffs.find((one) => one.key === key);
  if (known !== undefined && hasExpired(known, latest.finishedAt, backoffMaxUs)) turn.note(note.backoffForgotten);
  turn.note(note.containerRestarts);
  const backoffs = lengthened(worker.backoffs, key, latest.finishedAt, turn.wall, backoffUs, backoffMaxUs);
  return { ...worker, backoffs };
}

/** pkg/kubelet/images/image_manager.go, EnsureImageExists. */
function withImage(turn: KubeletTurn, worker: PodWorker, container: Container): PodWorker {
  const { image = "", imagePullPolicy = "IfNotPresent", name } = container;
  const isThere = turn.runtime.images.includes(image);
  if (imagePullPolicy === "Never" && !isThere) {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    return waits(worker, name, "ErrImageNeverPull", message, turn.now + turn.config.syncBackoffUs);
  }
  if (imagePullPolicy === "Never" || (isThere && imagePullPolicy !== "Always")) return create(turn, worker, container);
  const backoff = worker.backoffs.find(({ key }) => key === imageKey(image));
  const left = backoff === undefined ? 0 : backoff.us - (turn.wall - backoff.at);
  if (left > 0) {
    turn.note(note.imageBackoff);
    return waits(worker, name, "ImagePullBackOff", `Back-off pulling image "${image}"`, turn.now + left);
  }
  const request = { kind: "pullImage", podUid: worker.uid, image } as const;
  const call = turn.ask(worker.uid, name, request, turn.config.runtimeRequestTimeoutUs);
  return { ...worker, calls: [...worker.calls, call] };
}

export function imageKey(image: string): string {
  return `image:${image}`;
}

/** Creates a container in the pod's sandbox. Restarts go on counting from the last of its name. */
export function create(turn: KubeletTurn, worker: PodWorker, container: Container): PodWorker {
  const snapshot = turn.snapshot(worker.uid);
  const sandbox = usableSandbox(snapshot);
  if (sandbox === null) return worker;
  turn.note(note.containerStarts);
  const request = {
    kind: "createContainer",
    podUid: worker.uid,
    sandboxId: sandbox.id,
    container: container.name,
    attempt: nextAttempt(turn, worker, container),
    image: container.image ?? "",
    hash: containerHash(container),
  } as const;
  const call = turn.ask(worker.uid, container.name, request, turn.config.runtimeRequestTimeoutUs);
  return { ...worker, calls: [...worker.calls, call] };
}

/** kuberuntime_container.go, startContainer: restartCount. What the runtime has lost, the status in the API still counts. */
function nextAttempt(turn: KubeletTurn, worker: PodWorker, { name }: Container): number {
  const status = turn.statusOf(worker);
  const told = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].find(
    (one) => one.name === name,
  );
  const toldCount = told?.restartCount ?? 0;
  const latest = latestOf(turn.snapshot(worker.uid), name);
  if (latest !== null) return Math.max(latest.attempt, toldCount) + 1;
  return toldCount + (told?.state?.terminated === undefined ? 0 : 1);
}

/** A container cannot start before a time. The reason is shown in its status. */
export function waits(
  worker: PodWorker,
  container: string,
  reason: string,
  message: string,
  untilNow: Micros,
): PodWorker {
  const old = waitOf(worker, container);
  if (old?.reason === reason && old.untilNow === untilNow) return { ...worker, dueNow: untilNow };
  const waiting = [...worker.waiting.filter((one) => one !== old), { container, reason, message, untilNow }];
  return { ...worker, waiting, dueNow: untilNow };
}

/** Of the dead containers of a name the newest is kept (pkg/kubelet/kuberuntime/kuberuntime_gc.go, MaxPerPodContainer 1). */
function removeDead(turn: KubeletTurn, worker: PodWorker): PodWorker {
  const { sandboxes, containers } = turn.snapshot(worker.uid);
  for (let at = 0; at < containers.length; at++) {
    const { id, state, container } = containers[at]!;
    if (state === "running") continue;
    if (!containers.some((one, later) => later > at && one.container === container && one.state !== "running"))
      continue;
    turn.note(note.deadContainerRemoved);
    const request = { kind: "removeContainer", podUid: worker.uid, containerId: id } as const;
    const call = turn.ask(worker.uid, id, request, turn.config.runtimeRequestTimeoutUs);
    return { ...worker, calls: [...worker.calls, call] };
  }
  const empty = sandboxes.find(
    ({ id, state }, at) => at > 0 && state === "notReady" && !containers.some(({ sandboxId }) => sandboxId === id),
  );
  if (empty === undefined) return worker;
  const request = { kind: "removePodSandbox", podUid: worker.uid, sandboxId: empty.id } as const;
  const call = turn.ask(worker.uid, empty.id, request, turn.config.runtimeRequestTimeoutUs);
  return { ...worker, calls: [...worker.calls, call] };
}
