/** What a node does with a packet, by its rules and its flows (kubernetes pkg/proxy/iptables/proxier.go; Linux netfilter). */
import { mapGet, type ProcessId } from "../kernel/index.ts";
import { fnv32a } from "../machinery/hash.ts";
import { cidrContains, cidrOf, parseAddressSloppy, routeTo } from "../machinery/net/index.ts";
import type { NetworkMessage, Packet, PacketOutcome, Tuple } from "../network/types.ts";
import { ruleFor } from "./conntrack.ts";
import { targetKey } from "./endpoints.ts";
import { flowKey, isExpired } from "./kernel.ts";
import { note } from "./notes.ts";
import type { ProxyTurn } from "./turn.ts";
import type { Flow, PortRule, Target } from "./types.ts";

/** A packet of a client comes to the node. */
export function takePacket(turn: ProxyTurn, client: ProcessId, packet: Packet): void {
  const key = flowKey(packet.tuple);
  const known = mapGet(turn.kernel.flows, key);
  if (packet.step === "close") {
    if (known !== undefined) turn.change({ kind: "flows", flows: [[key, null]] });
    return;
  }
  const isNew = packet.step === "open" || known === undefined || isExpired(turn.config, known, turn.now);
  if (isNew) begin(turn, client, packet, key);
  else {
    turn.note(note.flowFollowed);
    keepFlow(turn, key, { ...known, at: turn.now });
    send(turn, client, packet, known.target);
  }
}

/** The first packet of a flow: where it goes is decided once. */
function begin(turn: ProxyTurn, client: ProcessId, packet: Packet, key: string): void {
  const { tuple } = packet;
  const rule = ruleFor(turn.kernel, turn.config.address, { tuple });
  if (rule === null) {
    undirected(turn, client, packet, key);
    return;
  }
  const choice = choose(turn, rule, tuple, key);
  switch (choice.kind) {
    case "reject":
      turn.note(note.rejected);
      reply(turn, client, packet, "refused", "", "");
      return;
    case "drop":
      return;
    case "target":
      keepFlow(turn, key, { tuple, target: choice.target, replied: false, at: turn.now });
      send(turn, client, packet, choice.target);
  }
}

/** No service has that address: it goes there itself, if that is the address of a pod or a node. */
function undirected(turn: ProxyTurn, client: ProcessId, packet: Packet, key: string): void {
  const { tuple } = packet;
  turn.note(note.noRule);
  // Of a datagram the kernel remembers that nothing was to be done with it, and what follows goes the same way.
  if (tuple.protocol === "UDP") keepFlow(turn, key, { tuple, target: null, replied: false, at: turn.now });
  // Nothing listens at such a port of the node itself.
  if (tuple.destination === turn.config.address) reply(turn, client, packet, "refused", "", "");
  else send(turn, client, packet, null);
}

function keepFlow(turn: ProxyTurn, key: string, flow: Flow): void {
  turn.change({ kind: "flows", flows: [[key, flow]] });
}

type Choice =
  | { readonly kind: "target"; readonly target: Target }
  /** Nobody has it: the client is told at once (REJECT). */
  | { readonly kind: "reject" }
  /** It is not for this node, or not for this client. */
  | { readonly kind: "drop" };

function choose(turn: ProxyTurn, rule: PortRule, tuple: Tuple, key: string): Choice {
  if (!isSourceAllowed(rule, tuple)) {
    turn.note(note.droppedSource);
    return { kind: "drop" };
  }
  const targets = isLocalOnly(turn, rule, tuple) ? rule.local : rule.cluster;
  if (targets.length === 0) {
    // "has no endpoints" is rejected, "has no local endpoints" is dropped: another node may have some.
    if (!rule.hasAny) return { kind: "reject" };
    turn.note(note.droppedLocal);
    return { kind: "drop" };
  }
  const stuck = rule.affinityUs === 0 ? null : stickyTarget(turn, rule, tuple, targets);
  // The real choice is by chance (statistic mode random): here a hash of the flow, which has a port of its own each time.
  const target = stuck ?? targets[fnv32a(`${turn.config.node} ${key}`) % targets.length]!;
  turn.note(stuck === null ? note.chosen : note.stuck);
  if (rule.affinityUs > 0)
    turn.change({ kind: "sticky", key: stickyKey(rule, tuple), sticky: { target: targetKey(target), at: turn.now } });
  return { kind: "target", target };
}

