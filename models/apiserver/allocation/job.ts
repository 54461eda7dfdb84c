/**
 * Taking and giving back, over the store: each range is read, changed, and written if it is still at that revision
 * (kubernetes pkg/registry/core/service/allocator/storage/storage.go, tryUpdate). Plain data; whoever runs it makes the
 * calls that it asks for, one at a time, and tells it what came of them.
 */
import { assert } from "../../kernel/index.ts";
import type { Status } from "../../machinery/api.ts";
import type { Service } from "../../machinery/kinds/index.ts";
import { internalError, invalid, timeout } from "../../machinery/status.ts";
import type { Key, Revision } from "../../store/types.ts";
import { fulfilled, type RangeChange, type RangeName, type Wish, withSharedPorts } from "./plan.ts";
import {
  fromObject,
  give,
  ipRange,
  portRange,
  type Range,
  type RangeAllocation,
  take,
  takeNext,
  toObject,
} from "./range.ts";

/** The ranges that a server is configured with: `--service-cluster-ip-range`, `--service-node-port-range`. */
export type Ranges = Readonly<Record<RangeName, Range>>;

/** The ranges of a configuration, of which nothing is given out. */
export function rangesOf(config: {
  readonly serviceClusterIPRange: string;
  readonly serviceNodePortRange: string;
}): Ranges {
  const ports = portRange(config.serviceNodePortRange);
  assert(ports !== null, `${config.serviceNodePortRange} is no range of ports`);
  return { serviceips: ipRange(config.serviceClusterIPRange), servicenodeports: ports };
}

/** A range as it is read from the store. */
export function fromStored(value: string): RangeAllocation {
  return JSON.parse(value) as RangeAllocation;
}

/** pkg/registry/core/rest/storage_core.go. */
export const RANGE_KEYS: Readonly<Record<RangeName, Key>> = {
  serviceips: "/registry/ranges/serviceips",
  servicenodeports: "/registry/ranges/servicenodeports",
};

export interface Job {
  /** The service for which it is done, with what it was given so far. */
  readonly service: Service;
  readonly changes: readonly RangeChange[];
  /** The change that it is at. */
  readonly at: number;
  /** What the write under way takes, and with it the service. Null while the range is read. */
  readonly writing: { readonly items: readonly string[]; readonly service: Service } | null;
  /** What was taken before, to be given back if the rest fails. */
  readonly taken: readonly RangeChange[];
  /** Writes in vain. */
  readonly conflicts: number;
}

/** What the job wants done. */
export type Move =
  | { readonly kind: "read"; readonly key: Key }
  /** If the key is still at that revision; 0: if it is not there. */
  | { readonly kind: "write"; readonly key: Key; readonly revision: Revision; readonly object: RangeAllocation }
  | { readonly kind: "done"; readonly service: Service; readonly taken: readonly RangeChange[] }
  /** `undo`: what has to be given back. */
  | { readonly kind: "refused"; readonly status: Status; readonly undo: readonly RangeChange[] };

/** What came of a move. */
export type Answer =
  | { readonly kind: "range"; readonly object: RangeAllocation | null; readonly revision: Revision }
  | { readonly kind: "written" }
  /** Another one was faster: what is there now. */
  | { readonly kind: "conflict"; readonly object: RangeAllocation | null; readonly revision: Revision }
  /** It failed; `unknown`: it may have happened. */
  | { readonly kind: "failed"; readonly unknown: boolean };

export type Next = readonly [job: Job, move: Move];

/** Begins with the first change; done at once where there is none. */
export function startJob(service: Service, changes: readonly RangeChange[]): Next {
  return next({ service, changes, at: 0, writing: null, taken: [], conflicts: 0 });
}

function next(job: Job): Next {
  const change = job.changes[job.at];
  if (change === undefined) return [job, { kind: "done", service: withSharedPorts(job.service), taken: job.taken }];
  return [job, { kind: "read", key: RANGE_KEYS[change.range] }];
}

export function stepJob(job: Job, ranges: Ranges, answer: Answer): Next {
  const change = job.changes[job.at]!;
  switch (answer.kind) {
    case "range":
      return attempt(job, change, ranges, answer.object, answer.revision);
    case "conflict":
      // What it took is taken anew, from what is there now: another server may have handed it out (kubernetes#43233).
      return attempt({ ...job, conflicts: job.conflicts + 1 }, change, ranges, answer.object, answer.revision);
    case "written":
      return written(job, change);
    case "failed":
      return refused(job, timeout("the range of service addresses and ports could not be written"));
  }
}

/** One write of all that a range has to change. */
function attempt(
  job: Job,
  change: RangeChange,
  ranges: Ranges,
  object: RangeAllocation | null,
  revision: Revision,
): Next {
  const isGiving = change.take.length === 0;
  if (revision === 0 || object === null) {
    // The repair loop makes it, at the start of a server.
    if (isGiving) return next({ ...job, at: job.at + 1, writing: null });
    return refused(job, internalError(`cannot allocate resources of type ${change.range} at this time`));
  }
  const stored = fromObject(object, ranges[change.range]);
  if (stored === null) return refused(job, internalError("the provided range does not match the current range"));
  let range = stored;
  for (const item of change.give) range = give(range, item);
  const items: string[] = [];
  let { service } = job;
  for (const wish of change.take) {
    const got = grant(range, wish, service);
    if ("status" in got) return refused(job, got.status);
    range = got.range;
    items.push(got.item);
    service = fulfilled(service, wish, got.item);
  }
  if (range === stored) return next({ ...job, at: job.at + 1, writing: null });
  const writing = { items, service };
  return [
    { ...job, writing },
    { kind: "write", key: RANGE_KEYS[change.range], revision, object: toObject(range, change.range) },
  ];
}

type Grant = { readonly range: Range; readonly item: string } | { readonly status: Status };

function grant(range: Range, wish: Wish, service: Service): Grant {
  const { item, salt, place } = wish;
  if (item === "") {
    const what = { clusterIP: "a serviceIP", nodePort: "a nodePort", healthCheckNodePort: "a HealthCheck NodePort" };
    return takeNext(range, salt) ?? { status: internalError(`failed to allocate ${what[place.kind]}: range is full`) };
  }
  const got = take(range, item);
  if (!("message" in got)) return { range: got, item };
  return { status: wishRefused(wish, service, got.message) };
}

/** A number of an existing range that cannot be had: the client asked for it. */
function wishRefused({ place, item }: Wish, service: Service, message: string): Status {
  const { name } = service.metadata;
  const flaw = (field: string, value: unknown, detail: string): Status =>
    invalid("services", "Service", name, [
      { field, reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(value)}: ${detail}` },
    ]);
  switch (place.kind) {
    case "clusterIP":
      return flaw("spec.clusterIPs", service.spec.clusterIPs ?? [item], `failed to allocate IP ${item}: ${message}`);
    case "nodePort":
      return flaw(`spec.ports[${place.ports[0]}].nodePort`, Number(item), message);
    case "healthCheckNodePort":
      return internalError(`failed to allocate requested HealthCheck NodePort ${item}: ${message}`);
  }
}

function written(job: Job, change: RangeChange): Next {
  const { writing } = job;
  const items = writing?.items ?? [];
  const taken = items.length === 0 ? job.taken : [...job.taken, { range: change.range, take: [], give: items }];
  return next({ ...job, service: writing?.service ?? job.service, at: job.at + 1, writing: null, taken });
}

/** What was taken before is given back; what may have been taken just now is left to the repair loop. */
function refused(job: Job, status: Status): Next {
  return [job, { kind: "refused", status, undo: job.taken }];
}
