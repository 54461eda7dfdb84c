import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the controller of load balancers can make, by the rule that makes it. */
export const note = {
  held: define("controllers/service-lb/finalizer-added"),
  ensured: define("controllers/service-lb/address-told"),
  cleaned: define("controllers/service-lb/address-taken-back"),
  released: define("controllers/service-lb/finalizer-removed"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
