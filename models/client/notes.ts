import { defineNote as define, noteNames } from "../kernel/index.ts";

/** Every observation that a client can make, by the rule that makes it. Constants: a note costs no allocation. */
export const note = {
  workQueued: define("client/work/queued"),
  workGaveUp: define("client/work/gave-up"),
  workUnknown: define("client/work/unknown"),

  callRefused: define("client/call/refused"),
  callTimedOut: define("client/call/timed-out"),
  callOutcomeUnknown: define("client/call/outcome-unknown"),
  callRetried: define("client/call/retried"),
  callEndpointSwitched: define("client/call/endpoint-switched"),
  callHintFollowed: define("client/call/hint-followed"),
  callLateAnswer: define("client/call/late-answer"),
  callReadAfterUnknown: define("client/call/read-after-unknown"),

  casConflict: define("client/recipe/cas-conflict"),
  transferNotEnough: define("client/recipe/transfer-not-enough"),
  setAddFound: define("client/recipe/set-add-found"),
  queueEmpty: define("client/recipe/queue-empty"),

  leaseGranted: define("client/lease/granted"),
  leaseRenewed: define("client/lease/renewed"),
  leaseRenewalFailed: define("client/lease/renewal-failed"),
  leaseLost: define("client/lease/lost"),
  leaseLeft: define("client/lease/left-to-expire"),
  leaseIdTaken: define("client/lease/id-taken"),

  lockWaits: define("client/lock/waits"),
  lockAcquired: define("client/lock/acquired"),
  lockNotCertain: define("client/lock/not-certain"),
  lockProclaimed: define("client/lock/proclaimed"),
  lockLost: define("client/lock/lost"),
  lockKeyGone: define("client/lock/key-gone"),
  lockReleased: define("client/lock/released"),

  watchOpened: define("client/watch/opened"),
  watchGap: define("client/watch/gap"),
  watchStale: define("client/watch/stale-response"),
  watchNotOpened: define("client/watch/not-opened"),
  watchRefused: define("client/watch/refused"),
  watchClosed: define("client/watch/closed-by-member"),
  watchCompacted: define("client/watch/compacted"),
  watchProbed: define("client/watch/probed"),
  watchSilent: define("client/watch/silent"),
  watchReopened: define("client/watch/reopened"),
  watchFragment: define("client/watch/fragment"),
  watchFragmentsAssembled: define("client/watch/fragments-assembled"),
  watchProgress: define("client/watch/progress"),
  watchEnded: define("client/watch/ended"),
} as const;

/** The names of all notes, in the order of their definition. Coverage shows those that no run has reached. */
export const CLIENT_NOTES: readonly string[] = noteNames(note);
