import { NO_EXPECTATIONS } from "../../machinery/client/expectations.ts";
import type { Controller } from "../controller.ts";
import { observe } from "./observe.ts";
import { answered, sync } from "./sync.ts";
import type { ReplicaSetConfig, ReplicaSetState, ReplicaSetTask } from "./types.ts";

export { REPLICASET_NOTES } from "./notes.ts";
export type * from "./types.ts";

export const REPLICASET_DEFAULTS: ReplicaSetConfig = Object.freeze({
  expectationsTimeoutUs: 300_000_000,
  burstReplicas: 500,
});

/** Keeps as many pods as a ReplicaSet asks for (kubernetes pkg/controller/replicaset). */
export const replicaset: Controller<ReplicaSetState, ReplicaSetTask, ReplicaSetConfig> = {
  name: "replicaset",
  informers: [
    { resource: "replicasets", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
    { resource: "pods", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
  ],
  workers: 5,
  defaults: REPLICASET_DEFAULTS,
  initial: { expectations: NO_EXPECTATIONS },
  observe,
  sync,
  answered,
};
