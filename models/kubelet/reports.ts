import { mapGet, mapSet } from "../kernel/index.ts";
import type { ApiResponse } from "../machinery/api.ts";
import { deleteRequest, patchRequest } from "../machinery/client/requests.ts";
import { findCondition } from "../machinery/conditions.ts";
import { deepEqual } from "../machinery/equality.ts";
import type { Condition, Json, Pod, PodStatus, Uid } from "../machinery/kinds/index.ts";
import { isPodTerminal } from "../machinery/pods.ts";
import { isNotFound, isSuccess, objectOf } from "../machinery/status.ts";
import { dueOf } from "./agenda.ts";
import { note } from "./notes.ts";
import type { KubeletTurn } from "./turn.ts";
import type { PodReport, PodWorker } from "./types.ts";

/** The status manager (kubernetes pkg/kubelet/status/status_manager.go): tells the API what became of the pods. */

/** When statuses that could not be written are looked at again. */
export const STATUSES_DUE = "statuses";

export type ReportTag =
  | { readonly what: "status"; readonly uid: Uid; readonly version: number }
  | { readonly what: "delete"; readonly uid: Uid };

/** Takes the status of a pod; what differs from the last is written. */
export function report(turn: KubeletTurn, worker: PodWorker, status: PodStatus, isFinished: boolean): void {
  const old = mapGet(turn.reports, worker.uid);
  if (old !== undefined && deepEqual(old.status, status)) {
    if (isFinished && !old.isFinished) turn.reports = mapSet(turn.reports, worker.uid, { ...old, isFinished });
    return;
  }
  const { uid, namespace, name } = worker;
  const isTold = old === undefined && isAsTold(worker.pod.status, status);
  const version = (old?.version ?? 0) + 1;
  turn.reports = mapSet(turn.reports, uid, {
    uid,
    namespace,
    name,
    status,
    version,
    reported: isTold ? version : (old?.reported ?? 0),
    reportedIp: old?.reportedIp ?? worker.pod.status?.podIP ?? "",
    isFinished: isFinished || old?.isFinished === true,
    isDeleting: old?.isDeleting === true,
  });
  if (!isTold) queue(turn, uid);
}

function queue(turn: KubeletTurn, uid: Uid): void {
  if (!turn.unreported.includes(uid)) turn.unreported = [...turn.unreported, uid];
}

/** Whether the API has the kubelet's part of a status (isPodStatusByKubeletEqual). */
export function isAsTold(api: PodStatus | undefined, own: PodStatus): boolean {
  if (api === undefined || api.reason !== own.reason || api.message !== own.message) return false;
  for (const field of Object.keys(own) as (keyof PodStatus)[])
    if (field !== "conditions" && !deepEqual(api[field], own[field])) return false;
  return (own.conditions ?? []).every((one) => isSameCondition(findCondition(api.conditions, one.type), one));
}

function isSameCondition(api: Condition | null, own: Condition): boolean {
  if (api === null) return false;
  return api.status === own.status && api.reason === own.reason && api.message === own.message;
}

/** Writes the next status; one write is under way at a time. */
export function flush(turn: KubeletTurn): void {
  while (turn.reporting === "" && turn.unreported.length > 0) {
    const uid = turn.unreported[0]!;
    turn.unreported = turn.unreported.slice(1);
    const known = mapGet(turn.reports, uid);
    const worker = turn.worker(uid);
    if (known === undefined || worker === null || worker.isRemoved) continue;
    turn.reporting = uid;
    const { namespace, name, version } = known;
    const tag: ReportTag = { what: "status", uid, version };
    turn.api.call(
      patchRequest("pods", namespace, name, statusPatch(known), { type: "strategic", subresource: "status" }),
      tag,
    );
  }
}

/** The kubelet's part of the status, for the pod of this UID alone (PatchPodStatus). */
function statusPatch({ uid, status, reportedIp }: PodReport): Json {
  const { podIPs } = status;
  const oldIp = reportedIp !== "" && reportedIp !== status.podIP ? [{ ip: reportedIp, $patch: "delete" }] : [];
  return {
    metadata: { uid },
    status: {
      ...status,
      reason: status.reason ?? null,
      message: status.message ?? null,
      conditions: status.conditions?.map((one) => ({
        ...one,
        reason: one.reason ?? null,
        message: one.message ?? null,
      })),
      ...(podIPs === undefined ? {} : { podIPs: [...oldIp, ...podIPs] }),
    },
  } as unknown as Json;
}

