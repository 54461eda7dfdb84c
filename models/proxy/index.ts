import type { Machine } from "../kernel/index.ts";
import { KERNEL_FORMAT } from "./kernel.ts";
import { NOTE_NAMES } from "./notes.ts";
import { boot, step } from "./step.ts";
import type { ProxyTypes } from "./types.ts";

export { categorize, endpointsOf, type Place } from "./endpoints.ts";
export { flowKey } from "./kernel.ts";
export { healthCheckAnswer, rulesOf } from "./rules.ts";
export { PROXY_DEFAULTS, proxyInformers } from "./step.ts";
export type * from "./types.ts";

/** kube-proxy with the network of its node; see the README for its rules, and for what is not modelled. */
export const proxy: Machine<ProxyTypes> = { boot, step, disk: KERNEL_FORMAT };

export const PROXY_NOTES: readonly string[] = NOTE_NAMES;
