/** One attempt: a node for a pod, or why there is none (kubernetes pkg/scheduler/schedule_one.go, ScheduleOne). */
import { mapEntries } from "../kernel/index.ts";
import type { KubeObject, Pod } from "../machinery/kinds/index.ts";
import { startBinding } from "./binding.ts";
import { assumePod, isAssumed } from "./cache.ts";
import { fail } from "./failing.ts";
import { type CycleResult, schedulePod } from "./framework/cycle.ts";
import { NO_NOMINATIONS, type Nominations } from "./framework/filtering.ts";
import { type PodInfo, podInfoOf } from "./framework/pod-info.ts";
import type { Profile } from "./framework/profile.ts";
import { note } from "./notes.ts";
import { startPreemption } from "./preempting.ts";
import { unnominated } from "./queue/nominator.ts";
import { queueDone, queuePop } from "./queue/queue.ts";
import type { Run } from "./run.ts";
import { updatedSnapshot } from "./snapshot.ts";
import { type Written, withAssumed } from "./storage.ts";
import type { Attempt, Decision, QueuedPod } from "./types.ts";

/** It fires when the attempt under way ends. */
export const ATTEMPT_TIMER = "attempt";

/** ScheduleOne: the next pod is popped, and the snapshot taken; the decision comes when the timer fires. */
export function startAttempt(run: Run): void {
  while (run.state.attempt === null && run.state.bindings.size < run.config.bindingsMax) {
    const popped = queuePop(run.state.queue);
    if (popped === null) return;
    const [queue, queued] = popped;
    run.keep({ queue });
    const pod = run.pod(queued.key, queued.uid);
    if (pod === null || isSkipped(run, pod)) {
      run.note(note.skipped);
      run.keep({ queue: queueDone(run.state.queue, queued.uid) });
      continue;
    }
    const attempt: Attempt = { queued, pod: podInfoOf(pod) };
    run.keep({ attempt, snapshot: updatedSnapshot(run.state.snapshot, run.state.cache) });
    run.turn.setTimer(ATTEMPT_TIMER, run.config.attemptMinUs, run.config.attemptMaxUs);
  }
}

/** skipPodSchedule: it is being deleted, or has been decided on. */
function isSkipped(run: Run, pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return true;
  return (pod.spec.nodeName ?? "") !== "" || isAssumed(run.state.cache, pod.metadata.uid ?? "");
}

/** schedulingCycle: the decision on the snapshot that was taken, and what follows from it. */
export function endAttempt(run: Run): void {
  const { attempt } = run.state;
  if (attempt === null) return;
  const { queued, pod } = attempt;
  const profile = run.profileFor(queued.schedulerName)!;
  const { snapshot, nextStart: start, queue, lastDecision, storage } = run.state;
  const number = (lastDecision?.number ?? 0) + 1;
  const nominations = nominationsOf(run);
  const options = { start, tieBreak: number, nominations, allPlugins: false };
  const result = schedulePod(profile, run.listers(), snapshot.nodes, pod, options);
  const unschedulablePlugins = result.node === null ? rejectors(result) : [];
  const decision: Decision = {
    number,
    pod,
    schedulerName: profile.schedulerName,
    snapshot: result.snapshot,
    nominations: queue.nominator.byNode,
    assumed: storage,
    start,
    tieBreak: number,
    scores: (result.scored?.totals ?? []).map((total, i) => ({ node: result.filtered!.feasible[i]!.name, total })),
    node: result.node?.name ?? "",
    message: result.message ?? "",
    unschedulablePlugins,
    nominated: result.preemption?.info.name ?? "",
    victims: result.preemption?.victims ?? [],
  };
  run.keep({
    attempt: null,
    lastDecision: decision,
    nextStart: result.nextStart,
    snapshot: { generation: snapshot.generation, nodes: result.snapshot },
  });
  if (result.node === null) notScheduled(run, queued, pod, result, decision);
  else scheduled(run, profile, queued, pod, result);
}

function nominationsOf({ state }: Run): Nominations {
  const { byNode } = state.queue.nominator;
  return byNode.size === 0 ? NO_NOMINATIONS : new Map(mapEntries(byNode));
}

/** Diagnosis.UnschedulablePlugins: who has rejected the pod somewhere, sorted. An error is nobody's rejection. */
function rejectors({ preFiltered, filtered }: CycleResult): readonly string[] {
  const names = new Set<string>(preFiltered?.narrowedBy ?? []);
  if (preFiltered?.status != null) {
    if (preFiltered.status.code === "Error") return [];
    if (preFiltered.plugin !== null) names.add(preFiltered.plugin);
  }
  for (const { plugin, status } of filtered?.rejections ?? []) {
    if (status.code === "Error") return [];
    names.add(plugin);
  }
  return [...names].sort();
}

/** schedulingCycle, from the node to the binding: assume, reserve, and off it goes. */
function scheduled(run: Run, profile: Profile, queued: QueuedPod, pod: PodInfo, result: CycleResult): void {
  const node = result.node!;
  const cache = assumePod(run.state.cache, pod, node.name);
  if (cache === null) {
    run.note(note.assumeFailed);
    const message = `pod ${queued.uid}(${queued.key}) is in the cache, so can't be assumed`;
    fail(run, queued, pod.pod, { reason: "SchedulerError", message, unschedulablePlugins: [], nominated: "" });
    return;
  }
  run.note(note.assumed);
  const { writes, changes } = reserved(run, profile, pod, result);
  let { storage, queue } = run.state;
  for (const object of changes) storage = withAssumed(storage, object);
  if (writes.length > 0) run.note(note.volumesAssumed);
  queue = { ...queue, nominator: unnominated(queue.nominator, queued.uid) };
  // Whatever goes wrong from here on, the pod is not unschedulable: it need not know what happens.
  run.keep({ cache, storage, queue: queueDone(queue, queued.uid) });
  startBinding(run, queued, pod, node.name, writes);
}

interface Reserved {
  readonly writes: readonly Written[];
  readonly changes: readonly Written[];
}

/** RunReservePluginsReserve: what is to be written before the pod is bound. */
function reserved(run: Run, profile: Profile, pod: PodInfo, result: CycleResult): Reserved {
  if (pod.claims.length === 0) return { writes: [], changes: [] };
  const cycle = { pod, snapshot: result.snapshot, listers: run.listers() };
  const writes: KubeObject[] = [];
  const changes: KubeObject[] = [];
  for (const plugin of profile.reserves) {
    const state = result.preFiltered?.filters.find((filter) => filter.plugin.name === plugin.name)?.state ?? null;
    const reservation = plugin.reserve!(state, cycle, result.node!);
    writes.push(...reservation.writes);
    changes.push(...reservation.changes);
  }
  return { writes, changes } as unknown as Reserved;
}

function notScheduled(run: Run, queued: QueuedPod, pod: PodInfo, result: CycleResult, decision: Decision): void {
  const { unschedulablePlugins, nominated, message, victims } = decision;
  const isEmpty = result.snapshot.nodes.length === 0;
  const isRejected = isEmpty || unschedulablePlugins.length > 0;
  run.note(isEmpty ? note.noNodes : isRejected ? note.unschedulable : note.attemptFailed);
  const reason = isRejected ? "Unschedulable" : "SchedulerError";
  if (nominated !== "") startPreemption(run, pod, nominated, victims);
  const cleared = isEmpty || !isRejected || result.isNominationVoid ? "" : null;
  const nomination = nominated === "" ? cleared : nominated;
  fail(run, queued, pod.pod, { reason, message, unschedulablePlugins, nominated: nomination });
}
