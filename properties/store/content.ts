/** Reading what a store holds, for properties: apart from the model's own functions. */
import { mapDifference } from "../../models/kernel/index.ts";
import type { Key, KeyValue, Lease, StoreState } from "../../models/store/types.ts";
import { currentLeader, inForce, isQuorum } from "../raft/quorum.ts";
import type { Member as RaftMember } from "../raft/raft-property.ts";
import type { StoreLedger } from "./ledger.ts";
import { membersOf, raftViewOf, type StoreContext } from "./store-property.ts";

/** The version of a key that is there now, or null. */
export function liveVersion(versions: readonly KeyValue[] | undefined): KeyValue | null {
  const last = versions === undefined ? undefined : versions[versions.length - 1];
  return last === undefined || last.version === 0 ? null : last;
}

/** A change of what is there, between two contents. */
export interface ContentDifference {
  key(key: Key, left: KeyValue | null, right: KeyValue | null): void;
  lease(id: string, left: Lease | undefined, right: Lease | undefined): void;
}

/** Visits what differs between two contents as clients see them now: history and bookkeeping left out. */
export function eachDifference(left: StoreState, right: StoreState, visit: ContentDifference): void {
  if (left.keys !== right.keys)
    mapDifference(left.keys, right.keys, (key, before, after) => {
      const [old, now] = [liveVersion(before), liveVersion(after)];
      if (old !== now) visit.key(key, old, now);
    });
  if (left.leases !== right.leases) mapDifference(left.leases, right.leases, visit.lease);
}

/**
 * What the store holds at the end of a run, and at whom: at its leader, with a quorum up and nothing left to apply that
 * anybody has applied. Null where nobody can be held to that.
 */
export function finalContent(
  context: StoreContext,
  ledger: StoreLedger,
): { member: string; content: StoreState } | null {
  const members = membersOf(context.processes);
  const views: RaftMember[] = members.map(raftViewOf);
  const leader = currentLeader(views);
  if (leader === null) return null;
  const up = members.filter(({ status }) => status === "up").map(({ id }) => id);
  if (!isQuorum(inForce(leader.state), up)) return null;
  const found = members.find(({ id }) => id === leader.id)!;
  if (found.state.raft.lastApplied < ledger.upTo) return null;
  return { member: found.id, content: found.state.raft.application };
}
