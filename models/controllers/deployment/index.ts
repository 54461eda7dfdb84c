import { type Controller, NO_SETTINGS } from "../controller.ts";
import { observe } from "./observe.ts";
import { answered, sync } from "./sync.ts";
import type { DeploymentConfig, DeploymentTask } from "./types.ts";

export { DEPLOYMENT_NOTES } from "./notes.ts";
export type * from "./types.ts";

/** Rolls out new templates of a Deployment by sets of replicas (kubernetes pkg/controller/deployment). */
export const deployment: Controller<null, DeploymentTask, DeploymentConfig> = {
  name: "deployment",
  informers: [
    { resource: "deployments", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 },
    { resource: "replicasets", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
    { resource: "pods", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
  ],
  workers: 5,
  defaults: NO_SETTINGS,
  initial: null,
  observe,
  sync,
  answered,
};
