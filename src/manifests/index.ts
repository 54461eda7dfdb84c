export { pathOf } from "./documents.ts";
export { describeFlaws, readManifests, readStoredObjects } from "./read.ts";
export type * from "./types.ts";
