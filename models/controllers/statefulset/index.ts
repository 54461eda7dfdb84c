import type { Controller } from "../controller.ts";
import { observe } from "./observe.ts";
import { answered, sync } from "./sync.ts";
import type { StatefulSetConfig, StatefulSetTask } from "./types.ts";

export { STATEFULSET_NOTES } from "./notes.ts";
export type * from "./types.ts";

export const STATEFULSET_DEFAULTS: StatefulSetConfig = Object.freeze({ replacesBrokenPods: false });

/** Keeps pods with an identity, in order (kubernetes pkg/controller/statefulset). */
export const statefulset: Controller<null, StatefulSetTask, StatefulSetConfig> = {
  name: "statefulset",
  informers: [
    { resource: "statefulsets", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 },
    { resource: "pods", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
    { resource: "persistentvolumeclaims", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 },
    { resource: "controllerrevisions", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
  ],
  workers: 5,
  defaults: STATEFULSET_DEFAULTS,
  initial: null,
  observe,
  sync,
  answered,
};
