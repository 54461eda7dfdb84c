import { mapEach, mapGet, type ProcessId } from "../../models/kernel/index.ts";
import type { Service } from "../../models/machinery/kinds/index.ts";
import type {
  NetworkMessage,
  PacketId,
  TrafficClientState,
  TrafficPlan,
  TrafficResult,
  Tuple,
} from "../../models/network/types.ts";
import type { ProxyState } from "../../models/proxy/types.ts";
import type { ClusterContext, ClusterProperty } from "../cluster/cluster-property.ts";
import { type SliceLedger, sliceLedgerOf } from "./slices.ts";
import { portFor, serviceOfPlan } from "./targets.ts";

/**
 * Availability. A request to a service that has a ready endpoint is answered, but for what a real cluster loses too: a
 * link is cut, a process is down, the endpoint has just died, or the proxy has not been told yet. A proxy that turns a
 * request away had no ready endpoint at the version of its rules; where it sends one to is an endpoint at that version;
 * a server of names that knows of no such name had no such service; a datagram that goes where no rule sends it has none.
 */
export const requestsFailForAReason: ClusterProperty = {
  id: "network/requests-fail-for-a-reason",
  kind: "always",
  source: "kubernetes, Disruptions; Virtual IPs and Service Proxies; pkg/proxy/topology.go",
  monitor(context) {
    const watch = new RequestWatch(context);
    return watch.slices.ledger.with({
      concerns: {
        changes: ["application", "results", "kernel"],
        messages: ["netPacket", "netDeliver", "netReply", "dnsAnswer"],
        notes: [],
      },
      onSend(process, _to, message) {
        if (message.kind === "netPacket") watch.sent(process.id, message.packet.id, message);
        else if (message.kind === "netDeliver") watch.delivered(message, process.state as ProxyState);
        else if (message.kind === "netReply") watch.replied(message.id, process.state as ProxyState);
        else if (message.kind === "dnsAnswer" && process.state?.kind === "dns" && message.result.code !== "SERVFAIL")
          watch.named(message.id, versionsOf(process.state.api.informers));
      },
      onStep(process, before, after, input) {
        if (after.kind === "proxy" && input.kind === "receive" && input.message.kind === "netPacket")
          watch.taken(after, input.message.packet.tuple);
        if (after.kind !== "trafficClient") return;
        const seen = (before as TrafficClientState).results.at(-1)?.number ?? 0;
        for (let i = after.results.length - 1; i >= 0 && after.results[i]!.number > seen; i--)
          watch.ended(process.id, before as TrafficClientState, after.results[i]!);
      },
    });
  },
};

interface Versions {
  readonly services: number;
  readonly slices: number;
}

/** … and which namespaces, where it is a server of names. */
interface NameVersions extends Versions {
  readonly namespaces: number;
}

/** What became of the last packet of a request. */
interface Trace {
  readonly id: PacketId;
  readonly isNew: boolean;
  /** Where it was sent to; null: nowhere. */
  address: string | null;
  /** Of the rules of the proxy that decided about it. */
  versions: Versions | null;
  isReplied: boolean;
}

type Sent = Extract<NetworkMessage, { readonly kind: "netPacket" }>;

class RequestWatch {
  readonly slices: SliceLedger;
  readonly #context: ClusterContext;
  readonly #byPacket = new Map<PacketId, Trace>();
  /** By client and flow: the last packet. */
  readonly #byFlow = new Map<string, Trace>();
  /** What a server of names knew when it answered. */
  readonly #names = new Map<PacketId, NameVersions>();

  constructor(context: ClusterContext) {
    this.#context = context;
    this.slices = sliceLedgerOf(context);
  }

