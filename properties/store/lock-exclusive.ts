import type { HeldLease } from "../../models/client/types.ts";
import type { Micros, ProcessId } from "../../models/kernel/index.ts";
import type { Key, LeaseId } from "../../models/store/types.ts";
import { driftBoundOf, leaseLedgerOf } from "./lease-ledger.ts";
import type { StoreProperty } from "./store-property.ts";

/** What a session holds by a lease, as it last knew. */
interface Claim {
  readonly client: ProcessId;
  readonly lease: LeaseId;
  /** By the client's own clock. */
  readonly validUntil: Micros;
  /** When that was learnt: by the client's clock, and in virtual time. */
  readonly localAt: Micros;
  readonly trueAt: Micros;
}

/**
 * No two sessions hold one lock at a time. A session holds what it has until its lease is no longer certain by its own
 * clock, whether it is up to use it or not: a client that is paused may go on at any moment.
 *
 * As of when the other client's clock is read is not known to the microsecond; it is taken to run as fast as clocks may.
 * A session whose key or lease somebody else has taken away holds nothing that anybody owes it.
 */
export const lockExclusive: StoreProperty = {
  id: "store/lock-exclusive",
  kind: "always",
  source:
    'etcd, client/v3/concurrency, Mutex: "implements the sync Locker interface with etcd"; mutual exclusion, for as long as clocks keep within their bound',
  monitor(context) {
    const ledger = leaseLedgerOf(context);
    const driftBound = driftBoundOf(context);
    const claims = new Map<Key, Map<LeaseId, Claim>>();
    const released = new Set<LeaseId>();

    function isVoid(lease: LeaseId): boolean {
      const record = ledger.record(lease);
      return released.has(lease) || (record !== undefined && (record.revokeAsked || record.keyTaken));
    }

    function claim(client: ProcessId, name: Key, { id, validUntil }: HeldLease, localAt: Micros): void {
      if (localAt >= validUntil || isVoid(id)) return;
      const trueAt = context.now();
      const rivals = claims.get(name) ?? new Map<LeaseId, Claim>();
      for (const [lease, rival] of rivals) {
        if (lease === id) continue;
        if (rival.localAt + Math.ceil((trueAt - rival.trueAt) * driftBound) >= rival.validUntil || isVoid(lease)) {
          rivals.delete(lease);
          continue;
        }
        context.violate(`${rival.client} and ${client} both hold "${name}", by leases ${lease} and ${id}`, {
          lock: name,
          first: rival,
          second: { client, lease: id, validUntil, localAt, trueAt },
        });
      }
      rivals.set(id, { client, lease: id, validUntil, localAt, trueAt });
      claims.set(name, rivals);
    }

    return ledger.feed.with({
      concerns: { changes: ["sessions"], messages: ["call"] },
      onStep(process, before, after, input) {
        if (before.kind !== "client" || after.kind !== "client" || before.sessions === after.sessions) return;
        for (let i = 0; i < after.sessions.length; i++) {
          const had = before.sessions[i]?.lease ?? null;
          const { lease } = after.sessions[i]!;
          if (had === lease) continue;
          if (lease !== null && lease.holds !== null) claim(process.id, lease.holds, lease, input.now);
          if (had !== null && had.holds !== null && lease?.holds !== had.holds) claims.get(had.holds)?.delete(had.id);
        }
      },
      onSend(_process, _to, message) {
        if (message.kind === "call" && message.request.kind === "leaseRevoke") {
          released.add(message.request.id);
          if (released.size > 4_096) released.delete(released.values().next().value!);
        }
      },
    });
  },
};
