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
import { PROXY_DEFAULTS, proxy, proxyInformers } from "../../../models/proxy/index.ts";
import type { ProcessSpec, System } from "../../simulator/system.ts";

export const DNS: ProcessId = "dns-1";
/** Where pods have their addresses from. */
const CLUSTER_CIDR = "10.244.0.0/14";
/** The last address of a node's block is never a pod's. */
const CLIENT_PLACE = 254;

/** What clients do: on each node, and from outside. */
export interface Traffic {
  readonly onNodes: readonly TrafficPlan[];
  readonly outside: readonly TrafficPlan[];
}

/**
 * A cluster with the network of its nodes: a proxy on each (`proxy-1`, …), a server of names on the first master, a client on
 * each node (`client-1`, …), and one outside (`client-outside`) that comes by the nodes in turn.
 */
export function withNetwork(system: System<ClusterTypes>, traffic: Traffic): System<ClusterTypes> {
  const servers = system.processes.flatMap(({ id, config }) => (config.kind === "apiServer" ? [id] : []));
  const master = system.processes.find(({ config }) => config.kind === "apiServer")?.host;
  const nodes = system.processes.flatMap(({ host, config }) => (config.kind === "kubelet" ? [{ host, config }] : []));
  const runtimes: Record<string, ProcessId> = {};
  for (const { id, config } of system.processes) if (config.kind === "runtime") runtimes[config.node] = id;
  const api = (id: ProcessId, user: string, informers: readonly InformerSpec[]): ApiConfig => ({
    ...API_DEFAULTS,
    id,
    user,
    servers,
    informers,
  });
  const added: ProcessSpec<ClusterTypes>[] = [];
  const networks = nodes.map(({ config }, at) => ({ id: `proxy-${at + 1}`, address: config.address }));
  for (const [at, { host, config }] of nodes.entries()) {
    const { id, address } = networks[at]!;
    const own = api(id, "system:kube-proxy", proxyInformers());
    const places = { node: config.node, address, runtimes, clusterCIDR: CLUSTER_CIDR };
    added.push({ id, host, machine: as(proxy), config: { ...PROXY_DEFAULTS, id, api: own, ...places } });
  }
  if (master !== undefined) {
    const own = api(DNS, "system:coredns", DNS_INFORMERS);
    const config = { kind: "dns", id: DNS, domain: "cluster.local", api: own } as const;
    added.push({ id: DNS, host: master, machine: as(dnsServer), config });
  }
  const client = (
    id: ProcessId,
    host: string,
    address: string,
    plans: readonly TrafficPlan[],
    own: typeof networks,
  ) => {
    if (plans.length === 0 || own.length === 0) return;
    const config = { ...TRAFFIC_CLIENT_DEFAULTS, id, address, networks: own, dns: DNS, plans };
    added.push({ id, host, machine: as(trafficClient), config });
  };
  for (const [at, { host, config }] of nodes.entries()) {
    const address = config.podCIDR.replace(/\d+\/\d+$/, String(CLIENT_PLACE));
    client(`client-${at + 1}`, host, address, traffic.onNodes, networks.slice(at, at + 1));
  }
  client("client-outside", "outside", "203.0.113.7", traffic.outside, networks);
  return { ...system, processes: [...system.processes, ...added] };
}

/** The types of the world are the unions over all kinds of process. */
function as(machine: unknown): Machine<ClusterTypes> {
  return machine as Machine<ClusterTypes>;
}