/** Which policy counts: that for the ClusterIP, or that for what comes from outside. */
function isLocalOnly(turn: ProxyTurn, rule: PortRule, tuple: Tuple): boolean {
  if (tuple.destination === rule.clusterIP && tuple.destinationPort === rule.port) return rule.internalLocal;
  return rule.externalLocal && !isFromWithin(turn, tuple.source);
}

/** Pods, and the node itself, come to external addresses by a short cut ("pod traffic for external IPs"). */
function isFromWithin({ config }: ProxyTurn, source: string): boolean {
  const address = parseAddressSloppy(source);
  return source === config.address || (address !== null && cidrContains(cidrOf(config.clusterCIDR), address));
}

/** The firewall chain of a load balancer (loadBalancerSourceRanges). */
function isSourceAllowed({ loadBalancerIPs, sourceRanges }: PortRule, { source, destination }: Tuple): boolean {
  if (sourceRanges.length === 0 || !loadBalancerIPs.includes(destination)) return true;
  const address = parseAddressSloppy(source);
  return address !== null && sourceRanges.some((range) => cidrContains(cidrOf(range), address));
}

function stickyKey({ service, portName }: PortRule, { source }: Tuple): string {
  return `${service}:${portName} ${source}`;
}

/** Where the client was before, if that is not too long ago and the endpoint is still one. */
function stickyTarget(turn: ProxyTurn, rule: PortRule, tuple: Tuple, targets: readonly Target[]): Target | null {
  const known = mapGet(turn.kernel.sticky, stickyKey(rule, tuple));
  if (known === undefined || turn.now - known.at > rule.affinityUs) return null;
  return targets.find((target) => targetKey(target) === known.target) ?? null;
}

/** On to the node that has the address. Where there is no such node, or the address is of no pod, nobody answers. */
function send(turn: ProxyTurn, client: ProcessId, packet: Packet, target: Target | null): void {
  const address = target?.ip ?? packet.tuple.destination;
  const port = target?.port ?? packet.tuple.destinationPort;
  const node = routeTo(turn.kernel.routes, address);
  const runtime = node === null ? undefined : turn.config.runtimes[node];
  if (runtime === undefined) {
    turn.note(note.noRoute);
    return;
  }
  if (target === null) turn.note(note.direct);
  turn.send(runtime, { kind: "netDeliver", packet, client, address, port });
}

/** The answer of the node that has the address, back to the client by the way that it came. */
export function takeDelivered(
  turn: ProxyTurn,
  { packet, client, outcome, pod, peer }: Extract<NetworkMessage, { readonly kind: "netDelivered" }>,
): void {
  const key = flowKey(packet.tuple);
  const flow = mapGet(turn.kernel.flows, key);
  // The port that answers "refused" of a datagram, or "reset", has ended it.
  if (flow !== undefined && outcome === "answered") keepFlow(turn, key, { ...flow, replied: true, at: turn.now });
  else if (flow !== undefined && flow.tuple.protocol !== "UDP") turn.change({ kind: "flows", flows: [[key, null]] });
  reply(turn, client, packet, outcome, pod, peer);
}

function reply(
  turn: ProxyTurn,
  client: ProcessId,
  { id }: Packet,
  outcome: PacketOutcome,
  pod: string,
  peer: string,
): void {
  turn.send(client, { kind: "netReply", id, outcome, pod, peer });
}
