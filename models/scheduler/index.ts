export { SCHEDULER_NOTES } from "./notes.ts";
export { SCHEDULER_DEFAULTS, scheduler } from "./scheduler.ts";
export type * from "./types.ts";
