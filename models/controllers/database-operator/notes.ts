import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the operator of databases can make, by the rule that makes it. */
export const note = {
  claimMade: define("controllers/database-operator/claim-made"),
  podMade: define("controllers/database-operator/pod-made"),
  claimGrown: define("controllers/database-operator/claim-grown"),
  restarted: define("controllers/database-operator/instance-restarted"),
  behind: define("controllers/database-operator/instance-behind-its-claim"),
  podSurplus: define("controllers/database-operator/instance-too-many"),
  claimDeleted: define("controllers/database-operator/claim-deleted"),
  claimSpared: define("controllers/database-operator/claim-wanted-after-all"),
  tornDown: define("controllers/database-operator/torn-down"),
  claimsLeft: define("controllers/database-operator/claims-left-after-all"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
