import { mapGet, type RequestId } from "../kernel/index.ts";
import type { Container, Pod, Probe } from "../machinery/kinds/index.ts";
import type { PodSnapshot, RuntimeContainer } from "../runtime/types.ts";
import { note } from "./notes.ts";
import { isSidecar } from "./phase.ts";
import type { KubeletTurn } from "./turn.ts";
import type { CriCall, PodWorker, Probing } from "./types.ts";

type ProbeKind = Probing["probe"];

const KINDS: readonly ProbeKind[] = ["startup", "liveness", "readiness"];
const SECOND_US = 1_000_000;

/** The container of a name that was created last. */
export function latestOf({ containers }: PodSnapshot, name: string): RuntimeContainer | null {
  for (let i = containers.length - 1; i >= 0; i--) if (containers[i]!.container === name) return containers[i]!;
  return null;
}

function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  switch (kind) {
    case "startup":
      return container.startupProbe;
    case "liveness":
      return container.livenessProbe;
    case "readiness":
      return container.readinessProbe;
  }
}

/** It runs, and its startup probe has passed if it has one (pkg/kubelet/prober/prober_manager.go, isContainerStarted). */
export function isStarted(worker: PodWorker, container: Container, running: RuntimeContainer | null): boolean {
  if (running?.state !== "running") return false;
  if (container.startupProbe === undefined) return true;
  return resultOf(worker, "startup", running.id) === "success";
}

/** It has started, and its readiness probe has passed if it has one (prober_manager.go, UpdatePodStatus). */
export function isReady(worker: PodWorker, container: Container, running: RuntimeContainer | null): boolean {
  if (running === null || !isStarted(worker, container, running)) return false;
  return container.readinessProbe === undefined || resultOf(worker, "readiness", running.id) === "success";
}

/** What a probe has found of a container; `unknown` before it has. */
export function resultOf(worker: PodWorker, kind: ProbeKind, containerId: string): Probing["result"] {
  for (const one of worker.probes) if (one.probe === kind && one.containerId === containerId) return one.result;
  return "unknown";
}

/**
 * The probes of what runs now: a new container starts with the result that the kind of probe begins with (worker.go:
 * readiness failure, liveness success, startup unknown). Liveness and readiness wait for the startup probe.
 */
export function updatedProbes(turn: KubeletTurn, worker: PodWorker): PodWorker {
  const { pod, phase } = worker;
  const snapshot = turn.snapshot(worker.uid);
  const probes: Probing[] = [];
  for (const container of probed(pod)) {
    const running = latestOf(snapshot, container.name);
    if (running?.state !== "running") continue;
    for (const kind of KINDS) {
      const probe = probeOf(container, kind);
      if (probe === undefined || (phase !== "sync" && kind !== "readiness")) continue;
      const known = worker.probes.find((one) => one.probe === kind && one.containerId === running.id);
      const one = known ?? firstProbing(turn, worker, container, kind, running);
      probes.push(wake(turn, worker, container, probe, running, one));
    }
  }
  const isSame = probes.length === worker.probes.length && probes.every((one, at) => one === worker.probes[at]);
  return isSame ? worker : { ...worker, probes };
}

function probed({ spec }: Pod): readonly Container[] {
  if (spec.initContainers === undefined) return spec.containers;
  return [...spec.initContainers.filter(isSidecar), ...spec.containers];
}

function firstProbing(
  turn: KubeletTurn,
  worker: PodWorker,
  container: Container,
  probe: ProbeKind,
  running: RuntimeContainer,
): Probing {
  const result = keptResult(turn, worker, container, probe, running) ?? INITIAL[probe];
  return {
    container: container.name,
    probe,
    containerId: running.id,
    result,
    last: "",
    run: 0,
    onHold: false,
    dueNow: 0,
    call: "",
  };
}

const INITIAL: Readonly<Record<ProbeKind, Probing["result"]>> = {
  startup: "unknown",
  liveness: "success",
  readiness: "failure",
};

