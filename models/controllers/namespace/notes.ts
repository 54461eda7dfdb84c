import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the namespace controller can make, by the rule that makes it. */
export const note = {
  waits: define("controllers/namespace/waits-before-deletion"),
  terminating: define("controllers/namespace/marked-terminating"),
  podsRemain: define("controllers/namespace/pods-remain"),
  contentRemains: define("controllers/namespace/content-remains"),
  finalizersRemain: define("controllers/namespace/finalizers-remain"),
  contentFailed: define("controllers/namespace/content-deletion-failed"),
  conditions: define("controllers/namespace/conditions-written"),
  finalized: define("controllers/namespace/finalized"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
