import { check } from "../../harness/schema.ts";
import { type Rename, renameBy, simplerConfigs, withRenamed } from "../shared/simplify.ts";
import type { ConfigSpec } from "./config.ts";
import { configWith, systemWith } from "./defaults.ts";
import { SHORT } from "./paces.ts";
import {
  type Cast,
  type ControlPlaneOperation,
  type ControlPlaneScenario,
  type ControlPlaneSystem,
  castOf,
  type ImageSpec,
  OperationSchema,
  processIdsOf,
} from "./scenario.ts";

/** Simpler scenarios, the boldest change first: fewer hosts, fewer objects, switches at their defaults. */
export function* simplerScenarios(scenario: ControlPlaneScenario): Iterable<ControlPlaneScenario> {
  yield* fewerHosts(scenario);
  yield* fewerObjects(scenario);
  yield* plainSystems(scenario);
}

function* fewerHosts(scenario: ControlPlaneScenario): Iterable<ControlPlaneScenario> {
  const { system } = scenario;
  for (const masters of [1, 2].filter((fewer) => fewer < system.masters)) {
    const etcdMembers = Math.min(system.etcdMembers, masters);
    yield withSystem(scenario, { ...system, masters, etcdMembers });
  }
  if (system.etcd === "external") yield withSystem(scenario, { ...system, etcd: "stacked", etcdMembers: 0 });
  for (const nodes of [1, 2, 3, 5].filter((fewer) => fewer < system.nodes))
    yield withSystem(scenario, { ...system, nodes });
  for (let gone = system.nodes; gone >= 1 && system.nodes > 1; gone--) yield withoutNode(scenario, gone);
}

function* fewerObjects(scenario: ControlPlaneScenario): Iterable<ControlPlaneScenario> {
  const { system } = scenario;
  const { objects, images } = system;
  for (const [i, object] of objects.entries())
    if (!isAskedFor(object, scenario)) yield { ...scenario, system: { ...system, objects: objects.toSpliced(i, 1) } };
  for (const [i, object] of objects.entries())
    for (const simpler of fewerReplicas(object))
      yield { ...scenario, system: { ...system, objects: objects.with(i, simpler) } };
  const text = JSON.stringify([objects, scenario.workload]);
  const used = images.filter(({ image }) => text.includes(image.replace("*", "")));
  if (used.length < images.length) yield { ...scenario, system: { ...system, images: used } };
  for (const [i, image] of images.entries())
    if (!(used.includes(image) && comesToAnEnd(image)))
      yield { ...scenario, system: { ...system, images: images.toSpliced(i, 1) } };
}

/**
 * What runs as init container or in a Job comes to an end by its image. Without it, it would run for ever, and the same
 * property might fail for want of that end.
 */
function comesToAnEnd({ exitsAfterMs, exitsTimes }: ImageSpec): boolean {
  return exitsAfterMs > 0 && exitsTimes === 0;
}

type Manifest = ControlPlaneSystem["objects"][number];

/**
 * Classes, and volumes of a class, that something names. Without them it would wait for ever, or be refused, and the same
 * property might fail for want of them.
 */
function isAskedFor(object: Manifest, { system, workload }: ControlPlaneScenario): boolean {
  const reference = referenceTo(object);
  if (reference === null) return false;
  // Volumes and classes need no class for themselves.
  const askers = system.objects.filter(({ kind }) => kind !== "PersistentVolume" && kind !== "StorageClass");
  return JSON.stringify([askers, workload]).includes(reference);
}

/** The field by which others ask for an object, as it stands in their text. */
function referenceTo(object: Manifest): string | null {
  const { kind, metadata, spec = {} } = object as unknown as Named;
  switch (kind) {
    case "PriorityClass":
      return field("priorityClassName", metadata.name);
    case "StorageClass":
      return field("storageClassName", metadata.name);
    case "PersistentVolume":
      return field("storageClassName", spec.storageClassName ?? "");
    default:
      return null;
  }
}

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly storageClassName?: string };
}

function field(name: string, value: string): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

function* fewerReplicas(object: Manifest): Iterable<Manifest> {
  const spec = object["spec"] as Readonly<Record<string, unknown>> | undefined;
  for (const field of ["replicas", "completions", "parallelism"]) {
    const count = spec?.[field];
    if (typeof count !== "number") continue;
    for (const fewer of [1, 2, count - 1])
      if (fewer >= 1 && fewer < count) yield { ...object, spec: { ...spec, [field]: fewer } };
  }
}

