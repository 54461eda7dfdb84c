import * as Schema from "effect/Schema";
import { PointSchema, phasesSchema, scenarioFields } from "../../harness/scenario.ts";
import { defaulting, Milliseconds, whole } from "../../harness/schema.ts";
import { ConfigSchema } from "./config.ts";

/** An object as it stands in a manifest. What is in it is checked as the API server does; see `manifests.ts`. */
const Manifest = Schema.Record(Schema.String, Schema.Unknown);
/** Manifests in the scenario, or files of them relative to it; the loader puts the objects of the files in their place. */
const manifests = {
  objects: defaulting(Schema.Array(Manifest), []),
  manifests: defaulting(Schema.Array(Schema.String), []),
};

/** How the programs in an image behave; the fields are those of Behaviour, what is left out is its default. */
const ImageSchema = Schema.Struct({
  /** An image, or the start of one with `*` behind it. The first that fits is taken. */
  image: Schema.String,
  startsAfterMs: defaulting(Milliseconds, 0),
  readyAfterMs: defaulting(Milliseconds, 0),
  exitsAfterMs: defaulting(Milliseconds, 0),
  exitCode: defaulting(whole(0, 255), 0),
  exitsTimes: defaulting(whole(0, 1000), 0),
  hangsAfterMs: defaulting(Milliseconds, 0),
  ignoresSigterm: defaulting(Schema.Boolean, false),
  stopsAfterMs: defaulting(Milliseconds, 100),
  stopsWithError: defaulting(Schema.Boolean, false),
  memoryMi: defaulting(whole(0, 1_000_000), 32),
  pullMs: defaulting(Milliseconds, 500),
  pullFails: defaulting(Schema.Boolean, false),
  createStalls: defaulting(whole(0, 1000), 0),
});

const RuntimeSchema = Schema.Literals(["docker", "containerd", "rkt"]);

const nodeFields = {
  cpu: defaulting(Schema.Union([Schema.String, Schema.Finite]), "4"),
  memory: defaulting(Schema.String, "8Gi"),
  pods: defaulting(whole(0, 100_000), 110),
};

/** Of the API: a taint that a node registers with. */
const TaintSchema = Schema.Struct({
  key: Schema.String,
  value: Schema.optionalKey(Schema.String),
  effect: Schema.Literals(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

/** A node that differs from the others. */
const NodeSchema = Schema.Struct({
  name: Schema.String,
  cpu: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite])),
  memory: Schema.optionalKey(Schema.String),
  pods: Schema.optionalKey(whole(0, 100_000)),
  zone: Schema.optionalKey(Schema.String),
  runtime: Schema.optionalKey(RuntimeSchema),
  labels: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** Extended resources: `example.com/gpu: 1`. */
  resources: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite]))),
  taints: Schema.optionalKey(Schema.Array(TaintSchema)),
});

/**
 * A cluster: `master-1`, … with an API server, a controller manager and a scheduler each (`api-1`,
 * `controller-manager-1`, `scheduler-1`), members of the store `m1`, … on the masters or on hosts `etcd-1`, …; `node-1`, …
 * with `kubelet-1` and `runtime-1`; and a person with `kubectl` on the host `admin`.
 */
export const SystemSchema = Schema.Struct({
  masters: defaulting(whole(1, 5), 1),
  nodes: defaulting(whole(0, 1000), 3),
  etcd: defaulting(Schema.Literals(["stacked", "external"]), "stacked"),
  /** Members of an external store; 0: as many as masters. */
  etcdMembers: defaulting(whole(0, 5), 0),
  /** Nodes are spread over so many zones, `zone-1` and so on, in turn. */
  zones: defaulting(whole(1, 10), 1),
  runtime: defaulting(RuntimeSchema, "docker"),
  /** Of docker: containers outlive the daemon. */
  liveRestore: defaulting(Schema.Boolean, false),
  node: defaulting(Schema.Struct(nodeFields), {}),
  nodeOverrides: defaulting(Schema.Array(NodeSchema), []),
  images: defaulting(Schema.Array(ImageSchema), []),
  config: defaulting(ConfigSchema, {}),
  /** What is applied at the start. */
  ...manifests,
});

/** Commands of one session are done one after another. */
const asked = {
  atMs: defaulting(Milliseconds, 0),
  on: Schema.optionalKey(PointSchema),
  session: defaulting(whole(0, 99), 0),
};
const named = {
  ...asked,
  resource: Schema.String,
  namespace: defaulting(Schema.String, "default"),
  name: Schema.String,
};
/** `node` is a node's name; a role such as `leader` is none. */
const onNode = { ...asked, node: Schema.String };
const TaintEffect = Schema.Literals(["NoSchedule", "PreferNoSchedule", "NoExecute"]);

/** Labels or annotations; null takes one away. */
const values = Schema.Record(Schema.String, Schema.NullOr(Schema.String));

