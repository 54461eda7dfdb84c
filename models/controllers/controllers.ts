import type { Controller } from "./controller.ts";
import { cronJob } from "./cronjob/index.ts";
import { daemonset } from "./daemonset/index.ts";
import { databaseOperator } from "./database-operator/index.ts";
import { deployment } from "./deployment/index.ts";
import { disruption } from "./disruption/index.ts";
import { endpointSlice } from "./endpointslice/index.ts";
import { garbageCollector } from "./garbage-collector/index.ts";
import { jobController, ttlAfterFinished } from "./job/index.ts";
import { namespaceController } from "./namespace/index.ts";
import { nodeIpam } from "./node-ipam/index.ts";
import { nodeLifecycle } from "./node-lifecycle/index.ts";
import { podGc } from "./pod-gc/index.ts";
import { replicaset } from "./replicaset/index.ts";
import { serviceLb } from "./service-lb/index.ts";
import { statefulset } from "./statefulset/index.ts";
import { taintEviction } from "./taint-eviction/index.ts";
import { volumeBinding } from "./volume-binding/index.ts";

/** All controllers, in the order in which their queues are worked on. */
export const CONTROLLERS: readonly Controller[] = [
  deployment,
  replicaset,
  statefulset,
  daemonset,
  garbageCollector,
  nodeLifecycle,
  nodeIpam,
  taintEviction,
  endpointSlice,
  jobController,
  ttlAfterFinished,
  disruption,
  namespaceController,
  podGc,
  cronJob,
  volumeBinding,
  databaseOperator,
  serviceLb,
];
