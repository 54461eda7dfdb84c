import { API_SERVER_NOTES } from "../../../models/apiserver/index.ts";
import type { ClusterTypes } from "../../../models/cluster/types.ts";
import { CONTROLLER_MANAGER_NOTES } from "../../../models/controllers/index.ts";
import { KUBECTL_NOTES } from "../../../models/kubectl/index.ts";
import { KUBELET_NOTES } from "../../../models/kubelet/index.ts";
import { CLIENT_NOTES } from "../../../models/machinery/client/notes.ts";
import { RUNTIME_NOTES } from "../../../models/runtime/index.ts";
import { SCHEDULER_NOTES } from "../../../models/scheduler/index.ts";
import { controlPlaneProperties } from "../../../properties/cluster/index.ts";
import type { Suite } from "../../harness/suite.ts";
import type { World } from "../../simulator/world.ts";
import { controlPlaneScenario } from "./arbitrary.ts";
import { contradiction } from "./contradiction.ts";
import { excuseOf } from "./excuse.ts";
import { manifests } from "./given.ts";
import { perform } from "./requests.ts";
import {
  type ControlPlaneOperation,
  type ControlPlaneScenario,
  ControlPlaneScenarioSchema,
  type ControlPlaneSystem,
  KUBECTL,
} from "./scenario.ts";
import { simplerOperations, simplerScenarios } from "./simplify.ts";
import { controlPlaneSystem } from "./system.ts";

export type ControlPlaneSuite = Suite<ClusterTypes, ControlPlaneSystem, ControlPlaneOperation>;

/** The rules of all that runs in a cluster. */
export const CLUSTER_RULES: readonly string[] = [
  ...API_SERVER_NOTES,
  ...CONTROLLER_MANAGER_NOTES,
  ...SCHEDULER_NOTES,
  ...KUBELET_NOTES,
  ...RUNTIME_NOTES,
  ...KUBECTL_NOTES,
  ...CLIENT_NOTES,
];

/** What suites of clusters have in common: the same processes, the same person, the same shrinking. */
export const CLUSTER_PARTS = {
  rules: CLUSTER_RULES,
  settle: { pollMs: 1000, stayPolls: 30 },
  manifests,
  contradiction: (scenario) => contradiction(scenario as ControlPlaneScenario),
  system: (scenario) => controlPlaneSystem(scenario as ControlPlaneScenario),
  perform,
  probe(world, poll) {
    if (poll === 0) forgetLostNodes(world);
  },
  simplify: (scenario) => simplerScenarios(scenario as ControlPlaneScenario),
  simplifyOperation: simplerOperations,
} as const satisfies Partial<ControlPlaneSuite>;

/** A Kubernetes cluster and a person with kubectl: what it promises, and that it comes to the desired state. */
export const controlPlaneSuite: ControlPlaneSuite = {
  name: "control-plane",
  summary: "Kubernetes: API servers on the store, controllers, a scheduler, kubelets and runtimes that converge",
  schema: ControlPlaneScenarioSchema,
  profiles: {
    quick: { name: "quick", runs: 300, chaosMsMax: 40_000, operationsMax: 12, faultsMax: 5, episodesMax: 3 },
    ci: { name: "ci", runs: 1000, chaosMsMax: 60_000, operationsMax: 20, faultsMax: 8, episodesMax: 5 },
    long: { name: "long", runs: 20_000, chaosMsMax: 180_000, operationsMax: 60, faultsMax: 30, episodesMax: 15 },
  },
  properties: controlPlaneProperties,
  ...CLUSTER_PARTS,
  arbitrary: controlPlaneScenario as ControlPlaneSuite["arbitrary"],
  excuse: (world) => excuseOf(world.processes),
};

/** A person deletes the nodes that are lost for good: no controller of a cloud is there to do it. */
function forgetLostNodes(world: World<ClusterTypes>): void {
  for (const { status, config } of world.processes) {
    if (status !== "dead" || config.kind !== "kubelet") continue;
    const command = {
      kind: "delete",
      resource: "nodes",
      namespace: "",
      name: config.node,
      options: {},
      wait: false,
    } as const;
    world.request(KUBECTL, `lost.${config.node}`, { session: 0, command });
  }
}
