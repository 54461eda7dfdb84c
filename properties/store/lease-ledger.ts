import type { ProcessId, RequestId } from "../../models/kernel/index.ts";
import { emptyOrderedMap, type Micros, mapDifference, type OrderedMap } from "../../models/kernel/index.ts";
import type { Term } from "../../models/raft/types.ts";
import type {
  Key,
  Lease,
  LeaseId,
  Revision,
  StoreRequest,
  StoreResponse,
  StoreState,
} from "../../models/store/types.ts";
import { type CommittedHistory, committedHistoryOf } from "./committed.ts";
import { FedOnce, sharedByRun } from "./shared.ts";
import { isMember, type Member, type StoreContext } from "./store-property.ts";

/** Calls, and leases that are gone, that are remembered; later ones push out the earliest. */
const REMEMBERED_MAX = 8_192;

/** A lease as the run has seen it. Times are virtual. */
export interface LeaseRecord {
  readonly id: LeaseId;
  ttlUs: Micros;
  /** A member applied its grant. */
  readonly grantedAt: Micros;
  /** The last renewal that was answered OK was asked for, or the lease was granted. */
  renewedAt: Micros;
  /** The last renewal was asked for, whatever came of it, or the lease was granted. */
  askedAt: Micros;
  /** In which terms renewals were answered OK: the first and the last; 0: none was. */
  firstTerm: Term;
  lastTerm: Term;
  /** A client asked for its revocation. */
  revokeAsked: boolean;
  /** A key of it was deleted, or attached elsewhere, while it was there. */
  keyTaken: boolean;
  /** Since when no member that applied as much has it; null: it is there. */
  goneAt: Micros | null;
}

/** A client's call about a lease. */
export interface LeaseCall {
  readonly lease: LeaseId;
  readonly kind: "leaseGrant" | "leaseRevoke" | "leaseKeepAlive";
  readonly client: ProcessId;
  readonly sentAt: Micros;
}

/** Told of what becomes of leases. */
export interface LeaseListener {
  /** A lease is gone, by what a member did in this step. */
  gone?(lease: LeaseRecord, member: Member): void;
  /** Alone in its step, a revocation took these keys, with the leases they were attached to, out of those of the lease. */
  revoked?(lease: Lease, deleted: readonly { readonly key: Key; readonly lease: LeaseId }[], member: Member): void;
  /** A client's call is answered, or the leader's answer goes back to the member that passed the call on. */
  answered?(call: LeaseCall, lease: LeaseRecord | undefined, response: StoreResponse, member: Member): void;
}

/** The leases of a run: as the members that are the first to apply what changes them have them, and as clients use them. */
export class LeaseLedger {
  readonly history: CommittedHistory;
  readonly feed: FedOnce;
  /** By id: the leases that are there, and the last that had each id and are gone. */
  readonly alive = new Map<LeaseId, LeaseRecord>();
  readonly #gone = new Map<LeaseId, LeaseRecord>();
  /** When a member last took over the leases. */
  primaryAt: Micros = 0;
  readonly #context: StoreContext;
  readonly #calls = new Map<RequestId, LeaseCall>();
  readonly #listeners: LeaseListener[] = [];
  /** Up to which command the leases below are known. */
  #applied = 0;
  #revision: Revision = 1;
  #leases: OrderedMap<Lease> = emptyOrderedMap();

  constructor(context: StoreContext) {
    this.#context = context;
    this.history = committedHistoryOf(context);
    this.feed = new FedOnce({
      concerns: { changes: ["application", "lessor"], messages: ["call", "answer", "leaseAnswer"] },
      onBoot: (process) => {
        if (isMember(process)) this.#take(process, process.state.raft.application);
      },
      onStep: (process, before, after) => {
        if (before.kind !== "member" || after.kind !== "member") return;
        if (before.raft.application !== after.raft.application) this.#take(process as Member, after.raft.application);
        const { primaryTerm } = after.server.lessor;
        if (primaryTerm !== 0 && primaryTerm !== before.server.lessor.primaryTerm) this.primaryAt = context.now();
      },
      onRequest: (process, _id, body) => {
        if (isMember(process) && body.kind === "leaseRevoke") this.#askRevoke(body.id);
      },
      onSend: (process, _to, message) => {
        if (message.kind === "call") this.#called(process.id, message.id, message.request);
        else if ((message.kind === "answer" || message.kind === "leaseAnswer") && isMember(process))
          this.#answered(process, message.id, message.response, message.kind === "answer");
      },
    });
  }

  /** Lets this listen from now on. */
  listen(listener: LeaseListener): void {
    this.#listeners.push(listener);
  }

  /** The lease that has an id, or the last that had it. */
  record(id: LeaseId): LeaseRecord | undefined {
    return this.alive.get(id) ?? this.#gone.get(id);
  }

