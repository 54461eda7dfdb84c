import type { Machine } from "../kernel/index.ts";
import { CONTROLLERS } from "./controllers.ts";
import { CRON_JOB_NOTES } from "./cronjob/index.ts";
import { DAEMONSET_NOTES } from "./daemonset/index.ts";
import { DATABASE_OPERATOR_NOTES } from "./database-operator/index.ts";
import { DEPLOYMENT_NOTES } from "./deployment/index.ts";
import { DISRUPTION_NOTES } from "./disruption/index.ts";
import { ENDPOINT_SLICE_NOTES } from "./endpointslice/index.ts";
import { GARBAGE_COLLECTOR_NOTES } from "./garbage-collector/index.ts";
import { JOB_NOTES } from "./job/index.ts";
import { controllerManager as managerOf } from "./manager.ts";
import { NAMESPACE_NOTES } from "./namespace/index.ts";
import { NODE_IPAM_NOTES } from "./node-ipam/index.ts";
import { NODE_LIFECYCLE_NOTES } from "./node-lifecycle/index.ts";
import { MANAGER_NOTES } from "./notes.ts";
import { POD_GC_NOTES } from "./pod-gc/index.ts";
import { REPLICASET_NOTES } from "./replicaset/index.ts";
import { SERVICE_LB_NOTES } from "./service-lb/index.ts";
import { STATEFULSET_NOTES } from "./statefulset/index.ts";
import { TAINT_EVICTION_NOTES } from "./taint-eviction/index.ts";
import type { ControllerManagerTypes } from "./types.ts";
import { VOLUME_BINDING_NOTES } from "./volume-binding/index.ts";

export { CONTROLLERS } from "./controllers.ts";
export { CONTROLLER_MANAGER_DEFAULTS } from "./manager.ts";
export type * from "./types.ts";

/** A controller manager with all controllers; see the README for their rules, and for what is not modelled. */
export const controllerManager: Machine<ControllerManagerTypes> = managerOf(CONTROLLERS);

/** The names of all notes of the manager and its controllers. */
export const CONTROLLER_MANAGER_NOTES: readonly string[] = [
  MANAGER_NOTES,
  DEPLOYMENT_NOTES,
  REPLICASET_NOTES,
  STATEFULSET_NOTES,
  DAEMONSET_NOTES,
  GARBAGE_COLLECTOR_NOTES,
  NODE_LIFECYCLE_NOTES,
  NODE_IPAM_NOTES,
  TAINT_EVICTION_NOTES,
  ENDPOINT_SLICE_NOTES,
  JOB_NOTES,
  DISRUPTION_NOTES,
  NAMESPACE_NOTES,
  POD_GC_NOTES,
  CRON_JOB_NOTES,
  VOLUME_BINDING_NOTES,
  DATABASE_OPERATOR_NOTES,
  SERVICE_LB_NOTES,
].flat();
