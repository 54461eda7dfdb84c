import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the job controllers can make, by the rule that makes it. */
export const note = {
  staleJob: define("controllers/job/cache-older-than-own-write"),
  stalePods: define("controllers/job/pods-missing-in-cache"),
  unmet: define("controllers/job/expectations-unmet"),
  started: define("controllers/job/started"),
  suspended: define("controllers/job/suspended"),
  resumed: define("controllers/job/resumed"),
  deleting: define("controllers/job/pods-deleted"),
  creating: define("controllers/job/pods-created"),
  slowStart: define("controllers/job/slow-start"),
  slowStartEnded: define("controllers/job/slow-start-ended"),
  backoff: define("controllers/job/creation-waits-for-backoff"),
  duplicateIndex: define("controllers/job/duplicate-index-removed"),
  waitsForTerminating: define("controllers/job/waits-for-terminating-pods"),
  counted: define("controllers/job/pods-recorded-as-uncounted"),
  finalizerRemoved: define("controllers/job/finalizer-removed"),
  folded: define("controllers/job/uncounted-folded-in"),
  failedBackoffLimit: define("controllers/job/backoff-limit-exceeded"),
  failedDeadline: define("controllers/job/deadline-exceeded"),
  complete: define("controllers/job/complete"),
  finishDelayed: define("controllers/job/finish-delayed"),
  orphanCleaned: define("controllers/job/finalizer-of-orphan-removed"),
  ttlDeleted: define("controllers/job/ttl-deleted"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