/** What a person does with kubectl. */
export const OperationSchema = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("apply"), ...asked, ...manifests }),
  Schema.Struct({ kind: Schema.Literal("create"), ...asked, ...manifests }),
  Schema.Struct({ kind: Schema.Literal("replace"), ...asked, object: Manifest }),
  Schema.Struct({ kind: Schema.Literal("scale"), ...named, replicas: whole(0, 100_000) }),
  Schema.Struct({
    kind: Schema.Literal("setImage"),
    ...named,
    container: defaulting(Schema.String, "*"),
    image: Schema.String,
  }),
  Schema.Struct({ kind: Schema.Literal("rolloutUndo"), ...named, toRevision: defaulting(whole(0, 1_000_000), 0) }),
  Schema.Struct({ kind: Schema.Literal("rolloutRestart"), ...named }),
  Schema.Struct({ kind: Schema.Literal("rolloutPause"), ...named, paused: defaulting(Schema.Boolean, true) }),
  Schema.Struct({
    kind: Schema.Literal("delete"),
    ...named,
    propagation: Schema.optionalKey(Schema.Literals(["Orphan", "Background", "Foreground"])),
    gracePeriodSeconds: Schema.optionalKey(whole(-1, 1_000_000)),
    wait: defaulting(Schema.Boolean, true),
  }),
  Schema.Struct({ kind: Schema.Literal("cordon"), ...onNode }),
  Schema.Struct({ kind: Schema.Literal("uncordon"), ...onNode }),
  Schema.Struct({
    kind: Schema.Literal("drain"),
    ...onNode,
    /** -1: that of each pod. */
    gracePeriodSeconds: defaulting(whole(-1, 1_000_000), -1),
    /** 0: it waits however long it takes. */
    timeoutMs: defaulting(Milliseconds, 0),
  }),
  Schema.Struct({
    kind: Schema.Literal("taint"),
    ...onNode,
    key: Schema.String,
    value: defaulting(Schema.String, ""),
    effect: defaulting(TaintEffect, "NoSchedule"),
    remove: defaulting(Schema.Boolean, false),
  }),
  Schema.Struct({ kind: Schema.Literal("label"), ...named, values }),
  Schema.Struct({ kind: Schema.Literal("annotate"), ...named, values }),
  Schema.Struct({
    kind: Schema.Literal("patch"),
    ...named,
    type: defaulting(Schema.Literals(["merge", "strategic"]), "strategic"),
    patch: Manifest,
  }),
  /** Reads the object and writes it back, so often and at this distance: whoever else writes it meets conflicts. */
  Schema.Struct({
    kind: Schema.Literal("rewrite"),
    ...named,
    count: defaulting(whole(1, 1000), 1),
    everyMs: defaulting(Milliseconds, 100),
  }),
]);

/** What the scenario of a cluster has, whatever suite it is of. */
export const clusterFields = {
  ...scenarioFields,
  // Until a cluster is at rest it takes minutes, by the durations of the real one. Who is sooner does not wait.
  phases: phasesSchema(600_000),
  system: SystemSchema,
  workload: defaulting(Schema.Array(OperationSchema), []),
};

export const ControlPlaneScenarioSchema = Schema.Struct({
  ...clusterFields,
  suite: Schema.Literal("control-plane"),
});

export type ControlPlaneSystem = typeof SystemSchema.Type;
export type ControlPlaneOperation = typeof OperationSchema.Type;
export type ControlPlaneScenario = typeof ControlPlaneScenarioSchema.Type;
export type ImageSpec = typeof ImageSchema.Type;
export type ManifestSpec = Readonly<Record<string, unknown>>;

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

/** Who is in a cluster, in the order of the processes. */
export interface Cast {
  readonly members: readonly string[];
  readonly apiServers: readonly string[];
  readonly managers: readonly string[];
  readonly schedulers: readonly string[];
  readonly kubelets: readonly string[];
  readonly runtimes: readonly string[];
  readonly nodes: readonly string[];
  readonly masters: readonly string[];
  /** The host of each member. */
  readonly memberHosts: readonly string[];
  /** Where a suite has the network of its nodes: on each node a proxy, and who asks services there. */
  readonly proxies: readonly string[];
  readonly clients: readonly string[];
}

export function castOf({
  masters,
  nodes,
  etcd,
  etcdMembers,
  traffic,
}: Pick<ControlPlaneSystem, "masters" | "nodes" | "etcd" | "etcdMembers"> & { readonly traffic?: unknown }): Cast {
  const members = etcd === "external" && etcdMembers > 0 ? etcdMembers : masters;
  return {
    members: numbered("m", members),
    apiServers: numbered("api-", masters),
    managers: numbered("controller-manager-", masters),
    schedulers: numbered("scheduler-", masters),
    kubelets: numbered("kubelet-", nodes),
    runtimes: numbered("runtime-", nodes),
    nodes: numbered("node-", nodes),
    masters: numbered("master-", masters),
    memberHosts: numbered(etcd === "external" ? "etcd-" : "master-", members),
    proxies: traffic === undefined ? [] : numbered("proxy-", nodes),
    clients: traffic === undefined ? [] : numbered("client-", nodes),
  };
}

/** The person's process. */
export const KUBECTL = "kubectl";
export const ADMIN = "admin";
/** Beside proxies: who knows the names of services, and who asks services from outside, each on a host of its own. */
export const DNS = "dns-1";
export const DNS_HOST = "dns";
export const OUTSIDE_CLIENT = "client-outside";
export const OUTSIDE = "outside";

/** All processes, in their order. */
export function processIdsOf(cast: Cast): readonly string[] {
  const { members, apiServers, managers, schedulers, kubelets, runtimes, proxies, clients } = cast;
  const onNodes = kubelets.flatMap((kubelet, i) => [kubelet, runtimes[i]!]);
  const network = proxies.length === 0 ? [] : [...proxies, DNS, ...clients, OUTSIDE_CLIENT];
  return [...members, ...apiServers, ...managers, ...schedulers, ...onNodes, KUBECTL, ...network];
}

/** All hosts that are not processes as well. */
export function hostsOf({ masters, nodes, memberHosts, proxies }: Cast): readonly string[] {
  const network = proxies.length === 0 ? [] : [DNS_HOST, OUTSIDE];
  return [...new Set([...masters, ...memberHosts, ...nodes, ADMIN, ...network])];
}
