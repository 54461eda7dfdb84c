import { type Micros, mapDelete, mapSet } from "../kernel/index.ts";
import { leaseKey, leaseOf } from "./attachments.ts";
import { type Applied, refused, updateStore } from "./state.ts";
import type { LeaseCheckpoint, LeaseGrantRequest, LeaseRevokeRequest, StoreState } from "./types.ts";
import { beginWriting, deleteKeys, endWriting } from "./write.ts";

/** etcd, lease.MaxLeaseTTL: 9,000,000,000 seconds. */
export const LEASE_TTL_MAX_US: Micros = 9_000_000_000 * 1_000_000;

/** etcd, lessor.Grant. The id was chosen, and a TTL that is too short lengthened, by who proposed it. */
export function applyLeaseGrant(state: StoreState, { id, ttlUs }: LeaseGrantRequest): Applied {
  if (ttlUs > LEASE_TTL_MAX_US) return refused(state, "leaseTtlTooLarge");
  if (leaseOf(state.leases, id) !== undefined) return refused(state, "leaseExists");
  const leases = mapSet(state.leases, leaseKey(id), { id, ttlUs, remainingTtlUs: 0, keys: [] });
  return {
    state: updateStore(state, { leases }),
    response: { kind: "leaseGrant", revision: state.revision, id, ttlUs },
  };
}

/** etcd, lessor.Revoke: the keys of the lease are deleted in their order, at one revision, and the lease is gone. */
export function applyLeaseRevoke(state: StoreState, { id }: LeaseRevokeRequest): Applied {
  const lease = leaseOf(state.leases, id);
  if (lease === undefined) return refused(state, "leaseNotFound");
  const writing = beginWriting(state);
  for (const key of lease.keys) deleteKeys(writing, { key, rangeEnd: "" });
  const after = endWriting(state, writing);
  const leases = mapDelete(after.leases, leaseKey(id));
  return { state: updateStore(after, { leases }), response: { kind: "leaseRevoke", revision: after.revision } };
}

/** etcd, lessor.Checkpoint: what is left of leases, for the next leader. A lease that is gone is passed over. */
export function applyLeaseCheckpoint(state: StoreState, { checkpoints }: LeaseCheckpoint): Applied {
  let { leases } = state;
  for (const { id, remainingTtlUs } of checkpoints) {
    const lease = leaseOf(leases, id);
    if (lease === undefined) continue;
    leases = mapSet(leases, leaseKey(id), { id, ttlUs: lease.ttlUs, remainingTtlUs, keys: lease.keys });
  }
  const after = leases === state.leases ? state : updateStore(state, { leases });
  return { state: after, response: { kind: "leaseCheckpoint", revision: state.revision } };
}
