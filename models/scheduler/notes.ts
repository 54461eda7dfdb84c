import { defineNote as define, noteNames } from "../kernel/index.ts";

/** Every observation that a scheduler can make, by the rule that makes it. */
export const note = {
  leads: define("scheduler/leads"),
  exited: define("scheduler/exited"),
  restarted: define("scheduler/restarted"),

  queued: define("scheduler/queue/added"),
  requeued: define("scheduler/queue/moved-by-event"),
  flushed: define("scheduler/queue/flushed-after-5-min"),
  backedOff: define("scheduler/queue/backoff-over"),
  skipped: define("scheduler/queue/pod-skipped"),

  assumed: define("scheduler/assumed"),
  confirmed: define("scheduler/assumed-confirmed"),
  forgotten: define("scheduler/assumed-forgotten"),
  unschedulable: define("scheduler/unschedulable"),
  noNodes: define("scheduler/no-nodes"),
  claimMissing: define("scheduler/claim-missing"),
  claimUnbound: define("scheduler/claim-unbound"),

  bound: define("scheduler/bound"),
  bindFailed: define("scheduler/bind-failed"),
  bindUnknown: define("scheduler/bind-unknown"),
  claimsSelected: define("scheduler/claims-node-selected"),
  claimsBound: define("scheduler/claims-bound"),
  claimsTimedOut: define("scheduler/claims-timed-out"),
  ghostNode: define("scheduler/node-gone-with-pods"),
} as const;

/** The names of all notes, in the order of their definition. */
export const SCHEDULER_NOTES: readonly string[] = noteNames(note);
