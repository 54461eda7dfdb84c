import { defineNote as define, noteNames } from "../../kernel/index.ts";

export const note = {
  adopted: define("controllers/statefulset/adopted"),
  revisionCreated: define("controllers/statefulset/revision-created"),
  revisionReused: define("controllers/statefulset/revision-reused"),
  revisionExists: define("controllers/statefulset/revision-exists-already"),
  revisionCollision: define("controllers/statefulset/revision-collision"),
  revisionDeleted: define("controllers/statefulset/revision-deleted"),
  claimCreated: define("controllers/statefulset/claim-created"),
  claimUpdated: define("controllers/statefulset/claim-owner-updated"),
  claimStale: define("controllers/statefulset/claim-stale"),
  podCreated: define("controllers/statefulset/pod-created"),
  podUpdated: define("controllers/statefulset/pod-identity-restored"),
  terminalDeleted: define("controllers/statefulset/terminal-pod-deleted"),
  waitsForTermination: define("controllers/statefulset/waits-for-termination"),
  waitsForReady: define("controllers/statefulset/waits-for-ready"),
  waitsForAvailable: define("controllers/statefulset/waits-for-available"),
  brokenReplaced: define("controllers/statefulset/broken-revision-replaced"),
  scaledDown: define("controllers/statefulset/condemned-deleted"),
  scaleDownWaits: define("controllers/statefulset/scale-down-waits"),
  updateDeleted: define("controllers/statefulset/deleted-for-update"),
  updateWaits: define("controllers/statefulset/update-waits"),
  partitioned: define("controllers/statefulset/held-by-partition"),
  updateComplete: define("controllers/statefulset/update-complete"),
  beingDeleted: define("controllers/statefulset/being-deleted"),
  actionFailed: define("controllers/statefulset/action-failed"),
  statusWritten: define("controllers/statefulset/status-written"),
  statusFailed: define("controllers/statefulset/status-failed"),
} as const;

export const STATEFULSET_NOTES: readonly string[] = noteNames(note);
