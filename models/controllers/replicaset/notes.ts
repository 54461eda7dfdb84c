import { defineNote as define, noteNames } from "../../kernel/index.ts";

export const note = {
  expectationsUnmet: define("controllers/replicaset/expectations-unmet"),
  expectationsExpired: define("controllers/replicaset/expectations-expired"),
  adopted: define("controllers/replicaset/adopted"),
  released: define("controllers/replicaset/released"),
  adoptionRefused: define("controllers/replicaset/adoption-refused"),
  beingDeleted: define("controllers/replicaset/being-deleted"),
  created: define("controllers/replicaset/created"),
  createFailed: define("controllers/replicaset/create-failed"),
  createUnknown: define("controllers/replicaset/create-unknown"),
  namespaceTerminating: define("controllers/replicaset/namespace-terminating"),
  slowStart: define("controllers/replicaset/slow-start-batch"),
  slowStartEnded: define("controllers/replicaset/slow-start-ended"),
  burst: define("controllers/replicaset/burst"),
  deleted: define("controllers/replicaset/deleted"),
  deleteFailed: define("controllers/replicaset/delete-failed"),
  statusWritten: define("controllers/replicaset/status-written"),
  statusRetried: define("controllers/replicaset/status-retried"),
  statusFailed: define("controllers/replicaset/status-failed"),
  availabilityAwaited: define("controllers/replicaset/availability-awaited"),
} as const;

export const REPLICASET_NOTES: readonly string[] = noteNames(note);
