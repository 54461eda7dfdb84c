export { describeFlaws, readManifests } from "./read.ts";
export type * from "./types.ts";