function* plainSystems(scenario: ControlPlaneScenario): Iterable<ControlPlaneScenario> {
  const { system } = scenario;
  const defaults = systemWith({});
  for (const field of ["zones", "runtime", "liveRestore", "node", "nodeOverrides"] as const)
    if (JSON.stringify(system[field]) !== JSON.stringify(defaults[field]))
      yield { ...scenario, system: { ...system, [field]: defaults[field] } };
  for (const config of simplerConfigsOf(system.config)) yield { ...scenario, system: { ...system, config } };
}

/** The configuration of the quick pace, then each part of it at its defaults, then single fields. */
function* simplerConfigsOf(config: ConfigSpec): Iterable<ConfigSpec> {
  const short = configWith(SHORT.config);
  const text = JSON.stringify(config);
  for (const whole of [defaultConfig(), short]) if (JSON.stringify(whole) !== text) yield whole;
  for (const part of Object.keys(config) as (keyof ConfigSpec)[])
    for (const simpler of simplerConfigs<Readonly<Record<string, unknown>>>(config[part], short[part], paceOf(part)))
      if (JSON.stringify(simpler) !== JSON.stringify(config[part])) yield { ...config, [part]: simpler };
}

/** Fields that only make sense together. */
function paceOf(part: keyof ConfigSpec): RegExp {
  return part === "election" || part === "store" ? /Ms$/ : /^$/;
}

function defaultConfig(): ConfigSpec {
  return configWith({});
}

/** An operation with one option at its default, or left out, where it may be. */
export function* simplerOperations(operation: ControlPlaneOperation): Iterable<ControlPlaneOperation> {
  for (const key of Object.keys(operation) as (keyof ControlPlaneOperation & string)[]) {
    if (["kind", "atMs", "objects", "manifests"].includes(key)) continue;
    const { [key]: _, ...rest } = operation;
    const checked = check(OperationSchema, rest);
    if (checked.kind === "flawed") continue;
    if (!(key in checked.value)) yield rest as ControlPlaneOperation;
    else if (JSON.stringify(checked.value[key]) !== JSON.stringify(operation[key]))
      yield { ...operation, [key]: checked.value[key] } as ControlPlaneOperation;
  }
  if (!("objects" in operation)) return;
  for (const [i] of operation.objects.entries())
    yield { ...operation, objects: operation.objects.toSpliced(i, 1) } as ControlPlaneOperation;
}

/** The scenario with another system; what names somebody who is no longer there is left out. */
function withSystem(scenario: ControlPlaneScenario, system: ControlPlaneSystem): ControlPlaneScenario {
  const before = castOf(scenario.system);
  const after = new Set(namesOf(castOf(system)));
  const table = new Map(namesOf(before).map((name) => [name, after.has(name) ? name : null]));
  return renamed(
    { ...scenario, system: { ...system, nodeOverrides: system.nodeOverrides.filter(({ name }) => after.has(name)) } },
    renameBy(table),
  );
}

/** One node is gone, and those after it move up. */
function withoutNode(scenario: ControlPlaneScenario, gone: number): ControlPlaneScenario {
  const { system } = scenario;
  const table = new Map<string, string | null>();
  for (const prefix of ["node-", "kubelet-", "runtime-", "proxy-", "client-"]) {
    table.set(`${prefix}${gone}`, null);
    for (let i = gone + 1; i <= system.nodes; i++) table.set(`${prefix}${i}`, `${prefix}${i - 1}`);
  }
  const rename = renameBy(table);
  const nodeOverrides = system.nodeOverrides.flatMap((own) => {
    const name = rename(own.name);
    return name === null ? [] : [{ ...own, name }];
  });
  return renamed({ ...scenario, system: { ...system, nodes: system.nodes - 1, nodeOverrides } }, rename);
}

function renamed(scenario: ControlPlaneScenario, rename: Rename): ControlPlaneScenario {
  const workload: ControlPlaneOperation[] = [];
  for (const operation of scenario.workload) {
    const node = "node" in operation ? rename(operation.node) : "";
    if (node !== null) workload.push("node" in operation ? { ...operation, node } : operation);
  }
  // What is in manifests names no process, whatever its fields are called.
  return { ...withRenamed({ ...scenario, workload: [] }, rename), workload };
}

function namesOf(cast: Cast): readonly string[] {
  return [...processIdsOf(cast), ...cast.masters, ...cast.nodes, ...cast.memberHosts];
}
