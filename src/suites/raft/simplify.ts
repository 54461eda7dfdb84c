import { check } from "../../harness/schema.ts";
import { memberIdsOf, type RaftScenario, RaftScenarioSchema, type RaftSystemSpec } from "./scenario.ts";

/** Simpler clusters for a scenario, the boldest change first: fewer members, then switches at their defaults. */
export function* simplerSystems(scenario: RaftScenario): Iterable<RaftScenario> {
  for (const system of fewerMembers(scenario.system)) yield withSystem(scenario, system);
  if (Object.keys(scenario.system.overrides).length > 0)
    yield withSystem(scenario, { ...scenario.system, overrides: {} });
  const { config } = scenario.system;
  const defaults = defaultConfig();
  yield withSystem(scenario, { ...scenario.system, config: defaults });
  for (const key of Object.keys(defaults) as (keyof typeof defaults)[])
    if (config[key] !== defaults[key] && !/^election|^heartbeat/.test(key))
      yield withSystem(scenario, { ...scenario.system, config: { ...config, [key]: defaults[key] } });
}

function* fewerMembers(system: RaftSystemSpec): Iterable<RaftSystemSpec> {
  for (const voters of [1, 2, 3, 5]) if (voters < system.voters) yield { ...system, voters };
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
  const rename = (name: string): string | null => (renamed.has(name) ? renamed.get(name)! : name);
  const keep = <T extends object>(action: T): T[] => {
    const copy = renameIn(action, rename);
    return copy === null ? [] : [copy as T];
  };
  const overrides = Object.entries(system.overrides).flatMap(([id, override]) => {
    const to = rename(id);
    return to === null ? [] : [[to, override] as const];
  });
  return {
    ...scenario,
    system: { ...system, overrides: Object.fromEntries(overrides) },
    workload: scenario.workload.flatMap(keep),
    faults: scenario.faults.flatMap(keep),
    phases: {
      ...scenario.phases,
      stayDown: scenario.phases.stayDown.flatMap((id) => rename(id) ?? []),
    },
  };
}

const NAMING = new Set(["to", "from", "target", "member", "process", "side"]);

/** A copy of an action with members renamed; null when it names one that is gone, and nothing is left of it. */
function renameIn(value: unknown, rename: (name: string) => string | null): unknown {
  if (Array.isArray(value)) {
    const kept = value
      .map((item) => (typeof item === "string" ? rename(item) : renameIn(item, rename)))
      .filter((item) => item !== null);
    return kept.length === 0 ? null : kept;
  }
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) {
    const renamed =
      NAMING.has(key) && typeof part === "string"
        ? rename(part)
        : typeof part === "object"
          ? renameIn(part, rename)
          : part;
    if (renamed === null) return null;
    copy[key] = renamed;
  }
  return copy;
}

function defaultConfig(): RaftSystemSpec["config"] {
  const checked = check(RaftScenarioSchema, { suite: "raft", system: { voters: 1 }, phases: { chaosMs: 0 } });
  if (checked.kind === "flawed") throw new Error("the defaults of a Raft scenario do not fit its schema");
  return checked.value.system.config;
}
