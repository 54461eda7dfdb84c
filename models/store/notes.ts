import { defineNote as define, noteNames } from "../kernel/index.ts";

/** Every observation that a member can make beside Raft's, by the rule that makes it. Constants: a note costs no allocation. */
export const note = {
  callRefused: define("store/call/refused"),
  callForwarded: define("store/call/forwarded"),
  callNotLeader: define("store/call/not-leader"),
  callNoLeader: define("store/call/no-leader"),
  callTimedOut: define("store/call/timed-out"),
  callLeaderChanged: define("store/call/leader-changed"),
  forwardTaken: define("store/forward/taken"),
  forwardRefused: define("store/forward/refused-not-leader-of-term"),
  forwardDuplicate: define("store/forward/duplicate"),

  readBatchStarted: define("store/read/batch-started"),
  readBatchJoined: define("store/read/waits-for-next-batch"),
  readRetried: define("store/read/asked-again"),
  readSerializable: define("store/read/serializable"),
  readCompacted: define("store/read/compacted"),
  readFutureRevision: define("store/read/future-revision"),

  backendCommitted: define("store/backend/committed"),
  backendDefragmented: define("store/backend/defragmented"),
  backendRestored: define("store/backend/restored"),
  backendAheadOfSnapshot: define("store/backend/ahead-of-snapshot"),
  compacted: define("store/compaction/compacted"),
  scrubbed: define("store/compaction/history-removed"),
  stateInstalled: define("store/state-installed"),

  leasePromoted: define("store/lease/promoted"),
  leaseDemoted: define("store/lease/demoted"),
  leaseRenewed: define("store/lease/renewed"),
  leaseRenewalClearsCheckpoint: define("store/lease/renewal-clears-checkpoint"),
  leaseRenewalNotFound: define("store/lease/renewal-not-found"),
  leaseRenewalExpired: define("store/lease/renewal-expired"),
  leaseRenewalNotPrimary: define("store/lease/renewal-not-primary"),
  leaseExpired: define("store/lease/expired"),
  leaseCheckpointed: define("store/lease/checkpointed"),
  leaseCarriedOver: define("store/lease/remaining-time-carried-over"),

  watchCreated: define("store/watch/created"),
  watchCreatedInFuture: define("store/watch/created-in-future"),
  watchCreatedBehind: define("store/watch/created-behind"),
  watchFellBehind: define("store/watch/fell-behind"),
  watchCaughtUp: define("store/watch/caught-up"),
  watchFragmented: define("store/watch/fragmented"),
  watchProgress: define("store/watch/progress"),
  watchProgressWaits: define("store/watch/progress-waits"),
  watchCompacted: define("store/watch/canceled-compacted"),
  watchCanceled: define("store/watch/canceled"),
  watchUnknown: define("store/watch/unknown-stream"),
  watchStreamClosed: define("store/watch/stream-closed"),
  watchResumedFromInstalledState: define("store/watch/behind-by-installed-state"),
} as const;

/** The names of all notes, in the order of their definition. */
export const STORE_NOTES: readonly string[] = noteNames(note);