/** What an earlier kubelet has told of the same container holds until a probe says otherwise (kubernetes#78733, #100277). */
function keptResult(
  turn: KubeletTurn,
  worker: PodWorker,
  container: Container,
  probe: ProbeKind,
  running: RuntimeContainer,
): Probing["result"] | null {
  if (probe === "liveness") return null;
  const statuses = [
    ...(worker.pod.status?.containerStatuses ?? []),
    ...(worker.pod.status?.initContainerStatuses ?? []),
  ];
  const told = statuses.find(({ name }) => name === container.name);
  if (told?.containerID !== `${turn.runtime.runtime}://${running.id}`) return null;
  const holds = probe === "readiness" ? told.ready : told.started === true;
  if (!holds) return null;
  turn.note(note.readinessKept);
  return "success";
}

/** Sets when a probe that waits for nothing more is due first: at once, but not before its initial delay. */
function wake(
  turn: KubeletTurn,
  worker: PodWorker,
  container: Container,
  { initialDelaySeconds = 0 }: Probe,
  running: RuntimeContainer,
  one: Probing,
): Probing {
  if (one.dueNow !== 0 || one.onHold || one.call !== "") return one;
  if (one.probe === "startup" && one.result === "success") return one;
  if (one.probe !== "startup" && !isStarted(worker, container, running)) return one;
  const delayUs = Math.max(0, initialDelaySeconds * SECOND_US - Math.max(0, turn.wall - running.startedAt));
  return { ...one, dueNow: Math.max(1, turn.now + delayUs) };
}

/** Makes the probes that are due (prober/worker.go, doProbe). One of a kind is under way at a time. */
export function runDueProbes(turn: KubeletTurn, worker: PodWorker): PodWorker {
  let probes: Probing[] | null = null;
  for (let at = 0; at < worker.probes.length; at++) {
    const one = worker.probes[at]!;
    if (one.dueNow === 0 || one.dueNow > turn.now) continue;
    probes ??= worker.probes.slice();
    probes[at] = dueProbe(turn, worker, one);
  }
  return probes === null ? worker : { ...worker, probes };
}

function dueProbe(turn: KubeletTurn, worker: PodWorker, one: Probing): Probing {
  const { periodSeconds = 10, timeoutSeconds = 1 } = specOf(worker, one) ?? {};
  const dueNow = turn.now + periodSeconds * SECOND_US;
  if (one.call !== "") return updated(one, { dueNow });
  const { containerId, probe } = one;
  const request = { kind: "probe", podUid: worker.uid, containerId, probe } as const;
  return updated(one, { dueNow, call: turn.ask(worker.uid, containerId, request, timeoutSeconds * SECOND_US) });
}

/** As one literal: a spread costs many times as much. */
function updated(one: Probing, changes: Partial<Probing>): Probing {
  return {
    container: one.container,
    probe: one.probe,
    containerId: one.containerId,
    result: changes.result ?? one.result,
    last: changes.last ?? one.last,
    run: changes.run ?? one.run,
    onHold: changes.onHold ?? one.onHold,
    dueNow: changes.dueNow ?? one.dueNow,
    call: changes.call ?? one.call,
  };
}

function specOf({ pod }: PodWorker, { container, probe }: Probing): Probe | undefined {
  for (const one of probed(pod)) if (one.name === container) return probeOf(one, probe);
  return undefined;
}

/** A probe has its outcome: after so many of a kind in a row it is the result (prober/worker.go, doProbe). */
export function probeAnswered(turn: KubeletTurn, call: CriCall, id: RequestId, success: boolean): void {
  const worker = mapGet(turn.workers, call.podUid);
  const one = worker?.probes.find((probing) => probing.call === id);
  if (worker === undefined || one === undefined) return;
  const { failureThreshold = 3, successThreshold = 1 } = specOf(worker, one) ?? {};
  const last = success ? "success" : "failure";
  const run = one.last === last ? one.run + 1 : 1;
  turn.note(success ? note.probePassed : note.probeFailed);
  const decides = run >= (success ? successThreshold : failureThreshold);
  const result = decides ? last : one.result;
  // What has failed for good is killed: the next container is probed, not this one.
  const onHold = decides && !success && one.probe !== "readiness";
  const isOver = onHold || (one.probe === "startup" && result === "success");
  const probes = worker.probes.slice();
  probes[probes.indexOf(one)] = updated(one, {
    call: "",
    last,
    run,
    result,
    onHold,
    dueNow: isOver ? 0 : one.dueNow,
  });
  turn.keep({ ...worker, probes });
  if (result !== one.result) turn.dirty.add(worker.uid);
}
