import type * as Schema from "effect/Schema";
import { check } from "../../harness/schema.ts";
import { fewerVoters, PACE, type Rename, renameBy, simplerConfigs, withRenamed } from "../shared/simplify.ts";
import {
  clientIdsOf,
  isClientId,
  memberIdsOf,
  OperationSchema,
  type StoreOperation,
  type StoreScenario,
  StoreScenarioSchema,
  type StoreSystemSpec,
  TxnOpSchema,
} from "./scenario.ts";

/** Simpler scenarios, the boldest change first: simpler systems, then operations of which less has to be said. */
export function* simplerScenarios(scenario: StoreScenario): Iterable<StoreScenario> {
  yield* simplerSystems(scenario);
  yield* simplerWorkloads(scenario);
}

/** Simpler systems for a scenario: fewer members, fewer clients, then switches at their defaults. */
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

/** Operations in the order of their times; all options of all of them at their defaults; then one option at a time. */
export function* simplerWorkloads(scenario: StoreScenario): Iterable<StoreScenario> {
  const { workload } = scenario;
  const inOrder = workload.toSorted((a, b) => a.atMs - b.atMs);
  if (inOrder.some((operation, i) => operation !== workload[i])) yield { ...scenario, workload: inOrder };
  const plain = workload.map((operation) => {
    let least = operation;
    for (let next = first(simplerOperations(least)); next !== null; next = first(simplerOperations(least)))
      least = next;
    return least;
  });
  if (plain.some((operation, i) => operation !== workload[i])) yield { ...scenario, workload: plain };
  for (const [i, operation] of workload.entries())
    for (const simpler of simplerOperations(operation)) yield { ...scenario, workload: workload.with(i, simpler) };
}

function* simplerOperations(operation: StoreOperation): Iterable<StoreOperation> {
  yield* withDefaults(OperationSchema, operation);
  if (operation.kind !== "txn") return;
  for (const branch of ["success", "failure"] as const)
    for (const [i, op] of operation[branch].entries())
      for (const simpler of withDefaults(TxnOpSchema, op))
        yield { ...operation, [branch]: operation[branch].with(i, simpler) };
}

/** The value with one field at its default, or left out, where it may be. When something happens is for others. */
function* withDefaults<T extends object>(schema: Schema.ConstraintDecoder<T>, value: T): Iterable<T> {
  for (const key of Object.keys(value) as (keyof T & string)[]) {
    if (key === "kind" || key === "atMs") continue;
    const { [key]: _, ...rest } = value;
    const checked = check(schema, rest);
    if (checked.kind === "flawed") continue;
    if (!(key in checked.value)) yield rest as T;
    else if (JSON.stringify(checked.value[key]) !== JSON.stringify(value[key]))
      yield { ...value, [key]: checked.value[key] };
  }
}

function first<T>(values: Iterable<T>): T | null {
  for (const value of values) return value;
  return null;
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
