/**
 * The words of the network: what clients, the network of a node and the pods on it say to one another.
 *
 * A packet goes from a client to the network of its own node (from outside: of the node it was sent to), which knows the
 * services' rules and the connections under way (`models/proxy`); from there to the node that has the endpoint's address,
 * where the sandbox answers (`models/runtime/packets.ts`); and the same way back. What is lost on its way has no answer.
 */
import type { MachineTypes, Micros, OrderedMap, ProcessId } from "../kernel/index.ts";
import type { ApiMessage } from "../machinery/api.ts";
import type { ApiConfig, ApiState } from "../machinery/client/types.ts";
import type { Uid } from "../machinery/kinds/index.ts";

export type Protocol = "TCP" | "UDP" | "SCTP";

/** What a connection is known by, as its client writes it. */
export interface Tuple {
  readonly protocol: Protocol;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** Unique in a run. */
export type PacketId = string;

/**
 * `open` begins a connection, `data` is a request on one (of UDP: a datagram), `close` ends it. `peer` is what has
 * accepted a TCP connection: it stands for the sequence numbers, by which another one knows that it never did.
 */
export interface Packet {
  readonly id: PacketId;
  readonly tuple: Tuple;
  readonly step: "open" | "data" | "close";
  readonly peer: string;
}

/** `answered`: a program has answered. `refused`: nobody listens there. `reset`: not on this connection. */
export type PacketOutcome = "answered" | "refused" | "reset";

export type NetworkMessage =
  /** From a client to the network of a node. */
  | { readonly kind: "netPacket"; readonly packet: Packet }
  /** From the network of a node to the node that has the address. */
  | {
      readonly kind: "netDeliver";
      readonly packet: Packet;
      readonly client: ProcessId;
      readonly address: string;
      readonly port: number;
    }
  /** Its answer. `pod` is the UID of the pod that has the address, `peer` its instance that has answered; empty: none. */
  | {
      readonly kind: "netDelivered";
      readonly packet: Packet;
      readonly client: ProcessId;
      readonly outcome: PacketOutcome;
      readonly pod: Uid;
      readonly peer: string;
    }
  | {
      readonly kind: "netReply";
      readonly id: PacketId;
      readonly outcome: PacketOutcome;
      readonly pod: Uid;
      readonly peer: string;
    };

// ---- Names

export type DnsType = "A" | "AAAA" | "SRV" | "CNAME" | "PTR";

export interface DnsRecord {
  readonly name: string;
  readonly type: DnsType;
  /** An address, a name, or of SRV `priority weight port name`. */
  readonly value: string;
}

export interface DnsResult {
  /** `NOERROR` without records: the name is there, with records of other types. */
  readonly code: "NOERROR" | "NXDOMAIN" | "SERVFAIL";
  readonly records: readonly DnsRecord[];
}

export type DnsMessage =
  | { readonly kind: "dnsQuery"; readonly id: PacketId; readonly name: string; readonly type: DnsType }
  | { readonly kind: "dnsAnswer"; readonly id: PacketId; readonly result: DnsResult };

/** A server of the cluster's names (CoreDNS with its plug-in `kubernetes`). */
export interface DnsConfig {
  readonly kind: "dns";
  readonly id: ProcessId;
  readonly api: ApiConfig;
  /** [cluster.local] */
  readonly domain: string;
}

export interface DnsState {
  readonly kind: "dns";
  readonly config: DnsConfig;
  readonly api: ApiState;
}

export interface DnsTypes extends MachineTypes {
  readonly state: DnsState;
  readonly message: ApiMessage | DnsMessage;
  readonly request: never;
  readonly response: never;
  readonly record: never;
  readonly durable: null;
  readonly config: DnsConfig;
}

// ---- Clients

/** Where requests go: a service by its name, an address, or the node that they enter by (a node port). */
export type TrafficTarget =
  | { readonly kind: "service"; readonly namespace: string; readonly name: string }
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "node" };

/** What a client does, from a time on, again and again. Durations are microseconds. */
export interface TrafficPlan {
  readonly name: string;
  readonly target: TrafficTarget;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
  /** After the boot. */
  readonly startsAfterUs: Micros;
  readonly everyUs: Micros;
  /** How many; 0: without end. */
  readonly times: number;
  /** So many requests on one connection or flow, from one source port; 1: each has its own. */
  readonly requestsPerFlow: number;
}

export interface TrafficClientConfig {
  readonly kind: "trafficClient";
  readonly id: ProcessId;
  readonly address: string;
  /** The networks that it can send to: of its own node alone; from outside those of several nodes, in turn. */
  readonly networks: readonly { readonly id: ProcessId; readonly address: string }[];
  /** The domain of the cluster's names [cluster.local]. */
  readonly domain: string;
  /** Empty: it knows addresses only. */
  readonly dns: ProcessId;
  readonly plans: readonly TrafficPlan[];
  /** A request that is not answered after this has timed out [1 s]. */
  readonly timeoutUs: Micros;
  /** Results that are kept; older ones are forgotten. */
  readonly resultsMax: number;
}

export type TrafficOutcome = PacketOutcome | "timedOut" | "noSuchName";

/** What became of a request. */
export interface TrafficResult {
  /** 1 for the first of the client's requests. */
  readonly number: number;
  readonly plan: string;
  readonly sentAt: Micros;
  readonly endedAt: Micros;
  readonly tuple: Tuple;
  readonly network: ProcessId;
  readonly outcome: TrafficOutcome;
  /** The pod that has answered, by its UID; empty: none. */
  readonly pod: Uid;
}

/** A connection or a flow that a plan uses. */
export interface TrafficFlow {
  readonly network: ProcessId;
  readonly tuple: Tuple;
  /** TCP: what has accepted it; empty: it is being opened, or it is a flow of datagrams. */
  readonly peer: string;
  readonly requests: number;
  /** The last request on it has failed: the name is asked for again before the next one. */
  readonly failed: boolean;
}

/** A request under way: a name is asked for, a connection opened, or the request itself is sent. */
export interface TrafficPending {
  readonly id: PacketId;
  readonly plan: number;
  readonly stage: "name" | "open" | "data";
  readonly number: number;
  readonly sentAt: Micros;
  readonly deadline: Micros;
  /** Null while the name is asked for, unless for a flow that has failed. */
  readonly flow: TrafficFlow | null;
}

export interface TrafficClientState {
  readonly kind: "trafficClient";
  readonly config: TrafficClientConfig;
  readonly bootedAt: Micros;
  /** Made so far: requests, ids, source ports. */
  readonly requests: number;
  readonly ids: number;
  readonly ports: number;
  /** By plan: how many requests it has begun, and the flow that it uses. */
  readonly begun: readonly number[];
  readonly flows: readonly (TrafficFlow | null)[];
  readonly pending: OrderedMap<TrafficPending>;
  /** The last ones, oldest first. */
  readonly results: readonly TrafficResult[];
  readonly wakeAt: Micros;
}

export interface TrafficClientTypes extends MachineTypes {
  readonly state: TrafficClientState;
  readonly message: NetworkMessage | DnsMessage;
  readonly request: never;
  readonly response: never;
  readonly record: never;
  readonly durable: null;
  readonly config: TrafficClientConfig;
}
