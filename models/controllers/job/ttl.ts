/** Deletes jobs some time after their end (kubernetes pkg/controller/ttlafterfinished/ttlafterfinished_controller.go). */
import type { Micros } from "../../kernel/index.ts";
import { deleteRequest, getRequest } from "../../machinery/client/requests.ts";
import { isConditionTrue } from "../../machinery/conditions.ts";
import type { Job } from "../../machinery/kinds/index.ts";
import { isDeleting, splitKey } from "../../machinery/meta.ts";
import { isNotFound, isSuccess, objectOf } from "../../machinery/status.ts";
import { wallOf } from "../../machinery/time.ts";
import { type Controller, DONE, NO_SETTINGS } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import { isFinished } from "./status.ts";

export type TtlTask = { readonly step: "read" } | { readonly step: "delete" };

/** How long the job may still stay; null: for good. */
function timeLeft(job: Job, wall: Micros): Micros | null {
  const ttl = job.spec.ttlSecondsAfterFinished;
  if (ttl === undefined || !isFinished(job) || isDeleting(job)) return null;
  const end = job.status?.conditions?.find(
    ({ type }) => (type === "Complete" || type === "Failed") && isConditionTrue(job.status?.conditions, type),
  );
  return wallOf(end?.lastTransitionTime ?? "") + ttl * 1_000_000 - wall;
}

export const ttlAfterFinished: Controller<null, TtlTask, typeof NO_SETTINGS> = {
  name: "ttl-after-finished",
  informers: [{ resource: "jobs", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 }],
  workers: 5,
  defaults: NO_SETTINGS,
  initial: null,
  observe(turn, { type, key, object }) {
    if (type !== "deleted" && timeLeft(object as Job, turn.wall) !== null) turn.enqueue(key);
  },
  sync(turn, key) {
    const job = turn.view<Job>("jobs").byKey(key);
    const left = job === null ? null : timeLeft(job, turn.wall);
    if (job === null || left === null) return DONE;
    if (left > 0) return { kind: "after", us: left };
    // "We need to do a final sanity check": its TTL may have been changed.
    const [namespace, name] = splitKey(key);
    return { kind: "call", request: getRequest("jobs", namespace, name), task: { step: "read" } };
  },
  answered(turn, _key, task, response) {
    if (isNotFound(response)) return DONE;
    if (task.step === "delete") return isSuccess(response) ? DONE : retry(errorOf(response));
    const job = objectOf<Job>(response);
    if (job === null) return retry(errorOf(response));
    const left = timeLeft(job, turn.wall);
    if (left === null) return DONE;
    if (left > 0) return { kind: "after", us: left };
    turn.note(note.ttlDeleted);
    const { namespace = "", name, uid = "" } = job.metadata;
    const options = { propagationPolicy: "Foreground", preconditions: { uid } } as const;
    return { kind: "call", request: deleteRequest("jobs", namespace, name, options), task: { step: "delete" } };
  },
};
