import { check } from "../../harness/schema.ts";
import { fewerVoters, PACE, type Rename, renameBy, simplerConfigs, withRenamed } from "../shared/simplify.ts";
import {
  clientIdsOf,
  isClientId,
  memberIdsOf,
  type StoreScenario,
  StoreScenarioSchema,
  type StoreSystemSpec,
} from "./scenario.ts";

/** Simpler systems for a scenario, the boldest change first: fewer members, fewer clients, then switches at their defaults. */
export function* simplerSystems(scenario: StoreScenario): Iterable<StoreScenario> {
  const { system } = scenario;
  for (const members of fewerVoters(system.members))
    yield withSystem(scenario, { ...system, members }, withoutAfter(memberIdsOf(system), members));
  if (system.clients > 1) {
    yield withSystem(scenario, { ...system, clients: 1 }, (name) => (isClientId(name) ? "c1" : name));
    for (let left = system.clients; left >= 1; left--)
      yield withSystem(scenario, { ...system, clients: system.clients - 1 }, without(clientIdsOf(system), left - 1));
  }
  const defaults = defaultSystem();
  for (const config of simplerConfigs(system.config, defaults.config, PACE))
    yield { ...scenario, system: { ...system, config } };
  for (const client of simplerConfigs(system.client, defaults.client))
    yield { ...scenario, system: { ...system, client } };
}

function withSystem(scenario: StoreScenario, system: StoreSystemSpec, rename: Rename): StoreScenario {
  return { ...withRenamed(scenario, rename), system };
}

/** All but the first few are gone. */
function withoutAfter(ids: readonly string[], count: number): Rename {
  return renameBy(new Map(ids.map((id, i) => [id, i < count ? id : null])));
}

/** One is gone, and those after it move up. */
function without(ids: readonly string[], gone: number): Rename {
  return renameBy(new Map(ids.map((id, i) => [id, i < gone ? id : i === gone ? null : ids[i - 1]!])));
}

function defaultSystem(): StoreSystemSpec {
  const checked = check(StoreScenarioSchema, { suite: "store", system: { members: 1 }, phases: { chaosMs: 0 } });
  if (checked.kind === "flawed") throw new Error("the defaults of a store scenario do not fit its schema");
  return checked.value.system;
}