  #take(member: Member, content: StoreState): void {
    this.history.take(content);
    if (content.consistentIndex <= this.#applied) return;
    const single = content.consistentIndex === this.#applied + 1;
    this.#applied = content.consistentIndex;
    const before = this.#leases;
    this.#leases = content.leases;
    const from = this.#revision + 1;
    this.#revision = content.revision;
    if (before.root !== content.leases.root)
      mapDifference(before, content.leases, (_key, was, is) => {
        if (was === undefined) this.#granted(is!);
        else if (is === undefined) this.#ended(was, single ? from : 0, member);
        else this.#changed(is);
      });
    this.#takeKeys(from, content.revision);
  }

  #granted({ id, ttlUs }: Lease): void {
    const now = this.#context.now();
    this.alive.set(id, {
      id,
      ttlUs,
      grantedAt: now,
      renewedAt: now,
      askedAt: now,
      firstTerm: 0,
      lastTerm: 0,
      revokeAsked: this.#gone.get(id)?.revokeAsked ?? false,
      keyTaken: false,
      goneAt: null,
    });
    this.#gone.delete(id);
  }

  /** @param alone the revision that its end made, if it deleted anything and nothing else happened; else 0 */
  #ended(was: Lease, alone: Revision, member: Member): void {
    const lease = this.alive.get(was.id);
    if (lease === undefined) return;
    this.alive.delete(was.id);
    lease.goneAt = this.#context.now();
    remember(this.#gone, was.id, lease);
    if (alone > 0) this.#toldRevoked(was, alone, member);
    for (const listener of this.#listeners) listener.gone?.(lease, member);
  }

  #changed({ id, ttlUs }: Lease): void {
    const lease = this.alive.get(id);
    if (lease !== undefined) lease.ttlUs = ttlUs;
  }

  #toldRevoked(was: Lease, revision: Revision, member: Member): void {
    const { events } = this.history;
    const changes = revision > events.latest ? [] : events.at(revision);
    if (changes === null) return;
    const deleted = changes.map(({ kv, previous }) => ({ key: kv.key, lease: previous?.lease ?? was.id }));
    for (const listener of this.#listeners) listener.revoked?.(was, deleted, member);
  }

  /** Marks leases that have lost a key in another way than by their end. */
  #takeKeys(from: Revision, to: Revision): void {
    for (let revision = from; revision <= to; revision++) {
      const changes = this.history.events.at(revision);
      if (changes === null) continue;
      for (let i = 0; i < changes.length; i++) {
        const { kv, previous } = changes[i]!;
        if (previous === null || previous === undefined || previous.lease === 0) continue;
        if (kv.version > 0 && kv.lease === previous.lease) continue;
        const lease = this.alive.get(previous.lease);
        if (lease !== undefined) lease.keyTaken = true;
      }
    }
  }

  #called(client: ProcessId, id: RequestId, request: StoreRequest): void {
    const { kind } = request;
    if (kind !== "leaseKeepAlive" && kind !== "leaseRevoke" && kind !== "leaseGrant") return;
    if (kind === "leaseRevoke") this.#askRevoke(request.id);
    const sentAt = this.#context.now();
    if (kind === "leaseKeepAlive") {
      const lease = this.alive.get(request.id);
      if (lease !== undefined) lease.askedAt = sentAt;
    }
    remember(this.#calls, id, { lease: request.id, kind, client, sentAt });
  }

  #askRevoke(id: LeaseId): void {
    const lease = this.alive.get(id);
    if (lease !== undefined) lease.revokeAsked = true;
    else remember(this.#gone, id, this.#gone.get(id) ?? unseen(id));
    const gone = this.#gone.get(id);
    if (gone !== undefined) gone.revokeAsked = true;
  }

  #answered(member: Member, id: RequestId, response: StoreResponse, last: boolean): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    if (last) this.#calls.delete(id);
    const lease = this.record(call.lease);
    if (response.kind === "leaseKeepAlive" && lease !== undefined && lease.goneAt === null) {
      if (call.sentAt > lease.renewedAt) lease.renewedAt = call.sentAt;
      lease.lastTerm = member.state.raft.currentTerm;
      if (lease.firstTerm === 0) lease.firstTerm = lease.lastTerm;
    }
    for (const listener of this.#listeners) listener.answered?.(call, lease, response, member);
  }
}

/** A lease that somebody named before anybody granted it. */
function unseen(id: LeaseId): LeaseRecord {
  return {
    id,
    ttlUs: 0,
    grantedAt: 0,
    renewedAt: 0,
    askedAt: 0,
    firstTerm: 0,
    lastTerm: 0,
    revokeAsked: true,
    keyTaken: false,
    goneAt: 0,
  };
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > REMEMBERED_MAX) map.delete(map.keys().next().value!);
}

/** How much faster than true time, or slower, a clock may run, as the members and clients of a run are told. */
export function driftBoundOf({ processes }: StoreContext): number {
  let bound = 1;
  for (const { config } of processes)
    bound = Math.max(bound, config.kind === "member" ? config.raft.clockDriftBound : config.clockDriftBound);
  return bound;
}

/** The leases of the run that a monitor watches. */
export const leaseLedgerOf = sharedByRun((context) => new LeaseLedger(context));
