import type { ControlPlaneScenario } from "../control-plane/scenario.ts";
import { simplerScenarios } from "../control-plane/simplify.ts";
import { networkScenarioWith } from "./arbitrary.ts";
import { clusterOf, type NetworkScenario, type NetworkSystem } from "./scenario.ts";

/** Simpler scenarios: fewer who ask, then what is simpler of the cluster, then the defaults of proxies. */
export function* simplerNetworks(scenario: NetworkScenario): Iterable<NetworkScenario> {
  const { system } = scenario;
  yield* fewerPlans(scenario);
  for (const simpler of simplerScenarios(clusterOf(scenario))) yield asNetwork(simpler);
  const { proxy } = networkScenarioWith({}).system;
  if (JSON.stringify(proxy) !== JSON.stringify(system.proxy)) yield { ...scenario, system: { ...system, proxy } };
}

function* fewerPlans(scenario: NetworkScenario): Iterable<NetworkScenario> {
  const { system } = scenario;
  for (const where of ["onNodes", "outside"] as const)
    for (const [i] of system.traffic[where].entries()) {
      const traffic = { ...system.traffic, [where]: system.traffic[where].toSpliced(i, 1) };
      yield { ...scenario, system: { ...system, traffic } };
    }
}

/** What is simplified of a cluster keeps the fields of its network. */
function asNetwork(scenario: ControlPlaneScenario): NetworkScenario {
  return { ...scenario, suite: "network", system: scenario.system as NetworkSystem };
}
