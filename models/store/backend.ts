import type { DiskFormat } from "../kernel/index.ts";
import type { RaftDurable, RaftState } from "../raft/types.ts";
import { scrub } from "./compaction.ts";
import { note } from "./notes.ts";
import { restore } from "./restore.ts";
import type { Turn } from "./turn.ts";
import type { MemberTypes, RaftRules, StoreDurable, StoreRecord, StoreState } from "./types.ts";

export const BACKEND_TIMER = "backend";
export const SCRUB_TIMER = "scrub";

/** What a member's disk holds: what Raft's does, and the last commit of the backend. */
export function storeDisk(rules: RaftRules): DiskFormat<MemberTypes> {
  const raft = rules.disk<StoreState>();
  return {
    empty: { raft: raft.empty, backend: null },
    write(durable: StoreDurable, record: StoreRecord): StoreDurable {
      if (record.kind !== "backend") return { raft: raft.write(durable.raft, record), backend: durable.backend };
      return { raft: durable.raft, backend: { consistentIndex: record.consistentIndex, content: record.content } };
    },
    // bbolt commits by one write of its meta page.
    pieces: (record) => (record.kind === "backend" ? [record] : raft.pieces(record)),
  };
}

/**
 * The store after a restart: what the backend committed last, unless Raft's snapshot is newer. Raft applies the log from
 * its snapshot on, again; the consistent index says what of it is in the backend already.
 */
export function restoreBackend(
  rules: RaftRules,
  raft: RaftState<StoreState>,
  { snapshot }: RaftDurable<StoreState>,
  backend: StoreDurable["backend"],
): RaftState<StoreState> {
  if (backend === null) return raft;
  const { consistentIndex, content } = backend;
  if (snapshot !== null && snapshot.application.consistentIndex >= consistentIndex) return raft;
  return rules.withApplication(raft, restore({ ...content, consistentIndex }));
}

/** Commits what was applied, and up to which index, in one write. */
export function commitBackend(turn: Turn, sync: boolean): void {
  const content = turn.store;
  const { consistentIndex } = content;
  turn.persist({ kind: "backend", consistentIndex, content }, sync);
  turn.serve({ committedIndex: consistentIndex });
  turn.note(note.backendCommitted);
}

/** etcd, batchTx: commits come in batches, by their number or after some time. */
export function commitWhenDue(turn: Turn): void {
  const uncommitted = turn.store.consistentIndex - turn.server.committedIndex;
  if (uncommitted >= turn.config.backendBatchLimit) commitBackend(turn, false);
  else if (uncommitted > 0) turn.arm(BACKEND_TIMER, turn.config.backendBatchIntervalUs);
}

export function backendTimer(turn: Turn): void {
  if (turn.store.consistentIndex > turn.server.committedIndex) commitBackend(turn, false);
}

/** A compaction was applied: what is older is removed in the background, by each member in its own time. */
export function compactionApplied(turn: Turn): void {
  const { scrubDelayUs } = turn.config;
  turn.note(note.compacted);
  turn.arm(SCRUB_TIMER, scrubDelayUs, 2 * scrubDelayUs);
}

export function scrubTimer(turn: Turn): void {
  turn.replaceStore(scrub(turn.store));
  turn.note(note.scrubbed);
  commitBackend(turn, false);
}
