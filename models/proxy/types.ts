/** kube-proxy and the network of its node. Durations are microseconds; in brackets, the real values. */
import type { MachineTypes, Micros, OrderedMap, ProcessId } from "../kernel/index.ts";
import type { ApiMessage } from "../machinery/api.ts";
import type { ApiConfig, ApiState } from "../machinery/client/types.ts";
import type { Uid } from "../machinery/kinds/index.ts";
import type { Routes } from "../machinery/net/index.ts";
import type { NetworkMessage, Protocol, Tuple } from "../network/types.ts";

export interface ProxyConfig {
  readonly kind: "proxy";
  readonly id: ProcessId;
  readonly node: string;
  /** With the informers of `proxyInformers`. */
  readonly api: ApiConfig;
  /** The node's own, at which node ports are. */
  readonly address: string;
  /** By node: the process that has its pods. The same list for all. */
  readonly runtimes: Readonly<Record<string, ProcessId>>;
  /** Where pods have their addresses: from there, external addresses of services are as internal ones. */
  readonly clusterCIDR: string;
  /** Between two syncs at least [minSyncPeriod, 1 s], and at most [syncPeriod, 30 s]. */
  readonly minSyncUs: Micros;
  readonly maxSyncUs: Micros;
  /** All rules are written anew after this [FullSyncPeriod, 1 h]. */
  readonly fullSyncUs: Micros;
  /** How long the kernel keeps a flow [nf_conntrack_udp_timeout, 30 s; …_stream, 120 s]. */
  readonly udpTimeoutUs: Micros;
  readonly udpStreamTimeoutUs: Micros;
  /** [nf_conntrack_tcp_timeout_syn_sent, 120 s; kube-proxy's tcpEstablishedTimeout, 24 h]. */
  readonly tcpOpenTimeoutUs: Micros;
  readonly tcpTimeoutUs: Micros;
}

/** Where a rule sends what it takes. `pod` is what the slice says of it, for those who look on. */
export interface Target {
  readonly ip: string;
  readonly port: number;
  readonly node: string;
  readonly pod: Uid;
}

/** The rules of one port of a service, as they are on one node. */
export interface PortRule {
  /** `namespace/name`. */
  readonly service: string;
  readonly portName: string;
  readonly protocol: Protocol;
  readonly clusterIP: string;
  readonly port: number;
  /** 0: none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  /** Who may come by the load balancer; empty: all. */
  readonly sourceRanges: readonly string[];
  /** Session affinity by the client's address; 0: none. */
  readonly affinityUs: Micros;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** For traffic of policy Cluster, and of policy Local. */
  readonly cluster: readonly Target[];
  readonly local: readonly Target[];
  /** There is an endpoint somewhere that could be used. */
  readonly hasAny: boolean;
  /** The addresses of all that serve, whatever the policies say: flows to them may go on. */
  readonly serving: readonly string[];
}

/** A connection or a flow that the kernel knows (conntrack). */
export interface Flow {
  readonly tuple: Tuple;
  /** Where it goes, for good; null: nobody had a rule for it when it began, and it goes where it says itself. */
  readonly target: Target | null;
  /** It has been answered. */
  readonly replied: boolean;
  /** When it was last used, by the local monotonic clock. */
  readonly at: Micros;
}

/** A client that has been at an endpoint before (the module `recent` of iptables). */
export interface Sticky {
  /** `ip:port`. */
  readonly target: string;
  readonly at: Micros;
}

/** What is in the node's kernel: it stays while kube-proxy is down, and goes with the host. */
export interface Kernel {
  /** Of the host, when it was written to last. */
  readonly hostBoots: number;
  /** By service. */
  readonly rules: OrderedMap<readonly PortRule[]>;
  /** By `TCP 10.96.0.1:80`, of node ports `TCP *:30080`: whose it is, and which of its rules. */
  readonly frontends: OrderedMap<{ readonly service: string; readonly at: number }>;
  /** By `TCP source:port>destination:port`. */
  readonly flows: OrderedMap<Flow>;
  /** By `service:port client`. */
  readonly sticky: OrderedMap<Sticky>;
  readonly routes: Routes;
}

/** A change of it. Null takes away. */
export type KernelRecord =
  | { readonly kind: "booted"; readonly hostBoots: number }
  | {
      readonly kind: "rules";
      readonly rules: readonly (readonly [service: string, rules: readonly PortRule[] | null])[];
    }
  | { readonly kind: "flows"; readonly flows: readonly (readonly [key: string, flow: Flow | null])[] }
  | { readonly kind: "sticky"; readonly key: string; readonly sticky: Sticky }
  | { readonly kind: "routes"; readonly routes: Routes };

export interface ProxyState {
  readonly kind: "proxy";
  readonly config: ProxyConfig;
  readonly api: ApiState;
  readonly kernel: Kernel;
  /** Services that have changed since the last sync. */
  readonly pending: OrderedMap<true>;
  /** The next sync writes all rules. */
  readonly isFullDue: boolean;
  /** Local monotonic times; 0: never. */
  readonly syncedAt: Micros;
  readonly fullSyncedAt: Micros;
  /** When the timer of the next sync is due; 0: it is not set. */
  readonly syncAt: Micros;
  /** Syncs so far since the boot, and what the informers of services and slices had seen at the last one. */
  readonly syncs: number;
  readonly syncedVersions: { readonly services: number; readonly slices: number };
}

export interface ProxyTypes extends MachineTypes {
  readonly state: ProxyState;
  readonly message: ApiMessage | NetworkMessage;
  readonly request: never;
  readonly response: never;
  readonly record: KernelRecord;
  readonly durable: Kernel;
  readonly config: ProxyConfig;
}