/** A write is answered. */
export function reportAnswered(turn: KubeletTurn, tag: ReportTag, response: ApiResponse | null): void {
  if (tag.what === "status") statusAnswered(turn, tag.uid, tag.version, response);
  else deleteAnswered(turn, tag.uid, response);
}

function statusAnswered(turn: KubeletTurn, uid: Uid, version: number, response: ApiResponse | null): void {
  if (turn.reporting === uid) turn.reporting = "";
  const known = mapGet(turn.reports, uid);
  if (known === undefined) return;
  if (isSuccess(response)) {
    turn.note(note.statusWritten);
    turn.reports = mapSet(turn.reports, uid, {
      ...known,
      reported: Math.max(known.reported, version),
      reportedIp: known.version === version ? (known.status.podIP ?? "") : known.reportedIp,
    });
    if (version < known.version) queue(turn, uid);
    const pod = objectOf<Pod>(response);
    if (pod !== null) deleteWhenOver(turn, uid, pod);
    return;
  }
  if (isNotFound(response)) {
    turn.note(note.statusOfAnother);
    return;
  }
  turn.note(note.statusUnwritten);
  doubt(turn, uid);
}

function doubt(turn: KubeletTurn, uid: Uid): void {
  if (!turn.doubtful.includes(uid)) turn.doubtful = [...turn.doubtful, uid];
  if (dueOf(turn.agenda, STATUSES_DUE) === 0) turn.due(STATUSES_DUE, turn.now + turn.config.statusSyncUs);
}

/** The source has told something of a pod: what it shows may be another's word (needsReconcile), or allow the deletion. */
export function podShown(turn: KubeletTurn, worker: PodWorker): void {
  const known = mapGet(turn.reports, worker.uid);
  if (known === undefined) return;
  if (known.isFinished) deleteWhenOver(turn, worker.uid, worker.pod);
  if (known.reported === known.version && !isAsTold(worker.pod.status, known.status)) doubt(turn, worker.uid);
}

/** Every 10 s (syncPeriod): writes that failed are made again, and what the API shows otherwise. */
export function syncStatuses(turn: KubeletTurn): void {
  const { doubtful } = turn;
  turn.doubtful = [];
  for (const uid of doubtful) {
    const known = mapGet(turn.reports, uid);
    const worker = turn.worker(uid);
    if (known === undefined || worker === null || worker.isRemoved) continue;
    turn.reports = mapSet(turn.reports, uid, { ...known, isDeleting: false });
    if (known.reported < known.version) queue(turn, uid);
    else if (!isAsTold(worker.pod.status, known.status)) {
      turn.note(note.statusReconciled);
      queue(turn, uid);
    } else deleteWhenOver(turn, uid, worker.pod);
  }
}

/** A pod has terminated: it may be deleted now. */
export function finished(turn: KubeletTurn, worker: PodWorker): void {
  deleteWhenOver(turn, worker.uid, worker.pod);
}

/**
 * Deletes a pod for good when it is being deleted, the API shows that it has ended, and the kubelet has finished with it
 * (canBeDeleted). The UID keeps it from deleting another of its name.
 */
function deleteWhenOver(turn: KubeletTurn, uid: Uid, pod: Pod): void {
  const known = mapGet(turn.reports, uid);
  if (known === undefined || !known.isFinished || known.isDeleting || pod.metadata.uid !== uid) return;
  if (pod.metadata.deletionTimestamp === undefined || !isPodTerminal(pod)) return;
  turn.reports = mapSet(turn.reports, uid, { ...known, isDeleting: true });
  const options = { gracePeriodSeconds: 0, preconditions: { uid } };
  const tag: ReportTag = { what: "delete", uid };
  turn.api.call(deleteRequest("pods", known.namespace, known.name, options), tag);
}

/** What is gone is not asked for again; whatever else came of it is looked at at the next round. */
function deleteAnswered(turn: KubeletTurn, uid: Uid, response: ApiResponse | null): void {
  if (isSuccess(response)) turn.note(note.podDeleted);
  else if (!isNotFound(response)) doubt(turn, uid);
}
