import type { InformerEvent } from "../machinery/client/types.ts";
import type { Pod, Uid } from "../machinery/kinds/index.ts";
import { isPodTerminal, podRequests } from "../machinery/pods.ts";
import { timeOf } from "../machinery/time.ts";
import type { PodSnapshot } from "../runtime/types.ts";
import { byCreation, rejectionOf } from "./admission.ts";
import { note } from "./notes.ts";
import { podShown } from "./reports.ts";
import { beginTermination, shortenGrace } from "./termination.ts";
import type { KubeletTurn } from "./turn.ts";
import type { PodWorker } from "./types.ts";

/** The informer of pods has told something: additions that follow one another are taken in the order of creation. */
export function podEvents(turn: KubeletTurn, events: readonly InformerEvent[]): void {
  const added: Pod[] = [];
  for (const { resource, type, old, object } of events) {
    if (resource !== "pods") continue;
    if (type === "added") {
      added.push(object as Pod);
      continue;
    }
    takeAdded(turn, added);
    if (type === "deleted") podGone(turn, object as Pod);
    else {
      // Deleted and made anew between two looks: it is another pod.
      if (old !== null && old.metadata.uid !== object.metadata.uid) {
        turn.note(note.podReplaced);
        podGone(turn, old as Pod);
      }
      podSeen(turn, object as Pod);
    }
  }
  takeAdded(turn, added);
}

/** Takes them, and empties the list. */
function takeAdded(turn: KubeletTurn, added: Pod[]): void {
  if (added.length === 0) return;
  for (const pod of added.toSorted(byCreation)) podSeen(turn, pod);
  added.length = 0;
}

/** A pod is there, or has changed (pod_workers.go, UpdatePod). */
function podSeen(turn: KubeletTurn, pod: Pod): void {
  const uid = pod.metadata.uid ?? "";
  const known = turn.worker(uid);
  if (known === null) {
    addPod(turn, uid, pod);
    return;
  }
  const worker = turn.keep({ ...known, pod });
  turn.dirty.add(uid);
  if (worker.phase === "sync") {
    if (pod.metadata.deletionTimestamp !== undefined) beginTermination(turn, worker, "deleted", null);
    else if (isPodTerminal(pod)) beginTermination(turn, worker, "terminal", null);
  } else shortenGrace(turn, worker);
  podShown(turn, turn.worker(uid)!);
}

/** A UID that the kubelet has not known. What has ended, or is to end, is never started (pod_workers.go, UpdatePod). */
function addPod(turn: KubeletTurn, uid: Uid, pod: Pod): void {
  const hasEnded = isPodTerminal(pod);
  const isDeleting = pod.metadata.deletionTimestamp !== undefined;
  const rejection = hasEnded || isDeleting ? null : rejectionOf(turn, pod);
  const worker = turn.keep(newWorker(turn, uid, pod, "api"));
  turn.dirty.add(uid);
  if (hasEnded) {
    turn.note(note.podTerminalAtStart);
    beginTermination(turn, worker, "terminal", null);
  } else if (isDeleting) beginTermination(turn, worker, "deleted", null);
  else if (rejection !== null) {
    turn.note(note.podRejected);
    reject(turn, worker, rejection);
  } else turn.note(turn.snapshot(uid).sandboxes.length === 0 ? note.podStarted : note.podAdopted);
}

/** A pod that was not taken in has failed (kubelet.go, rejectPod). What may be left of it is stopped. */
function reject(turn: KubeletTurn, worker: PodWorker, { reason, message }: { reason: string; message: string }): void {
  const verdict = { reason, message: `Pod was rejected: ${message}` };
  beginTermination(turn, worker, "rejected", verdict);
}

/** The pod is gone from its source: what runs of it is stopped (kubelet.go, HandlePodRemoves). */
function podGone(turn: KubeletTurn, pod: Pod): void {
  const known = turn.worker(pod.metadata.uid ?? "");
  if (known === null) return;
  const worker = turn.keep({ ...known, pod, isRemoved: true });
  turn.dirty.add(worker.uid);
  if (worker.phase === "sync") beginTermination(turn, worker, "removed", null);
}

/** What runs although no source has a pod for it is stopped (kubelet_pods.go, HandlePodCleanups). */
export function addOrphan(turn: KubeletTurn, snapshot: PodSnapshot): void {
  const { podUid, sandboxes, containers } = snapshot;
  const { podNamespace, podName } = (sandboxes[0] ?? containers[0])!;
  const metadata = { namespace: podNamespace, name: podName, uid: podUid };
  const pod: Pod = { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [] } };
  const worker = turn.keep({ ...newWorker(turn, podUid, pod, "runtime"), isRemoved: true });
  turn.note(note.orphanFound);
  beginTermination(turn, worker, "orphaned", null, 1_000_000);
}

function newWorker(turn: KubeletTurn, uid: Uid, pod: Pod, source: PodWorker["source"]): PodWorker {
  return {
    uid,
    namespace: pod.metadata.namespace ?? "",
    name: pod.metadata.name,
    pod,
    source,
    phase: "sync",
    isRemoved: false,
    cause: null,
    verdict: null,
    startTime: pod.status?.startTime ?? timeOf(turn.wall),
    requests: podRequests(pod),
    graceUs: -1,
    killNow: 0,
    calls: [],
    isMidway: false,
    probes: [],
    backoffs: [],
    waiting: [],
    dueNow: 0,
  };
}
