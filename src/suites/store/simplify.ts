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

/** Simpler scenarios, the boldest change first: simpler systems, then workloads of which less has to be said. */
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

/**
 * Operations in the order of their times; all that follow each other as one that is made so many times; all options of all
 * of them at their defaults.
 */
export function* simplerWorkloads(scenario: StoreScenario): Iterable<StoreScenario> {
  const { workload } = scenario;
  const inOrder = workload.toSorted((a, b) => a.atMs - b.atMs);
  if (inOrder.some((operation, i) => operation !== workload[i])) yield { ...scenario, workload: inOrder };
  for (const gapMs of GAPS_MS) {
    const together = counted(workload, gapMs);
    if (together.length < workload.length) yield { ...scenario, workload: together };
  }
  const plain = workload.map((operation) => {
    let least = operation;
    for (let next = first(simplerOperations(least)); next !== null; next = first(simplerOperations(least)))
      least = next;
    return least;
  });
  if (plain.some((operation, i) => operation !== workload[i])) yield { ...scenario, workload: plain };
}

type Counted = Extract<StoreOperation, { readonly count: number }>;

/** How far from each other operations may be that are taken for one: any time first. */
const GAPS_MS = [Number.POSITIVE_INFINITY, 999];

/** Operations of one kind that follow each other, all by the same session, become the first of them, so many times. */
function counted(workload: readonly StoreOperation[], gapMs: number): readonly StoreOperation[] {
  const together: StoreOperation[] = [];
  for (const operation of workload) {
    const last = together.at(-1);
    if (last !== undefined && isCounted(last) && isCounted(operation) && isAlike(last, operation, gapMs))
      together[together.length - 1] = { ...last, count: Math.min(1000, last.count + operation.count) };
    else together.push(operation);
  }
  return together;
}

function isCounted(operation: StoreOperation): operation is Counted {
  return "count" in operation;
}

function isAlike(a: Counted, b: Counted, gapMs: number): boolean {
  if (b.atMs - a.atMs > gapMs) return false;
  if (a.kind !== b.kind || a.client !== b.client || a.session !== b.session) return false;
  return a.on === undefined && b.on === undefined;
}

/** An operation, or one within a transaction, with one option at its default. */
export function* simplerOperations(operation: StoreOperation): Iterable<StoreOperation> {
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
