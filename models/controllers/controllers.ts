import type { Controller } from "./controller.ts";
import { deployment } from "./deployment/index.ts";
import { replicaset } from "./replicaset/index.ts";

/** All controllers, in the order in which their queues are worked on. */
export const CONTROLLERS: readonly Controller[] = [
  deployment,
  replicaset,
] as readonly unknown[] as readonly Controller[];
