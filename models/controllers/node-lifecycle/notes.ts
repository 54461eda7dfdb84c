import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the node lifecycle controller can make, by the rule that makes it. */
export const note = {
  nodeAdded: define("controllers/node-lifecycle/node-added"),
  nodeGone: define("controllers/node-lifecycle/node-gone"),
  graceOver: define("controllers/node-lifecycle/grace-over"),
  startupGraceOver: define("controllers/node-lifecycle/startup-grace-over"),
  nodeUnknown: define("controllers/node-lifecycle/node-marked-unknown"),
  podsMarked: define("controllers/node-lifecycle/pod-marked-not-ready"),
  podsLeft: define("controllers/node-lifecycle/pods-not-marked-in-full-disruption"),
  taintQueued: define("controllers/node-lifecycle/taint-queued"),
  taintHeldBack: define("controllers/node-lifecycle/taint-waits-for-rate"),
  tainted: define("controllers/node-lifecycle/tainted-no-execute"),
  taintSwapped: define("controllers/node-lifecycle/taint-swapped"),
  untainted: define("controllers/node-lifecycle/untainted"),
  readyAgain: define("controllers/node-lifecycle/ready-again-before-taint"),
  conditionTaints: define("controllers/node-lifecycle/condition-taints"),
  zoneNormal: define("controllers/node-lifecycle/zone-normal"),
  zonePartial: define("controllers/node-lifecycle/zone-partial-disruption"),
  zoneFull: define("controllers/node-lifecycle/zone-full-disruption"),
  allFull: define("controllers/node-lifecycle/all-zones-full-disruption"),
  allFullOver: define("controllers/node-lifecycle/full-disruption-over"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
