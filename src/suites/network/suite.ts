import { API_SERVER_NOTES } from "../../../models/apiserver/index.ts";
import type { ClusterTypes } from "../../../models/cluster/types.ts";
import { ENDPOINT_SLICE_NOTES } from "../../../models/controllers/endpointslice/index.ts";
import { NODE_IPAM_NOTES } from "../../../models/controllers/node-ipam/index.ts";
import { SERVICE_LB_NOTES } from "../../../models/controllers/service-lb/index.ts";
import { DNS_NOTES, TRAFFIC_CLIENT_NOTES } from "../../../models/network/index.ts";
import { PROXY_NOTES } from "../../../models/proxy/index.ts";
import { networkProperties } from "../../../properties/network/index.ts";
import type { Suite } from "../../harness/suite.ts";
import { contradiction } from "../control-plane/contradiction.ts";
import type { ControlPlaneOperation } from "../control-plane/scenario.ts";
import { CLUSTER_PARTS, controlPlaneSuite } from "../control-plane/suite.ts";
import { networkScenario } from "./arbitrary.ts";
import { clusterOf, type NetworkScenario, NetworkScenarioSchema, type NetworkSystem } from "./scenario.ts";
import { simplerNetworks } from "./simplify.ts";
import { networkSystem } from "./system.ts";

type NetworkSuite = Suite<ClusterTypes, NetworkSystem, ControlPlaneOperation>;

/** Services, their proxies, names and addresses, and who asks them while the cluster behind them is in trouble. */
export const networkSuite: NetworkSuite = {
  name: "network",
  summary: "Services, proxies, names and addresses of a Kubernetes cluster, under traffic from inside and outside",
  schema: NetworkScenarioSchema,
  profiles: {
    quick: { name: "quick", runs: 300, chaosMsMax: 40_000, operationsMax: 8, faultsMax: 4, episodesMax: 3 },
    ci: { name: "ci", runs: 1000, chaosMsMax: 60_000, operationsMax: 16, faultsMax: 6, episodesMax: 5 },
    long: { name: "long", runs: 20_000, chaosMsMax: 180_000, operationsMax: 40, faultsMax: 20, episodesMax: 12 },
  },
  properties: networkProperties,
  ...CLUSTER_PARTS,
  rules: [
    ...PROXY_NOTES,
    ...DNS_NOTES,
    ...TRAFFIC_CLIENT_NOTES,
    ...ENDPOINT_SLICE_NOTES,
    ...NODE_IPAM_NOTES,
    ...SERVICE_LB_NOTES,
    ...API_SERVER_NOTES.filter((name) => name.startsWith("apiserver/allocation/")),
  ],
  arbitrary: networkScenario as NetworkSuite["arbitrary"],
  contradiction: (scenario) => contradiction(clusterOf(scenario as NetworkScenario)),
  system: (scenario) => networkSystem(scenario as NetworkScenario),
  excuse: controlPlaneSuite.excuse,
  simplify: (scenario) => simplerNetworks(scenario as NetworkScenario),
};
