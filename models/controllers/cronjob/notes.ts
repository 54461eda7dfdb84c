import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the cron job controller can make, by the rule that makes it. */
export const note = {
  unparseable: define("controllers/cronjob/unparseable-schedule"),
  suspended: define("controllers/cronjob/suspended"),
  finishedSeen: define("controllers/cronjob/active-job-finished"),
  missingDropped: define("controllers/cronjob/active-job-gone"),
  historyTrimmed: define("controllers/cronjob/history-trimmed"),
  tooManyMissed: define("controllers/cronjob/too-many-missed"),
  deadlineMissed: define("controllers/cronjob/deadline-missed"),
  forbidden: define("controllers/cronjob/concurrency-forbids"),
  replaced: define("controllers/cronjob/active-job-replaced"),
  created: define("controllers/cronjob/job-created"),
  existed: define("controllers/cronjob/job-existed"),
  statusWritten: define("controllers/cronjob/status-written"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
