/** When rules are written, and which (kubernetes pkg/proxy/iptables/proxier.go, runner/bounded_frequency_runner.go). */
import { emptyOrderedMap, type Micros, mapDifference, mapEach, mapGet, mapSet } from "../kernel/index.ts";
import type { InformerEvent } from "../machinery/client/types.ts";
import { deepEqual } from "../machinery/equality.ts";
import type { EndpointSlice, Node, Service } from "../machinery/kinds/index.ts";
import { NO_ROUTES, withoutRoute, withRoute } from "../machinery/net/index.ts";
import { staleFlows } from "./conntrack.ts";
import type { Place } from "./endpoints.ts";
import { note } from "./notes.ts";
import { isSkipped, rulesOf } from "./rules.ts";
import type { ProxyTurn } from "./turn.ts";
import type { PortRule } from "./types.ts";

export const SYNC_TIMER = "sync";
const ZONE = "topology.kubernetes.io/zone";
const SERVICE_NAME = "kubernetes.io/service-name";

/** A change that one of the informers tells of. What it means is looked up when the rules are written. */
export function observe(turn: ProxyTurn, event: InformerEvent): void {
  switch (event.resource) {
    case "services":
      changed(turn, event.key);
      return;
    case "endpointslices":
      for (const slice of [event.old, event.object]) {
        const name = slice?.metadata.labels?.[SERVICE_NAME] ?? "";
        if (name !== "") changed(turn, `${slice?.metadata.namespace ?? ""}/${name}`);
      }
      return;
    case "nodes":
      nodeChanged(turn, event);
      return;
    default:
      return;
  }
}

function changed(turn: ProxyTurn, service: string): void {
  turn.state = { ...turn.state, pending: mapSet(turn.state.pending, service, true) };
}

/** Its own node's labels decide what is near (config.NodeTopologyConfig); all nodes' blocks are its routes. */
function nodeChanged(turn: ProxyTurn, { type, old, object }: InformerEvent): void {
  const [before, after] = [old as Node | null, type === "deleted" ? null : (object as Node)];
  let { routes } = turn.kernel;
  const gone = before === null ? [] : blocksOf(before);
  const there = after === null ? [] : blocksOf(after);
  const { name } = object.metadata;
  for (const block of gone) if (!there.includes(block)) routes = withoutRoute(routes, block, name);
  for (const block of there) if (!gone.includes(block)) routes = withRoute(routes, block, name);
  if (routes !== turn.kernel.routes) turn.change({ kind: "routes", routes });
  if (name !== turn.config.node || before?.metadata.labels?.[ZONE] === after?.metadata.labels?.[ZONE]) return;
  turn.note(note.topologyChanged);
  turn.state = { ...turn.state, isFullDue: true };
}

/** Where its pods are, and itself. */
function blocksOf({ spec, status }: Node): readonly string[] {
  const blocks = spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR]);
  const addresses = (status?.addresses ?? []).filter(({ type }) => type === "InternalIP");
  return [...blocks, ...addresses.map(({ address }) => `${address}/32`)];
}

/** Routes to nodes that went while nobody looked are still in the kernel. */
function routesAnew(turn: ProxyTurn): void {
  let routes = NO_ROUTES;
  for (const node of turn.api.view<Node>("nodes").list())
    for (const block of blocksOf(node)) routes = withRoute(routes, block, node.metadata.name);
  const { byBlock } = turn.kernel.routes;
  let isSame = byBlock.size === routes.byBlock.size;
  mapDifference(byBlock, routes.byBlock, () => {
    isSame = false;
  });
  if (!isSame) turn.change({ kind: "routes", routes });
}

/** BoundedFrequencyRunner: at once, but not sooner than the least interval after the last time. */
export function syncWhenDue(turn: ProxyTurn): void {
  const { state, config, now, api } = turn;
  // "don't sync rules till we've received services and endpoints": those of nodes as well, for they say where one is.
  if (!api.synced) return;
  const isWanted = state.pending.size > 0 || state.isFullDue;
  const since = now - state.syncedAt;
  if (state.syncs === 0 || (isWanted && since >= config.minSyncUs) || since >= config.maxSyncUs) {
    sync(turn);
    return;
  }
  const due = state.syncedAt + (isWanted ? config.minSyncUs : config.maxSyncUs);
  if (isWanted && state.syncAt !== due) turn.note(note.syncDelayed);
  arm(turn, due);
}

function arm(turn: ProxyTurn, due: Micros): void {
  if (turn.state.syncAt === due) return;
  turn.setTimer(SYNC_TIMER, due - turn.now);
  turn.state = { ...turn.state, syncAt: due };
}

/** syncProxyRules: of what has changed, or of everything; and then the flows (conntrack.CleanStaleEntries). */
function sync(turn: ProxyTurn): void {
  const { state, config, now } = turn;
  const isFull = state.isFullDue || now - state.fullSyncedAt >= config.fullSyncUs;
  const before = turn.kernel;
  if (isFull) routesAnew(turn);
  const rules = changedRules(turn, isFull ? allServices(turn) : keysOf(state.pending));
  if (rules.length > 0) turn.change({ kind: "rules", rules });
  const stale = staleFlows(config, before, turn.kernel, now);
  for (const { note: why } of stale) turn.note(why);
  if (stale.length > 0) turn.change({ kind: "flows", flows: stale.map(({ key }) => [key, null]) });
  turn.note(isFull ? note.syncedFully : note.synced);
  turn.state = {
    ...turn.state,
    pending: emptyOrderedMap(),
    isFullDue: false,
    syncedAt: now,
    fullSyncedAt: isFull ? now : state.fullSyncedAt,
    syncs: state.syncs + 1,
    syncedVersions: { services: versionOf(turn, "services"), slices: versionOf(turn, "endpointslices") },
  };
  arm(turn, now + config.maxSyncUs);
}

function versionOf(turn: ProxyTurn, resource: string): number {
  const informer = turn.api.state.informers.find(({ spec }) => spec.resource === resource);
  return Number(informer?.resourceVersion ?? 0);
}

type Changed = readonly [service: string, rules: readonly PortRule[] | null];

function changedRules(turn: ProxyTurn, services: readonly string[]): readonly Changed[] {
  const place = placeOf(turn);
  const all: Changed[] = [];
  for (const key of services) {
    const known = mapGet(turn.kernel.rules, key);
    const service = turn.api.view<Service>("services").byKey(key);
    if (service === null || isSkipped(service)) {
      if (known === undefined) continue;
      turn.note(note.serviceGone);
      all.push([key, null]);
      continue;
    }
    const slices = turn.api.view<EndpointSlice>("endpointslices").byIndex("byService", key);
    const rules = rulesOf(service, slices, place);
    if (known === undefined || !deepEqual(known, rules)) all.push([key, rules]);
  }
  return all;
}

function placeOf(turn: ProxyTurn): Place {
  const { node } = turn.config;
  const own = turn.api.view<Node>("nodes").get("", node);
  return { node, zone: own?.metadata.labels?.[ZONE] ?? "" };
}

/** Those that there are, and those that there are rules of. */
function allServices(turn: ProxyTurn): readonly string[] {
  const keys = new Set(keysOf(turn.kernel.rules));
  for (const { metadata } of turn.api.view<Service>("services").list())
    keys.add(`${metadata.namespace ?? ""}/${metadata.name}`);
  return [...keys].sort();
}

function keysOf(map: ProxyTurn["state"]["pending"] | ProxyTurn["kernel"]["rules"]): readonly string[] {
  const keys: string[] = [];
  mapEach<unknown>(map, "", null, (_, key) => {
    keys.push(key);
  });
  return keys;
}
