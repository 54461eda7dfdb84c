import type { Controller } from "./controller.ts";
import { deployment } from "./deployment/index.ts";
import { endpointSlice } from "./endpointslice/index.ts";
import { garbageCollector } from "./garbage-collector/index.ts";
import { jobController, ttlAfterFinished } from "./job/index.ts";
import { nodeLifecycle } from "./node-lifecycle/index.ts";
import { replicaset } from "./replicaset/index.ts";
import { statefulset } from "./statefulset/index.ts";
import { taintEviction } from "./taint-eviction/index.ts";

/** All controllers, in the order in which their queues are worked on. */
export const CONTROLLERS: readonly Controller[] = [
  deployment,
  replicaset,
  statefulset,
  garbageCollector,
  nodeLifecycle,
  taintEviction,
  endpointSlice,
  jobController,
  ttlAfterFinished,
];
