import type { Machine } from "../kernel/index.ts";
import { boot } from "./boot.ts";
import { runtimeDisk } from "./disk.ts";
import { step } from "./step.ts";
import type { RuntimeTypes } from "./types.ts";

export { RUNTIME_DEFAULTS } from "./defaults.ts";
export { RUNTIME_NOTES } from "./notes.ts";
export * from "./types.ts";

/** A container runtime of a host, behind the CRI. See the README for the rules, and for what is not modelled. */
export const runtime: Machine<RuntimeTypes> = { boot, step, disk: runtimeDisk };
