import type { ClusterTypes } from "../../../models/cluster/types.ts";
import type { TrafficPlan } from "../../../models/network/index.ts";
import type { System } from "../../simulator/system.ts";
import { inMicros } from "../control-plane/config.ts";
import { controlPlaneSystem } from "../control-plane/system.ts";
import { us } from "../shared/raft-config.ts";
import { clusterOf, type NetworkScenario, type PlanSpec } from "./scenario.ts";
import { withNetwork } from "./with-network.ts";

/** The cluster of a scenario, with the network of its nodes and who makes traffic on it. */
export function networkSystem(scenario: NetworkScenario): System<ClusterTypes> {
  const { config, proxy, traffic } = scenario.system;
  return withNetwork(
    controlPlaneSystem(clusterOf(scenario)),
    {
      onNodes: traffic.onNodes.map(planOf),
      outside: traffic.outside.map(planOf),
      timeoutUs: us(traffic.timeoutMs),
    },
    { client: inMicros(config.client), proxy: inMicros(proxy) },
  );
}

function planOf(plan: PlanSpec): TrafficPlan {
  return inMicros(plan);
}
