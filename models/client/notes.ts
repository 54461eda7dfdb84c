import type { Note } from "../kernel/index.ts";

/** Every observation that a client can make, by the rule that makes it. Constants: a note costs no allocation. */
export const note = {
  workQueued: define("work/queued"),
  workGaveUp: define("work/gave-up"),
  workUnknown: define("work/unknown"),

  callRefused: define("call/refused"),
  callTimedOut: define("call/timed-out"),
  callOutcomeUnknown: define("call/outcome-unknown"),
  callRetried: define("call/retried"),
  callEndpointSwitched: define("call/endpoint-switched"),
  callHintFollowed: define("call/hint-followed"),
  callLateAnswer: define("call/late-answer"),
  callReadAfterUnknown: define("call/read-after-unknown"),

  casConflict: define("recipe/cas-conflict"),
  transferNotEnough: define("recipe/transfer-not-enough"),
  setAddFound: define("recipe/set-add-found"),
  queueEmpty: define("recipe/queue-empty"),

  leaseGranted: define("lease/granted"),
  leaseRenewed: define("lease/renewed"),
  leaseRenewalFailed: define("lease/renewal-failed"),
  leaseLost: define("lease/lost"),
  leaseLeft: define("lease/left-to-expire"),
  leaseIdTaken: define("lease/id-taken"),

  lockWaits: define("lock/waits"),
  lockAcquired: define("lock/acquired"),
  lockNotCertain: define("lock/not-certain"),
  lockProclaimed: define("lock/proclaimed"),
  lockLost: define("lock/lost"),
  lockKeyGone: define("lock/key-gone"),
  lockReleased: define("lock/released"),

  watchOpened: define("watch/opened"),
  watchGap: define("watch/gap"),
  watchStale: define("watch/stale-response"),
  watchNotOpened: define("watch/not-opened"),
  watchRefused: define("watch/refused"),
  watchClosed: define("watch/closed-by-member"),
  watchCompacted: define("watch/compacted"),
  watchProbed: define("watch/probed"),
  watchSilent: define("watch/silent"),
  watchReopened: define("watch/reopened"),
  watchFragment: define("watch/fragment"),
  watchFragmentsAssembled: define("watch/fragments-assembled"),
  watchProgress: define("watch/progress"),
  watchEnded: define("watch/ended"),
} as const;

/** The names of all notes, in the order of their definition. Coverage shows those that no run has reached. */
export const CLIENT_NOTES: readonly string[] = Object.freeze(Object.values(note).map(nameOf));

function define(name: string): Note {
  return Object.freeze({ kind: "note" as const, name });
}

function nameOf(noted: Note): string {
  return noted.name;
}
