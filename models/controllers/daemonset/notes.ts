import { defineNote as define, noteNames } from "../../kernel/index.ts";

export const note = {
  adopted: define("controllers/daemonset/adopted"),
  expectationsUnmet: define("controllers/daemonset/expectations-unmet"),
  expectationsExpired: define("controllers/daemonset/expectations-expired"),
  revisionCreated: define("controllers/daemonset/revision-created"),
  revisionExists: define("controllers/daemonset/revision-exists-already"),
  revisionReused: define("controllers/daemonset/revision-reused"),
  revisionCollision: define("controllers/daemonset/revision-collision"),
  revisionDeleted: define("controllers/daemonset/revision-deleted"),
  duplicatesMerged: define("controllers/daemonset/duplicate-revisions-merged"),
  podCreated: define("controllers/daemonset/pod-created"),
  createFailed: define("controllers/daemonset/create-failed"),
  slowStartEnded: define("controllers/daemonset/slow-start-ended"),
  podDeleted: define("controllers/daemonset/pod-deleted"),
  deleteFailed: define("controllers/daemonset/delete-failed"),
  failedDeleted: define("controllers/daemonset/failed-pod-deleted"),
  failedInBackoff: define("controllers/daemonset/failed-pod-in-backoff"),
  excessDeleted: define("controllers/daemonset/second-pod-deleted"),
  misscheduledDeleted: define("controllers/daemonset/misscheduled-deleted"),
  withoutNode: define("controllers/daemonset/pod-of-missing-node-deleted"),
  updateDeleted: define("controllers/daemonset/deleted-for-update"),
  updateWaits: define("controllers/daemonset/update-waits"),
  surged: define("controllers/daemonset/surged"),
  beingDeleted: define("controllers/daemonset/being-deleted"),
  statusWritten: define("controllers/daemonset/status-written"),
  statusRetried: define("controllers/daemonset/status-retried"),
  statusFailed: define("controllers/daemonset/status-failed"),
} as const;

export const DAEMONSET_NOTES: readonly string[] = noteNames(note);
