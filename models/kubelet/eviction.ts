import { mapEach } from "../kernel/index.ts";
import { value } from "../machinery/quantity.ts";
import { CRITICAL_PRIORITY } from "./admission.ts";
import { note } from "./notes.ts";
import { beginTermination } from "./termination.ts";
import type { KubeletTurn } from "./turn.ts";
import type { PodWorker } from "./types.ts";

/** When the node's memory is looked at. */
export const EVICTION_DUE = "eviction";

const SECOND_US = 1_000_000;

/** What a pod uses, beside what it has asked for. */
export interface Usage {
  readonly worker: PodWorker;
  readonly bytes: number;
}

/**
 * Every 10 s: when memory is short, one pod is ended, and what follows is seen the next time (kubernetes
 * pkg/kubelet/eviction/eviction_manager.go, synchronize).
 */
export function relievePressure(turn: KubeletTurn): void {
  turn.due(EVICTION_DUE, turn.now + turn.config.evictionUs);
  if (!turn.runtime.isSynced) return;
  const usages = podUsages(turn);
  const used = usages.reduce((sum, { bytes }) => sum + bytes, turn.config.systemMemoryBytes);
  const available = value(turn.config.capacity["memory"]) - used;
  const isShort = available < turn.config.evictionMemoryBytes;
  setPressure(turn, isShort);
  if (!isShort) return;
  // One at a time: the last one has to be gone before the next is chosen.
  if (usages.some(({ worker }) => worker.phase === "terminating" && worker.cause === "evicted")) {
    turn.note(note.evictionWaits);
    return;
  }
  const victim = ranked(usages)[0];
  if (victim === undefined) {
    turn.note(note.nothingToEvict);
    return;
  }
  turn.note(note.evicted);
  const threshold = `${Math.floor(turn.config.evictionMemoryBytes / 1024 / 1024)}Mi`;
  const message = `The node was low on resource: memory. Threshold quantity: ${threshold}, available: ${Math.floor(available / 1024)}Ki. `;
  beginTermination(turn, victim.worker, "evicted", { reason: "Evicted", message }, SECOND_US);
}

/** The condition comes at once, and goes only after a while without it (nodeConditionsObservedSince). */
function setPressure(turn: KubeletTurn, isShort: boolean): void {
  const { memoryPressure, pressureNow } = turn.node;
  if (isShort) {
    if (!memoryPressure) turn.note(note.pressure);
    turn.node = { ...turn.node, memoryPressure: true, pressureNow: turn.now };
  } else if (memoryPressure && turn.now - pressureNow >= turn.config.pressureTransitionUs) {
    turn.note(note.pressureOver);
    turn.node = { ...turn.node, memoryPressure: false };
  }
}

/** What the pods of the API use; stats come with the runtime's list. */
function podUsages(turn: KubeletTurn): readonly Usage[] {
  const usages: Usage[] = [];
  mapEach(turn.workers, "", null, (worker) => {
    if (worker.phase === "terminated") return;
    let bytes = 0;
    for (const container of turn.snapshot(worker.uid).containers) bytes += container.memoryBytes;
    usages.push({ worker, bytes });
  });
  return usages;
}

/**
 * Who is ended first: whoever uses more than it has asked for, then the lower priority, then who uses most above its
 * request (eviction/helpers.go, rankMemoryPressure). Critical pods are left alone, and so is what is being ended anyway.
 */
export function ranked(usages: readonly Usage[]): readonly Usage[] {
  return usages
    .filter(
      ({ worker }) => worker.phase === "sync" && worker.source === "api" && priorityOf(worker) < CRITICAL_PRIORITY,
    )
    .sort((one, other) => {
      const exceeds = Number(overRequest(other) > 0) - Number(overRequest(one) > 0);
      if (exceeds !== 0) return exceeds;
      const priority = priorityOf(one.worker) - priorityOf(other.worker);
      if (priority !== 0) return priority;
      return overRequest(other) - overRequest(one);
    });
}

function overRequest({ worker, bytes }: Usage): number {
  return bytes - worker.requests.memoryBytes;
}

function priorityOf({ pod }: PodWorker): number {
  return pod.spec.priority ?? 0;
}
