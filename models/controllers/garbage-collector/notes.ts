import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the garbage collector can make, by the rule that makes it. */
export const note = {
  virtualOwner: define("controllers/garbage-collector/virtual-owner"),
  ownerElsewhere: define("controllers/garbage-collector/owner-has-other-coordinates"),
  ownerAbsent: define("controllers/garbage-collector/owner-absent"),
  ownerKnownAbsent: define("controllers/garbage-collector/owner-known-absent"),
  ownerOtherUid: define("controllers/garbage-collector/owner-has-another-uid"),
  ownerSolid: define("controllers/garbage-collector/owner-solid"),
  ownerWaiting: define("controllers/garbage-collector/owner-waits-for-dependents"),
  ownerNamespaced: define("controllers/garbage-collector/namespaced-owner-of-cluster-scoped"),
  itemGone: define("controllers/garbage-collector/item-gone"),
  danglingPatched: define("controllers/garbage-collector/dangling-references-patched-out"),
  unblocked: define("controllers/garbage-collector/circle-unblocked"),
  deletedForeground: define("controllers/garbage-collector/deleted-foreground"),
  deletedDangling: define("controllers/garbage-collector/deleted-dangling"),
  deleteConflict: define("controllers/garbage-collector/delete-conflict"),
  deletedByUid: define("controllers/garbage-collector/deleted-by-uid-alone"),
  foregroundStarted: define("controllers/garbage-collector/foreground-started"),
  foregroundBlocked: define("controllers/garbage-collector/foreground-waits-for-dependents"),
  orphanStarted: define("controllers/garbage-collector/orphan-started"),
  orphaned: define("controllers/garbage-collector/dependent-orphaned"),
  orphanedUnseen: define("controllers/garbage-collector/dependent-orphaned-that-was-not-seen"),
  finalizerRemoved: define("controllers/garbage-collector/finalizer-removed"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
