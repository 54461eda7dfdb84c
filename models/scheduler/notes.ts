import { defineNote as define, noteNames } from "../kernel/index.ts";

/** Every observation that a scheduler can make, by the rule that makes it. */
export const note = {
  leads: define("scheduler/leads"),
  exited: define("scheduler/exited"),
  restarted: define("scheduler/restarted"),

  queued: define("scheduler/queue/added"),
  requeued: define("scheduler/queue/moved-by-event"),
  hintSkipped: define("scheduler/queue/not-worth-a-try"),
  inFlightEvent: define("scheduler/queue/event-during-an-attempt"),
  inFlightRequeued: define("scheduler/queue/requeued-by-event-during-its-attempt"),
  gated: define("scheduler/queue/gated"),
  gateLifted: define("scheduler/queue/gate-lifted"),
  flushed: define("scheduler/queue/flushed-after-5-min"),
  backedOff: define("scheduler/queue/backoff-over"),
  activated: define("scheduler/queue/activated"),
  skipped: define("scheduler/queue/pod-skipped"),

  assumed: define("scheduler/assumed"),
  confirmed: define("scheduler/assumed-confirmed"),
  elsewhere: define("scheduler/assumed-confirmed-elsewhere"),
  forgotten: define("scheduler/assumed-forgotten"),
  assumeFailed: define("scheduler/assume-failed"),
  ghostNode: define("scheduler/node-gone-with-pods"),

  unschedulable: define("scheduler/unschedulable"),
  noNodes: define("scheduler/no-nodes"),
  attemptFailed: define("scheduler/attempt-failed"),

  nominated: define("scheduler/nominated"),
  nominationHeld: define("scheduler/nomination-held-though-not-seen"),
  nominationTooLate: define("scheduler/nomination-of-a-pod-that-has-gone"),
  nominationCleared: define("scheduler/nomination-cleared"),
  preempting: define("scheduler/preempting"),
  victimMarked: define("scheduler/victim-marked"),
  victimDeleted: define("scheduler/victim-deleted"),
  preemptionDone: define("scheduler/preemption-done"),
  preemptionFailed: define("scheduler/preemption-failed"),

  bound: define("scheduler/bound"),
  bindFailed: define("scheduler/bind-failed"),
  bindUnknown: define("scheduler/bind-unknown"),
  volumesAssumed: define("scheduler/volumes-assumed"),
  volumesWritten: define("scheduler/volumes-written"),
  volumesRefused: define("scheduler/volumes-write-failed"),
  volumesBound: define("scheduler/volumes-bound"),
  volumesLost: define("scheduler/volumes-changed-while-waiting"),
  volumesTimedOut: define("scheduler/volumes-timed-out"),
} as const;

/** The names of all notes, in the order of their definition. */
export const SCHEDULER_NOTES: readonly string[] = noteNames(note);
