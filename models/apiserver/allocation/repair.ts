/**
 * The loop of each API server that makes the ranges agree with the services (kubernetes pkg/registry/core/service/
 * ipallocator/controller/repair.go, portallocator/controller/repair.go).
 */
import { emptyOrderedMap, type Micros, mapGet, mapSet, type OrderedMap } from "../../kernel/index.ts";
import type { Service } from "../../machinery/kinds/index.ts";
import type { Key, Revision } from "../../store/types.ts";
import { type Answer, RANGE_KEYS } from "./job.ts";
import type { RangeName } from "./plan.ts";
import { fromObject, give, isTaken, type Range, type RangeAllocation, take, takenIn, toObject } from "./range.ts";
import { heldIP, heldPorts } from "./service.ts";

/** pkg/controlplane/instance.go: each 3 min. */
export const REPAIR_INTERVAL_US: Micros = 180_000_000;

/** numRepairsBeforeLeakCleanup: "to avoid races between allocating an IP and using it". */
export const SIGHTINGS_MAX = 3;
/** retry.DefaultBackoff: steps. */
const TRIES_MAX = 4;

/** What is wrong with an item, as events of the service say it. */
export interface Problem {
  readonly reason: "NotAllocated" | "AlreadyAllocated" | "OutOfRange" | "MayHaveLeaked" | "Leaked";
  readonly item: string;
  /** `namespace/name`; empty: of no service. */
  readonly service: string;
}

export interface Repaired {
  readonly range: Range;
  /** By item that nobody has: how often it will still be seen before it is freed. */
  readonly leaks: OrderedMap<number>;
  readonly problems: readonly Problem[];
}

/** runOnce, but for the reads and the write: the range rebuilt from the services, and what may be on its way to one. */
export function repaired(
  stored: Range,
  empty: Range,
  services: readonly Service[],
  leaks: OrderedMap<number>,
): Repaired {
  let rebuilt = empty;
  let rest = stored;
  const problems: Problem[] = [];
  for (const service of services)
    for (const item of itemsOf(service, empty)) {
      const name = `${service.metadata.namespace ?? ""}/${service.metadata.name}`;
      const got = take(rebuilt, item);
      if ("message" in got) {
        problems.push({ reason: got.kind === "taken" ? "AlreadyAllocated" : "OutOfRange", item, service: name });
        continue;
      }
      rebuilt = got;
      if (!isTaken(rest, item)) problems.push({ reason: "NotAllocated", item, service: name });
      rest = give(rest, item);
    }
  let seen: OrderedMap<number> = emptyOrderedMap();
  for (const item of takenIn(rest)) {
    const left = mapGet(leaks, item) ?? SIGHTINGS_MAX - 1;
    problems.push({ reason: left > 0 ? "MayHaveLeaked" : "Leaked", item, service: "" });
    if (left <= 0) continue;
    // "pretend it is still in use until count expires": it may have been taken for a service under way (kubernetes#37488).
    rebuilt = take(rebuilt, item) as Range;
    seen = mapSet(seen, item, left - 1);
  }
  return { range: rebuilt, leaks: seen, problems };
}

function itemsOf(service: Service, { spec }: Range): readonly string[] {
  if (spec.kind === "ports") return heldPorts(service).map(String);
  const ip = heldIP(service);
  return ip === "" ? [] : [ip];
}

/** The loop of one range. Plain data. */
export interface Repair {
  readonly name: RangeName;
  readonly leaks: OrderedMap<number>;
  readonly stage:
    | { readonly kind: "idle" }
    | { readonly kind: "reading"; readonly tries: number }
    | {
        readonly kind: "listing";
        readonly tries: number;
        readonly object: RangeAllocation | null;
        readonly revision: Revision;
      }
    | {
        readonly kind: "writing";
        readonly tries: number;
        readonly leaks: OrderedMap<number>;
        readonly problems: readonly Problem[];
      };
  /** It has run through since the server started: until then nothing can be allocated, and it is tried again soon. */
  readonly hasRun: boolean;
  /** When it runs next, by the local monotonic clock. */
  readonly dueAt: Micros;
}

export type RepairMove =
  | { readonly kind: "read"; readonly key: Key }
  /** All services, from the store. */
  | { readonly kind: "list" }
  | { readonly kind: "write"; readonly key: Key; readonly revision: Revision; readonly object: RangeAllocation }
  | { readonly kind: "rest"; readonly problems: readonly Problem[] };

export type RepairNext = readonly [repair: Repair, move: RepairMove];

/** At the start of a server it is due at once: until then nothing can be allocated. */
export function newRepair(name: RangeName, now: Micros): Repair {
  return { name, leaks: emptyOrderedMap(), stage: { kind: "idle" }, hasRun: false, dueAt: now };
}

export function startRepair(repair: Repair, now: Micros, intervalUs: Micros = REPAIR_INTERVAL_US): RepairNext {
  return reading({ ...repair, dueAt: now + intervalUs }, 0);
}

function reading(repair: Repair, tries: number): RepairNext {
  return [
    { ...repair, stage: { kind: "reading", tries } },
    { kind: "read", key: RANGE_KEYS[repair.name] },
  ];
}

/**
 * A read or a write is answered. The range is read first, and then the services: one that comes later has its item in a
 * newer range, and the write is refused.
 */
export function stepRepair(repair: Repair, answer: Answer): RepairNext {
  const { stage } = repair;
  const tries = stage.kind === "idle" ? 0 : stage.tries;
  switch (answer.kind) {
    case "range":
      return [
        { ...repair, stage: { kind: "listing", tries, object: answer.object, revision: answer.revision } },
        { kind: "list" },
      ];
    case "written":
      return stage.kind === "writing"
        ? resting({ ...repair, leaks: stage.leaks, hasRun: true }, stage.problems)
        : resting(repair);
    case "conflict":
      return tries + 1 < TRIES_MAX ? reading(repair, tries + 1) : resting(repair);
    case "failed":
      return resting(repair);
  }
}

/** The services have been listed; null: that failed. `configured` is the server's own range, with nothing given out. */
export function servicesListed(repair: Repair, configured: Range, services: readonly Service[] | null): RepairNext {
  const { stage } = repair;
  if (stage.kind !== "listing" || services === null) return resting(repair);
  const stored = fromObject(stage.object, configured);
  if (stored === null) return resting(repair);
  const { range, leaks, problems } = repaired(stored, configured, services, repair.leaks);
  const { tries, revision } = stage;
  const object = toObject(range, repair.name);
  // etcd3/store.go, GuaranteedUpdate: what is as it was is not written.
  if (stage.object?.range === object.range && stage.object.data === object.data)
    return resting({ ...repair, leaks, hasRun: true }, problems);
  return [
    { ...repair, stage: { kind: "writing", tries, leaks, problems } },
    { kind: "write", key: RANGE_KEYS[repair.name], revision, object },
  ];
}

function resting(repair: Repair, problems: readonly Problem[] = []): RepairNext {
  return [
    { ...repair, stage: { kind: "idle" } },
    { kind: "rest", problems },
  ];
}