  /** A proxy has taken a packet. */
  taken(proxy: ProxyState, tuple: Tuple): void {
    if (tuple.protocol !== "UDP" || proxy.syncs === 0) return;
    const flow = mapGet(proxy.kernel.flows, flowKey(tuple));
    if (flow === undefined || flow.target !== null) return;
    const service = this.#serviceFor(proxy, tuple);
    if (service !== null)
      this.#context.violate(
        `a datagram for ${service} goes by a flow of ${proxy.config.id} that began without a rule`,
        {
          ...tuple,
        },
      );
  }

  sent(client: ProcessId, id: PacketId, { packet: { tuple, step } }: Sent): void {
    if (step === "close") return;
    const trace = { id, isNew: step === "open", address: null, versions: null, isReplied: false };
    this.#byPacket.set(id, trace);
    this.#byFlow.set(flowOf(client, tuple), trace);
  }

  delivered({ packet, address }: Extract<NetworkMessage, { readonly kind: "netDeliver" }>, proxy: ProxyState): void {
    const trace = this.#byPacket.get(packet.id);
    if (trace === undefined) return;
    trace.address = address;
    trace.versions = proxy.syncedVersions;
    // A direct one is decided by no rule, and a connection goes on to where it began.
    if (address === packet.tuple.destination || (packet.tuple.protocol === "TCP" && !trace.isNew)) return;
    // It has just started, and goes by what was in the kernel before.
    if (proxy.syncs === 0) return;
    const service = this.#serviceFor(proxy, packet.tuple);
    if (service === null) return;
    const endpoints = this.slices.endpointsAt(service, trace.versions.slices);
    if (endpoints === undefined || endpoints.some(({ addresses }) => addresses.includes(address))) return;
    this.#context.violate(
      `${proxy.config.id} sends a request for ${service} to ${address}, which is no endpoint at its version`,
      { ...trace.versions, packet: packet.id },
    );
  }

  replied(id: PacketId, proxy: ProxyState): void {
    const trace = this.#byPacket.get(id);
    if (trace === undefined) return;
    trace.isReplied = true;
    trace.versions ??= proxy.syncedVersions;
  }

  named(id: PacketId, versions: NameVersions): void {
    this.#names.set(id, versions);
  }

  /** A request has come to its end. */
  ended(client: ProcessId, before: TrafficClientState, result: TrafficResult): void {
    const flow = flowOf(client, result.tuple);
    const trace = this.#byFlow.get(flow);
    this.#byFlow.delete(flow);
    if (trace !== undefined) this.#byPacket.delete(trace.id);
    const plan = before.config.plans.find(({ name }) => name === result.plan);
    const asked = askedBy(before, result.number);
    const names = this.#names.get(asked);
    this.#names.delete(asked);
    if (result.outcome === "answered" || plan === undefined) return;
    const service = serviceOfPlan(this.slices.ledger, plan);
    if (service === null) return;
    const request = `request ${result.number} of ${client} to ${service}`;
    if (result.outcome === "noSuchName") this.#unnamed(request, service, names);
    else if (result.outcome === "refused" && trace?.isReplied && trace.address === null)
      this.#rejected(request, service, result, trace, plan);
  }

  #unnamed(request: string, service: string, versions: NameVersions | undefined): void {
    if (versions !== undefined && this.#isNamed(service, versions))
      this.#context.violate(`${request} has found no such name, and the server of names knew of it`, { ...versions });
  }

  #isNamed(service: string, { services, slices, namespaces }: NameVersions): boolean {
    const [namespace = ""] = service.split("/");
    if (this.slices.ledger.changeUpTo("namespaces", namespace, namespaces)?.after == null) return false;
    const known = this.slices.ledger.changeUpTo("services", service, services)?.after as Service | null | undefined;
    if (known == null || known.spec.type === "ExternalName") return false;
    if (known.spec.clusterIP !== "None") return (known.spec.clusterIP ?? "") !== "";
    return this.slices.endpointsAt(service, slices)?.some(({ conditions }) => conditions?.ready !== false) ?? false;
  }

  #rejected(
    request: string,
    service: string,
    { tuple, network }: TrafficResult,
    { versions }: Trace,
    plan: TrafficPlan,
  ): void {
    const { services, slices } = versions!;
    const known = this.slices.ledger.changeUpTo("services", service, services)?.after as Service | null | undefined;
    const port = known == null ? null : portFor(known, tuple, plan.target.kind === "node");
    if (port === null) return;
    const ready = this.slices.endpointsAt(service, slices, port.name ?? "")?.find(isReady);
    if (ready !== undefined)
      this.#context.violate(
        `${request} was turned away by ${network}, which had ${ready.addresses.join()} as a ready endpoint`,
        { ...versions },
      );
  }

  /** Whose rule a packet is for, as the rules of the node are. */
  #serviceFor({ kernel, config }: ProxyState, tuple: Tuple): string | null {
    let found: string | null = null;
    mapEach(kernel.rules, "", null, (rules, service) => {
      const isFor = rules.some(
        ({ protocol, clusterIP, externalIPs, loadBalancerIPs, port, nodePort }) =>
          protocol === tuple.protocol &&
          ((port === tuple.destinationPort &&
            [clusterIP, ...externalIPs, ...loadBalancerIPs].includes(tuple.destination)) ||
            (nodePort !== 0 && nodePort === tuple.destinationPort && tuple.destination === config.address)),
      );
      if (isFor) found ??= service;
    });
    return found;
  }
}

function isReady({ conditions }: { readonly conditions?: { readonly ready?: boolean } }): boolean {
  return conditions?.ready !== false;
}

/** As the kernel names a flow. */
function flowKey({ protocol, source, sourcePort, destination, destinationPort }: Tuple): string {
  return `${protocol} ${source}:${sourcePort}>${destination}:${destinationPort}`;
}

function flowOf(client: ProcessId, { protocol, sourcePort, destination, destinationPort }: Tuple): string {
  return `${client} ${protocol} ${sourcePort} ${destination}:${destinationPort}`;
}

/** What a request under way waits for. */
function askedBy({ pending }: TrafficClientState, number: number): PacketId {
  let id = "";
  mapEach(pending, "", null, (one) => {
    if (one.number === number) id = one.id;
  });
  return id;
}

type Informers = readonly { readonly spec: { readonly resource: string }; readonly resourceVersion: string }[];

function versionsOf(informers: Informers): NameVersions {
  const of = (name: string) => Number(informers.find(({ spec }) => spec.resource === name)?.resourceVersion ?? 0);
  return { services: of("services"), slices: of("endpointslices"), namespaces: of("namespaces") };
}
