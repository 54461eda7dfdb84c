import { defineNote as define, noteNames } from "../../kernel/index.ts";

export const note = {
  adopted: define("controllers/deployment/adopted"),
  setCreated: define("controllers/deployment/set-created"),
  setFound: define("controllers/deployment/set-exists-already"),
  collision: define("controllers/deployment/hash-collision"),
  createFailed: define("controllers/deployment/create-failed"),
  revisionSet: define("controllers/deployment/revision-set"),
  rolledBack: define("controllers/deployment/rolled-back-to-older-set"),
  scaledUp: define("controllers/deployment/new-set-scaled-up"),
  scaledDown: define("controllers/deployment/new-set-scaled-down"),
  unhealthyCleaned: define("controllers/deployment/unhealthy-scaled-down"),
  oldScaledDown: define("controllers/deployment/old-sets-scaled-down"),
  waitsForAvailability: define("controllers/deployment/waits-for-availability"),
  scalingEvent: define("controllers/deployment/scaling-event"),
  proportional: define("controllers/deployment/proportional-scaling"),
  saturated: define("controllers/deployment/saturated"),
  recreateScaledDown: define("controllers/deployment/recreate-scaled-down"),
  recreateWaits: define("controllers/deployment/recreate-waits-for-old-pods"),
  paused: define("controllers/deployment/paused"),
  resumed: define("controllers/deployment/resumed"),
  historyCleaned: define("controllers/deployment/history-cleaned"),
  beingDeleted: define("controllers/deployment/being-deleted"),
  completed: define("controllers/deployment/completed"),
  progressed: define("controllers/deployment/progressed"),
  deadlineExceeded: define("controllers/deployment/progress-deadline-exceeded"),
  writeFailed: define("controllers/deployment/write-failed"),
} as const;

export const DEPLOYMENT_NOTES: readonly string[] = noteNames(note);
