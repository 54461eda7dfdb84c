import { emptyOrderedMap } from "../../kernel/index.ts";
import { EXPECTATIONS_TIMEOUT_US, NO_EXPECTATIONS } from "../../machinery/client/expectations.ts";
import type { Controller } from "../controller.ts";
import { observe } from "./observe.ts";
import { answered, sync } from "./sync.ts";
import type { DaemonSetConfig, DaemonSetState, DaemonSetTask } from "./types.ts";

export { DAEMONSET_NOTES } from "./notes.ts";
export type * from "./types.ts";

export const DAEMONSET_DEFAULTS: DaemonSetConfig = Object.freeze({
  expectationsTimeoutUs: EXPECTATIONS_TIMEOUT_US,
  burstReplicas: 250,
  failedPodsBackoffUs: 1_000_000,
  failedPodsBackoffMaxUs: 900_000_000,
});

/** Keeps one pod on each node that fits (kubernetes pkg/controller/daemon). */
export const daemonset: Controller<DaemonSetState, DaemonSetTask, DaemonSetConfig> = {
  name: "daemonset",
  informers: [
    { resource: "daemonsets", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 },
    { resource: "pods", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
    { resource: "nodes", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 },
    { resource: "controllerrevisions", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
  ],
  workers: 2,
  defaults: DAEMONSET_DEFAULTS,
  initial: { expectations: NO_EXPECTATIONS, backoffs: emptyOrderedMap() },
  observe,
  sync,
  answered,
};
