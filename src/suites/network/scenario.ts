import * as Schema from "effect/Schema";
import { scenarioFields } from "../../harness/scenario.ts";
import { defaulting, Milliseconds, whole, within } from "../../harness/schema.ts";
import { type ControlPlaneScenario, OperationSchema, SystemSchema } from "../control-plane/scenario.ts";

const some = (value: number) => defaulting(within(0.001, 86_400_000), value);
const port = whole(1, 65_535);

/** Where requests go: a service by its name, an address, or the node that they enter by. */
const TargetSchema = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("service"),
    namespace: defaulting(Schema.String, "default"),
    name: Schema.String,
  }),
  Schema.Struct({ kind: Schema.Literal("address"), address: Schema.String }),
  Schema.Struct({ kind: Schema.Literal("node") }),
]);

/** What a client does again and again. */
const PlanSchema = Schema.Struct({
  name: Schema.String,
  target: TargetSchema,
  protocol: defaulting(Schema.Literals(["TCP", "UDP"]), "TCP"),
  port,
  startsAfterMs: defaulting(Milliseconds, 5000),
  everyMs: some(1000),
  /** 0: without end. */
  times: defaulting(whole(0, 1_000_000), 0),
  /** So many requests on one connection, or from one port; 1: each has its own. */
  requestsPerFlow: defaulting(whole(1, 1_000_000), 1),
});

/** Clients: one on each node, which comes by the network of its node, and one outside, which comes by the nodes in turn. */
const TrafficSchema = Schema.Struct({
  onNodes: defaulting(Schema.Array(PlanSchema), []),
  outside: defaulting(Schema.Array(PlanSchema), []),
  /** A request that is not answered by then has failed. */
  timeoutMs: some(1000),
});

/** Proxies; the fields are those of ProxyConfig. */
const ProxySchema = Schema.Struct({
  minSyncMs: some(1000),
  maxSyncMs: some(30_000),
  fullSyncMs: some(3_600_000),
  udpTimeoutMs: some(30_000),
  udpStreamTimeoutMs: some(120_000),
  tcpOpenTimeoutMs: some(120_000),
  tcpTimeoutMs: some(86_400_000),
});

/**
 * A cluster as that of `control-plane`, and the network of its nodes: on each a proxy (`proxy-1`, …) and a client
 * (`client-1`, …); a server of names `dns-1` on the host `dns`, and `client-outside` on the host `outside`.
 */
export const NetworkSystemSchema = Schema.Struct({
  ...SystemSchema.fields,
  proxy: defaulting(ProxySchema, {}),
  traffic: defaulting(TrafficSchema, {}),
});

export const NetworkScenarioSchema = Schema.Struct({
  ...scenarioFields,
  suite: Schema.Literal("network"),
  system: NetworkSystemSchema,
  workload: defaulting(Schema.Array(OperationSchema), []),
});

export type NetworkSystem = typeof NetworkSystemSchema.Type;
export type NetworkScenario = typeof NetworkScenarioSchema.Type;
export type PlanSpec = typeof PlanSchema.Type;
export type ProxySpec = typeof ProxySchema.Type;

/** Where pods have their addresses from: blocks for as many nodes as there may be. */
export const CLUSTER_CIDR = "10.244.0.0/14";

/** The cluster of a scenario without the network of its nodes; their blocks of addresses and load balancers come from controllers. */
export function clusterOf(scenario: NetworkScenario): ControlPlaneScenario {
  const { config } = scenario.system;
  const controllers = {
    "node-ipam": { clusterCIDR: CLUSTER_CIDR },
    "service-lb-controller": {},
    ...config.controllers,
  };
  return { ...scenario, suite: "control-plane", system: { ...scenario.system, config: { ...config, controllers } } };
}
