import { check } from "../../harness/schema.ts";
import { fewerVoters, PACE, renameBy, simplerConfigs, withRenamed } from "../shared/simplify.ts";
import { memberIdsOf, type RaftScenario, RaftScenarioSchema, type RaftSystemSpec } from "./scenario.ts";

/** Simpler clusters for a scenario, the boldest change first: fewer members, then switches at their defaults. */
export function* simplerSystems(scenario: RaftScenario): Iterable<RaftScenario> {
  for (const system of fewerMembers(scenario.system)) yield withSystem(scenario, system);
  if (Object.keys(scenario.system.overrides).length > 0)
    yield withSystem(scenario, { ...scenario.system, overrides: {} });
  for (const config of simplerConfigs(scenario.system.config, defaultConfig(), PACE))
    yield withSystem(scenario, { ...scenario.system, config });
}

function* fewerMembers(system: RaftSystemSpec): Iterable<RaftSystemSpec> {
  for (const voters of fewerVoters(system.voters)) yield { ...system, voters };
  for (const list of ["learners", "spares"] as const)
    for (const count of [0, 1]) if (count < system[list]) yield { ...system, [list]: count };
}

/**
 * The scenario on another cluster. Members keep their number within their group, and what names a member that is no
 * longer there is left out.
 */
function withSystem(scenario: RaftScenario, system: RaftSystemSpec): RaftScenario {
  const before = memberIdsOf(scenario.system);
  const renamed = new Map<string, string | null>();
  const groups: [keyof Pick<RaftSystemSpec, "voters" | "learners" | "spares">, number, number][] = [
    ["voters", 0, 0],
    ["learners", scenario.system.voters, system.voters],
    ["spares", scenario.system.voters + scenario.system.learners, system.voters + system.learners],
  ];
  for (const [group, oldStart, newStart] of groups)
    for (let i = 0; i < scenario.system[group]; i++)
      renamed.set(before[oldStart + i]!, i < system[group] ? `m${newStart + i + 1}` : null);
  const rename = renameBy(renamed);
  const overrides = Object.entries(system.overrides).flatMap(([id, override]) => {
    const to = rename(id);
    return to === null ? [] : [[to, override] as const];
  });
  return { ...withRenamed(scenario, rename), system: { ...system, overrides: Object.fromEntries(overrides) } };
}

function defaultConfig(): RaftSystemSpec["config"] {
  const checked = check(RaftScenarioSchema, { suite: "raft", system: { voters: 1 }, phases: { chaosMs: 0 } });
  if (checked.kind === "flawed") throw new Error("the defaults of a Raft scenario do not fit its schema");
  return checked.value.system.config;
}
