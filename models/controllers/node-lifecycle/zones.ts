/** How fast nodes are tainted NoExecute, and when not at all (kubernetes pkg/controller/nodelifecycle, handleDisruption). */
import { emptyOrderedMap, mapDelete, mapEntries, mapGet, mapHas, mapSet, unreachable } from "../../kernel/index.ts";
import type { Node } from "../../machinery/kinds/index.ts";
import { labelOf } from "../../machinery/meta.ts";
import { note } from "./notes.ts";
import type { NodeTurn, Ready, Zone, ZoneState } from "./types.ts";

/** component-helpers node/topology, GetZoneKey. */
export function zoneOf(node: Node): string {
  const region = labelOf(node, "topology.kubernetes.io/region") ?? "";
  const zone = labelOf(node, "topology.kubernetes.io/zone") ?? "";
  return region === "" && zone === "" ? "" : `${region}:${zone}`;
}

/** How many nodes of a zone are ready, and how many are not. */
export interface ZoneCount {
  readonly ready: number;
  readonly notReady: number;
}

export function countIn(counts: Map<string, ZoneCount>, zone: string, ready: Ready | null): void {
  const count = counts.get(zone) ?? { ready: 0, notReady: 0 };
  counts.set(
    zone,
    ready === "True" ? { ...count, ready: count.ready + 1 } : { ...count, notReady: count.notReady + 1 },
  );
}

/** ComputeZoneState: more than two and 55 % not ready is a partial disruption, none ready a full one. */
export function zoneState({ ready, notReady }: ZoneCount, unhealthyZonePercent: number): Exclude<ZoneState, "initial"> {
  if (ready === 0 && notReady > 0) return "full";
  if (notReady > 2 && notReady * 100 >= unhealthyZonePercent * (notReady + ready)) return "partial";
  return "normal";
}

const STATE_NOTES = { normal: note.zoneNormal, partial: note.zonePartial, full: note.zoneFull } as const;

/** What a pass of handleDisruption leads to. */
export type Disruption = "none" | "begins" | "ends";

/** handleDisruption: the states of the zones after a look at all nodes, and the rates that go with them. */
export function handleDisruption(turn: NodeTurn, counts: ReadonlyMap<string, ZoneCount>): Disruption {
  const { unhealthyZonePercent } = turn.config;
  const before = turn.state.allDisrupted;
  for (const [key] of mapEntries(turn.state.zones)) if (!counts.has(key)) dropZone(turn, key);
  const states = [...counts].map(([key, count]) => [key, zoneState(count, unhealthyZonePercent)] as const);
  const after = states.length > 0 && states.every(([, state]) => state === "full");
  if (after && before) return "none";
  if (after) {
    turn.note(note.allFull);
    turn.state = { ...turn.state, allDisrupted: true };
    for (const [key] of states) setZone(turn, key, "full", 0);
    return "begins";
  }
  for (const [key, state] of states) {
    if (!before && mapGet(turn.state.zones, key)?.state === state) continue;
    turn.note(STATE_NOTES[state]);
    const { ready, notReady } = counts.get(key)!;
    setZone(turn, key, state, intervalOf(turn, state, ready + notReady));
  }
  if (!before) return "none";
  turn.note(note.allFullOver);
  turn.state = { ...turn.state, allDisrupted: false };
  return "ends";
}

/** setLimiterInZone, ReducedQPSFunc, HealthyQPSFunc. 0: nothing is tainted. */
function intervalOf(turn: NodeTurn, state: Exclude<ZoneState, "initial">, nodes: number): number {
  const { evictionIntervalUs, secondaryEvictionIntervalUs, largeClusterThreshold } = turn.config;
  switch (state) {
    case "normal":
    case "full":
      return evictionIntervalUs;
    case "partial":
      return nodes > largeClusterThreshold ? secondaryEvictionIntervalUs : 0;
    default:
      return unreachable(state);
  }
}

/** RateLimitedTimedQueue.SwapLimiter: "If we're currently waiting on limiter, we drain the new one". */
function setZone(turn: NodeTurn, key: string, state: ZoneState, intervalUs: number): void {
  const zone = zoneNamed(turn, key);
  const isWaiting = zone.intervalUs === 0 || turn.now < zone.tokenAt;
  const tokenAt = isWaiting ? turn.now + intervalUs : turn.now;
  writeZone(turn, key, { ...zone, state, intervalUs, tokenAt });
  wakeZone(turn, key);
}

function dropZone(turn: NodeTurn, key: string): void {
  turn.state = { ...turn.state, zones: mapDelete(turn.state.zones, key) };
}

/** addPodEvictorForNewZone: it begins with the normal rate. */
export function zoneNamed(turn: NodeTurn, key: string): Zone {
  const fresh = {
    state: "initial",
    intervalUs: turn.config.evictionIntervalUs,
    tokenAt: 0,
    queue: [],
    queued: emptyOrderedMap<1>(),
  } as const;
  return mapGet(turn.state.zones, key) ?? fresh;
}

export function writeZone(turn: NodeTurn, key: string, zone: Zone): void {
  turn.state = { ...turn.state, zones: mapSet(turn.state.zones, key, zone) };
}

/** markNodeForTainting: it waits for its turn. */
export function queueForTaint(turn: NodeTurn, key: string, node: string): void {
  const zone = zoneNamed(turn, key);
  if (mapHas(zone.queued, node)) return;
  turn.note(note.taintQueued);
  writeZone(turn, key, { ...zone, queue: [...zone.queue, node], queued: mapSet(zone.queued, node, 1) });
  wakeZone(turn, key);
}

/** RateLimitedTimedQueue.Remove: it is well again, gone, or tainted. */
export function outOfQueue(turn: NodeTurn, key: string, node: string): void {
  const zone = zoneNamed(turn, key);
  if (!mapHas(zone.queued, node)) return;
  const queue = zone.queue.filter((one) => one !== node);
  writeZone(turn, key, { ...zone, queue, queued: mapDelete(zone.queued, node) });
}

/** The queue of a zone is looked at when its next token comes, as long as there is something in it. */
export function wakeZone(turn: NodeTurn, key: string): void {
  const zone = zoneNamed(turn, key);
  if (zone.queue.length === 0 || zone.intervalUs === 0) return;
  turn.enqueueAfter(`zone:${key}`, Math.max(0, zone.tokenAt - turn.now));
}
