import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the disruption controllers can make, by the rule that makes it. */
export const note = {
  byCount: define("controllers/disruption/expected-by-count"),
  byScale: define("controllers/disruption/expected-by-scale"),
  noController: define("controllers/disruption/pod-without-known-controller"),
  failSafe: define("controllers/disruption/fail-safe"),
  stillDisrupted: define("controllers/disruption/eviction-not-yet-seen"),
  disruptionExpired: define("controllers/disruption/eviction-never-came"),
  statusWritten: define("controllers/disruption/status-written"),
  statusConflict: define("controllers/disruption/status-conflict"),
  staleTarget: define("controllers/disruption/stale-disruption-target-cleared"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
