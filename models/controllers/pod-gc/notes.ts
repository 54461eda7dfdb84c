import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the pod garbage collector can make, by the rule that makes it. */
export const note = {
  terminated: define("controllers/pod-gc/terminated-above-threshold"),
  quarantined: define("controllers/pod-gc/node-in-quarantine"),
  nodeBack: define("controllers/pod-gc/node-is-there-after-all"),
  orphaned: define("controllers/pod-gc/orphaned"),
  unscheduled: define("controllers/pod-gc/unscheduled-and-terminating"),
  outOfService: define("controllers/pod-gc/node-out-of-service"),
  failedFirst: define("controllers/pod-gc/marked-failed"),
  deleted: define("controllers/pod-gc/deleted"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
