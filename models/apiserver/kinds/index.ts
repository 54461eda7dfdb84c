import type { ResourceName } from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { type ResourceInfo, resourceNamed } from "../../machinery/resources.ts";
import type { Strategy } from "../strategy.ts";
import { customStrategy, type KindRules, kindStrategy } from "./base.ts";
import { PRIORITY_CLASS, STORAGE_CLASS } from "./classes.ts";
import { CONFIG_MAP, SECRET } from "./configuration.ts";
import { CRON_JOB } from "./cronjob.ts";
import { DAEMON_SET } from "./daemonset.ts";
import { DEPLOYMENT } from "./deployment.ts";
import { POD_DISRUPTION_BUDGET } from "./disruption-budget.ts";
import { JOB } from "./job.ts";
import { NAMESPACE } from "./namespace.ts";
import { NODE } from "./node.ts";
import { PERSISTENT_VOLUME } from "./persistent-volume.ts";
import { PERSISTENT_VOLUME_CLAIM } from "./persistent-volume-claim.ts";
import { POD } from "./pod.ts";
import { REPLICA_SET } from "./replicaset.ts";
import { SERVICE } from "./service.ts";
import { CONTROLLER_REVISION, ENDPOINT_SLICE, EVENT, LEASE } from "./small-kinds.ts";
import { STATEFUL_SET } from "./statefulset.ts";

const STRATEGIES: ReadonlyMap<string, Strategy> = new Map(
  [
    kind("namespaces", NAMESPACE),
    kind("nodes", NODE),
    kind("pods", POD),
    kind("services", SERVICE),
    kind("configmaps", CONFIG_MAP),
    kind("secrets", SECRET),
    kind("persistentvolumes", PERSISTENT_VOLUME),
    kind("persistentvolumeclaims", PERSISTENT_VOLUME_CLAIM),
    kind("events", EVENT),
    kind("replicasets", REPLICA_SET),
    kind("deployments", DEPLOYMENT),
    kind("statefulsets", STATEFUL_SET),
    kind("daemonsets", DAEMON_SET),
    kind("controllerrevisions", CONTROLLER_REVISION),
    kind("jobs", JOB),
    kind("cronjobs", CRON_JOB),
    kind("endpointslices", ENDPOINT_SLICE),
    kind("leases", LEASE),
    kind("poddisruptionbudgets", POD_DISRUPTION_BUDGET),
    kind("priorityclasses", PRIORITY_CLASS),
    kind("storageclasses", STORAGE_CLASS),
  ].map((strategy) => [strategy.resource.name, strategy]),
);

function kind<O extends KubeObject>(name: ResourceName, rules: KindRules<O>): Strategy {
  return kindStrategy(resourceNamed(name), rules);
}

/** What the API server does with objects of a resource: by the rules of its kind, or as a custom resource. */
export function strategyFor(resource: ResourceInfo): Strategy {
  return STRATEGIES.get(resource.name) ?? customStrategy(resource);
}

export { SYSTEM_PRIORITY_CLASSES } from "./classes.ts";
