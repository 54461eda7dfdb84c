import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the volume controllers can make, by the rule that makes it. */
export const note = {
  waitsForConsumer: define("controllers/volume-binding/waits-for-first-consumer"),
  noVolume: define("controllers/volume-binding/no-volume-for-claim"),
  provisioned: define("controllers/volume-binding/provisioned"),
  claimedFirst: define("controllers/volume-binding/volume-points-to-claim"),
  boundSecond: define("controllers/volume-binding/claim-points-to-volume"),
  bindConflict: define("controllers/volume-binding/conflict"),
  lost: define("controllers/volume-binding/claim-lost"),
  available: define("controllers/volume-binding/available"),
  released: define("controllers/volume-binding/released"),
  reclaimed: define("controllers/volume-binding/volume-deleted"),
  unbound: define("controllers/volume-binding/volume-unbound"),
  claimInUse: define("controllers/volume-binding/claim-in-use"),
  claimUnprotected: define("controllers/volume-binding/claim-unprotected"),
  volumeUnprotected: define("controllers/volume-binding/volume-unprotected"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
