import { type BootReading, emptyOrderedMap, type Input, type Step } from "../kernel/index.ts";
import { Api } from "../machinery/client/api.ts";
import type { InformerSpec } from "../machinery/client/types.ts";
import type { NetworkMessage } from "../network/types.ts";
import { note } from "./notes.ts";
import { takeDelivered, takePacket } from "./packets.ts";
import { observe, SYNC_TIMER, syncWhenDue } from "./sync.ts";
import { ProxyTurn } from "./turn.ts";
import type { Kernel, ProxyConfig, ProxyState, ProxyTypes } from "./types.ts";

/** kube-proxy's own values, for everything that is not the node's. */
export const PROXY_DEFAULTS = Object.freeze({
  kind: "proxy",
  minSyncUs: 1_000_000,
  maxSyncUs: 30_000_000,
  fullSyncUs: 3_600_000_000,
  udpTimeoutUs: 30_000_000,
  udpStreamTimeoutUs: 120_000_000,
  tcpOpenTimeoutUs: 120_000_000,
  tcpTimeoutUs: 86_400_000_000,
} as const);

const informer = (resource: string, indexes: InformerSpec["indexes"] = []): InformerSpec => ({
  resource,
  labelSelector: "",
  fieldSelector: "",
  indexes,
  resyncUs: 0,
});

/**
 * What it watches. Services of other proxies are not for it (label service.kubernetes.io/service-proxy-name). The nodes
 * are those of the routes, which a daemon of the pod network keeps (kindnet, flannel); kube-proxy itself watches its own.
 */
export function proxyInformers(): readonly InformerSpec[] {
  return [
    { ...informer("services"), labelSelector: "!service.kubernetes.io/service-proxy-name" },
    { ...informer("endpointslices", ["byService"]), labelSelector: "!service.kubernetes.io/headless" },
    informer("nodes"),
  ];
}

/** It starts on what the kernel has: rules and connections go on while it is down, and are gone after a restart of the host. */
export function boot(durable: Kernel, config: ProxyConfig, reading: BootReading): Step<ProxyTypes> {
  const state: ProxyState = {
    kind: "proxy",
    config,
    api: Api.boot(config.api, reading.now),
    kernel: durable,
    pending: emptyOrderedMap(),
    isFullDue: true,
    syncedAt: 0,
    fullSyncedAt: 0,
    syncAt: 0,
    syncs: 0,
    syncedVersions: { services: 0, slices: 0 },
  };
  const turn = new ProxyTurn(state, reading);
  if (durable.hostBoots === reading.hostBoots) turn.note(note.kernelKept);
  else {
    if (durable.hostBoots !== 0) turn.note(note.kernelLost);
    turn.change({ kind: "booted", hostBoots: reading.hostBoots });
  }
  turn.api.start();
  return turn.close();
}

export function step(state: ProxyState, input: Input<ProxyTypes>): Step<ProxyTypes> {
  const turn = new ProxyTurn(state, input);
  const news = turn.api.take(input);
  if (news !== null) {
    for (const event of news.events) observe(turn, event);
    syncWhenDue(turn);
  } else if (input.kind === "timer" && input.name === SYNC_TIMER) {
    turn.state = { ...turn.state, syncAt: 0 };
    syncWhenDue(turn);
  } else if (input.kind === "receive") receive(turn, input.from, input.message as NetworkMessage);
  return turn.close();
}

function receive(turn: ProxyTurn, from: string, message: NetworkMessage): void {
  switch (message.kind) {
    case "netPacket":
      takePacket(turn, from, message.packet);
      return;
    case "netDelivered":
      takeDelivered(turn, message);
      return;
    default:
      return;
  }
}
