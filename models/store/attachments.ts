import { lowerBound, mapGet, mapSet, type OrderedMap } from "../kernel/index.ts";
import type { Key, Lease, LeaseId } from "./types.ts";

export const NO_LEASE: LeaseId = 0;

/** What a lease is filed under. */
export function leaseKey(id: LeaseId): string {
  return String(id);
}

/** The lease of an id, or undefined: never granted, or revoked. */
export function leaseOf(leases: OrderedMap<Lease>, id: LeaseId): Lease | undefined {
  return mapGet(leases, leaseKey(id));
}

/** Whether a put may name the lease. */
export function isAttachable(leases: OrderedMap<Lease>, id: LeaseId): boolean {
  return id === NO_LEASE || leaseOf(leases, id) !== undefined;
}

/** etcd, lessor.Attach: the lease's end will delete the key. No lease is no lease. */
export function attach(leases: OrderedMap<Lease>, id: LeaseId, key: Key): OrderedMap<Lease> {
  const lease = id === NO_LEASE ? undefined : leaseOf(leases, id);
  if (lease === undefined) return leases;
  const position = lowerBound(lease.keys, key);
  if (lease.keys[position] === key) return leases;
  return mapSet(leases, leaseKey(id), withKeys(lease, lease.keys.toSpliced(position, 0, key)));
}

/** etcd, lessor.Detach: the key was deleted, or has another lease now, or none. */
export function detach(leases: OrderedMap<Lease>, id: LeaseId, key: Key): OrderedMap<Lease> {
  const lease = id === NO_LEASE ? undefined : leaseOf(leases, id);
  if (lease === undefined) return leases;
  const position = lowerBound(lease.keys, key);
  if (lease.keys[position] !== key) return leases;
  return mapSet(leases, leaseKey(id), withKeys(lease, lease.keys.toSpliced(position, 1)));
}

function withKeys(lease: Lease, keys: readonly Key[]): Lease {
  return { id: lease.id, ttlUs: lease.ttlUs, remainingTtlUs: lease.remainingTtlUs, keys };
}
