import type { ClusterTypes } from "../../../models/cluster/types.ts";
import type { Machine, ProcessId } from "../../../models/kernel/index.ts";
import { API_DEFAULTS } from "../../../models/machinery/client/api.ts";
import type { ApiConfig, InformerSpec } from "../../../models/machinery/client/types.ts";
import {
  DNS_INFORMERS,
  dnsServer,
  TRAFFIC_CLIENT_DEFAULTS,
  type TrafficPlan,
  trafficClient,
} from "../../../models/network/index.ts";
import { PROXY_DEFAULTS, type ProxyConfig, proxy, proxyInformers } from "../../../models/proxy/index.ts";
import type { ProcessSpec, System } from "../../simulator/system.ts";
import { DNS, DNS_HOST, OUTSIDE, OUTSIDE_CLIENT } from "../control-plane/scenario.ts";
import { CLUSTER_CIDR } from "./scenario.ts";

/** Where clients on nodes have theirs from: within the cluster's range, and in no node's block. */
const CLIENT_ADDRESSES = "10.247.255.";

/** What clients do: on each node, and from outside. */
export interface Traffic {
  readonly onNodes: readonly TrafficPlan[];
  readonly outside: readonly TrafficPlan[];
  /** A request that is not answered by then has failed; left out: 1 s. */
  readonly timeoutUs?: number;
}

/** How the processes of the network are configured beside their defaults. */
export interface NetworkSettings {
  readonly client?: Partial<ApiConfig>;
  readonly proxy?: Partial<ProxyConfig>;
}

/**
 * A cluster with the network of its nodes: a proxy on each (`proxy-1`, …), a server of names, a client on each node
 * (`client-1`, …), and one outside that comes by the nodes in turn.
 */
export function withNetwork(
  system: System<ClusterTypes>,
  traffic: Traffic,
  settings: NetworkSettings = {},
): System<ClusterTypes> {
  const servers = system.processes.flatMap(({ id, config }) => (config.kind === "apiServer" ? [id] : []));
  const nodes = system.processes.flatMap(({ host, config }) => (config.kind === "kubelet" ? [{ host, config }] : []));
  if (nodes.length === 0) return system;
  const runtimes: Record<string, ProcessId> = {};
  for (const { id, config } of system.processes) if (config.kind === "runtime") runtimes[config.node] = id;
  const api = (id: ProcessId, user: string, at: number, informers: readonly InformerSpec[]): ApiConfig => ({
    ...API_DEFAULTS,
    ...settings.client,
    id,
    user,
    servers: rotated(servers, at),
    informers,
  });
  const added: ProcessSpec<ClusterTypes>[] = [];
  const networks = nodes.map(({ config }, at) => ({ id: `proxy-${at + 1}`, address: config.address }));
  for (const [at, { host, config }] of nodes.entries()) {
    const { id, address } = networks[at]!;
    const own = api(id, "system:kube-proxy", at, proxyInformers());
    const places = { node: config.node, address, runtimes, clusterCIDR: CLUSTER_CIDR };
    added.push({
      id,
      host,
      machine: as(proxy),
      config: { ...PROXY_DEFAULTS, ...settings.proxy, id, api: own, ...places },
    });
  }
  const names = { kind: "dns", id: DNS, domain: "cluster.local", api: api(DNS, "system:coredns", 0, DNS_INFORMERS) };
  added.push({ id: DNS, host: DNS_HOST, machine: as(dnsServer), config: names as ClusterTypes["config"] });
  const client = (
    id: ProcessId,
    host: string,
    address: string,
    plans: readonly TrafficPlan[],
    own: typeof networks,
  ) => {
    const { timeoutUs = TRAFFIC_CLIENT_DEFAULTS.timeoutUs } = traffic;
    const config = { ...TRAFFIC_CLIENT_DEFAULTS, timeoutUs, id, address, networks: own, dns: DNS, plans };
    added.push({ id, host, machine: as(trafficClient), config });
  };
  for (const [at, { host }] of nodes.entries()) {
    client(`client-${at + 1}`, host, `${CLIENT_ADDRESSES}${at + 1}`, traffic.onNodes, networks.slice(at, at + 1));
  }
  client(OUTSIDE_CLIENT, OUTSIDE, "203.0.113.7", traffic.outside, networks);
  return { ...system, processes: [...system.processes, ...added] };
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** The types of the world are the unions over all kinds of process. */
function as(machine: unknown): Machine<ClusterTypes> {
  return machine as Machine<ClusterTypes>;
}
