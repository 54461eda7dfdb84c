import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the endpoint slice controller can make, by the rule that makes it. */
export const note = {
  stale: define("controllers/endpointslice/cache-is-stale"),
  otherOwner: define("controllers/endpointslice/slice-of-another-service"),
  portUnknown: define("controllers/endpointslice/port-not-found"),
  nodeUnknown: define("controllers/endpointslice/node-not-found"),
  placeholder: define("controllers/endpointslice/placeholder"),
  filled: define("controllers/endpointslice/filled-existing"),
  created: define("controllers/endpointslice/created"),
  updated: define("controllers/endpointslice/updated"),
  deleted: define("controllers/endpointslice/deleted"),
  replaced: define("controllers/endpointslice/updated-instead-of-replaced"),
  foreignEdit: define("controllers/endpointslice/slice-changed-by-others"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
