import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the taint eviction controller can make, by the rule that makes it. */
export const note = {
  notTolerated: define("controllers/taint-eviction/not-tolerated"),
  toleratedForever: define("controllers/taint-eviction/tolerated-for-good"),
  scheduled: define("controllers/taint-eviction/scheduled"),
  kept: define("controllers/taint-eviction/scheduled-sooner-already"),
  cancelled: define("controllers/taint-eviction/cancelled"),
  otherPod: define("controllers/taint-eviction/another-pod-of-the-name"),
  deleted: define("controllers/taint-eviction/deleted"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
