import { emptyOrderedMap } from "../../models/kernel/index.ts";
import type { Index } from "../../models/raft/types.ts";
import type { KeyValue, Lease, StoreState } from "../../models/store/types.ts";
import { samePlainData } from "../../src/checkers/plain-data.ts";
import { eachDifference } from "./content.ts";
import { isMember, type Member, membersOf, type StoreContext, type StoreProperty } from "./store-property.ts";

/** What a member holds as a sum of hashes over all that is in it, kept up by what changes. */
interface Summed {
  readonly content: StoreState;
  readonly sum: number;
}

/** What was held after the command at an index, by the first who was there. */
interface Held {
  readonly sum: number;
  readonly compactRevision: number;
  readonly revision: number;
  readonly member: string;
}

/** Indexes remembered; later ones push out the earliest. */
const INDEXES_MAX = 65_536;

/**
 * Members that have applied the same hold the same: keys with all their numbers, leases, and how far is compacted. How
 * far history was removed is for each to decide. At the end all that is held is compared, and not its sum.
 */
export const sameContent: StoreProperty = {
  id: "store/same-content",
  kind: "always",
  source: 'Raft fig. 3, State Machine Safety; etcd, corruption check: "all members have the same hash at a revision"',
  monitor(context) {
    /** By process index. */
    const summed: (Summed | undefined)[] = [];
    const heldAt = new Map<Index, Held>();

    function take(member: Member): void {
      const content = member.state.raft.application;
      const known = summed[member.index];
      if (known?.content === content) return;
      const sum = known === undefined ? sumOf(content) : sumAfter(known, content);
      summed[member.index] = { content, sum };
      const { consistentIndex, compactRevision, revision } = content;
      const held = heldAt.get(consistentIndex);
      if (held === undefined) {
        heldAt.set(consistentIndex, { sum, compactRevision, revision, member: member.id });
        if (heldAt.size > INDEXES_MAX) heldAt.delete(heldAt.keys().next().value!);
      } else if (held.sum !== sum || held.compactRevision !== compactRevision || held.revision !== revision)
        context.violate(
          `after index ${consistentIndex}, ${member.id} does not hold what ${held.member} held${firstDifferenceWith(context, member, held.member)}`,
          {
            index: consistentIndex,
            members: [held.member, member.id],
            revisions: [held.revision, revision],
            compactRevisions: [held.compactRevision, compactRevision],
          },
        );
    }

    return {
      concerns: { changes: ["application"], messages: [], notes: [] },
      onBoot(process) {
        if (isMember(process)) take(process);
      },
      onStep(process, before, after) {
        if (after.kind !== "member" || before.kind !== "member") return;
        if (after.raft.application !== before.raft.application) take(process as Member);
      },
      atEnd() {
        const members = membersOf(context.processes).filter(({ status }) => status === "up");
        for (const left of members)
          for (const right of members) {
            if (left.index >= right.index) continue;
            const [one, other] = [left.state.raft.application, right.state.raft.application];
            if (one.consistentIndex !== other.consistentIndex) continue;
            const difference = describeDifference(one, other);
            if (difference === null) continue;
            context.violate(
              `at the end, after index ${one.consistentIndex}, ${left.id} and ${right.id} hold different things: ${difference}`,
              { members: [left.id, right.id], index: one.consistentIndex },
            );
          }
      },
    };
  },
};

/** What differs, if the other member is still where this one is. */
function firstDifferenceWith(context: StoreContext, member: Member, otherId: string): string {
  const other = membersOf(context.processes).find(({ id }) => id === otherId);
  const content = member.state.raft.application;
  if (other === undefined || other === member || other.state === null) return "";
  const its = other.state.raft.application;
  if (its.consistentIndex !== content.consistentIndex) return "";
  const difference = describeDifference(its, content);
  return difference === null ? "" : `: ${difference}`;
}

/** The first thing that differs, in words, or null. */
function describeDifference(left: StoreState, right: StoreState): string | null {
  let found: string | null = null;
  if (left.revision !== right.revision) return `revision ${left.revision} and ${right.revision}`;
  if (left.compactRevision !== right.compactRevision)
    return `compacted up to ${left.compactRevision} and ${right.compactRevision}`;
  const compare = (what: string, one: unknown, other: unknown) => {
    if (found === null && !samePlainData(one, other))
      found = `${what} is ${JSON.stringify(one ?? null)} and ${JSON.stringify(other ?? null)}`;
  };
  eachDifference(left, right, {
    key: (key, one, other) => compare(`key ${key}`, one, other),
    lease: (id, one, other) => compare(`lease ${id}`, one, other),
  });
  return found;
}

function sumAfter(known: Summed, content: StoreState): number {
  let { sum } = known;
  eachDifference(known.content, content, {
    key(_key, before, after) {
      sum ^= hashOfKey(before) ^ hashOfKey(after);
    },
    lease(_id, before, after) {
      sum ^= hashOfLease(before) ^ hashOfLease(after);
    },
  });
  return sum;
}

function sumOf(content: StoreState): number {
  const nothing = { ...content, keys: emptyOrderedMap<readonly KeyValue[]>(), leases: emptyOrderedMap<Lease>() };
  return sumAfter({ content: nothing, sum: 0 }, content);
}

function hashOfKey(kv: KeyValue | null): number {
  if (kv === null) return 0;
  let hash = hashText(hashText(1, kv.key), kv.value);
  hash = Math.imul(hash ^ kv.modRevision, 0x85ebca6b) ^ kv.createRevision;
  hash = Math.imul(hash ^ (hash >>> 15) ^ kv.version, 0xc2b2ae35) ^ kv.lease;
  return Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
}

function hashOfLease(lease: Lease | undefined): number {
  if (lease === undefined) return 0;
  let hash = Math.imul(lease.id ^ 0x51ed270b, 0x85ebca6b) ^ lease.ttlUs;
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) ^ lease.remainingTtlUs;
  for (const key of lease.keys) hash = hashText(hash, key);
  return Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
}

function hashText(start: number, text: string): number {
  let hash = start ^ text.length;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}
