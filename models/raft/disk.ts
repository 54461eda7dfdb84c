import type { DiskFormat } from "../kernel/index.ts";
import { compactTo, EMPTY_LOG, holds, lastIndex, logAfter, replaceFrom } from "./log.ts";
import type { Log, RaftDurable, RaftRecord, RaftTypes, Snapshot } from "./types.ts";

/** What a member's disk holds: hard state, log and latest snapshot, as a fold over its writes. */
export function raftDisk<App>(): DiskFormat<RaftTypes<App>> {
  return {
    empty: { hardState: { currentTerm: 0, votedFor: null }, snapshot: null, log: EMPTY_LOG },
    write: writeRecord,
    pieces: piecesOf,
  };
}

function writeRecord<App>(durable: RaftDurable<App>, record: RaftRecord<App>): RaftDurable<App> {
  const { hardState, snapshot, log } = durable;
  switch (record.kind) {
    case "hardState":
      return { hardState: record.hardState, snapshot, log };
    case "entries":
      return { hardState, snapshot, log: writeEntries(log, record) };
    case "snapshot":
      return { hardState, snapshot: record.snapshot, log: logBehind(log, record.snapshot) };
  }
}

function writeEntries(log: Log, record: Extract<RaftRecord<unknown>, { kind: "entries" }>): Log {
  const { firstIndex, entries } = record;
  if (firstIndex > log.prevIndex) return replaceFrom(log, Math.min(firstIndex, lastIndex(log) + 1), entries);
  return replaceFrom(log, log.prevIndex + 1, entries.slice(log.prevIndex + 1 - firstIndex));
}

/** Raft 7: "Once a server completes writing a snapshot, it may delete all log entries up through the last included index". */
function logBehind<App>(log: Log, snapshot: Snapshot<App>): Log {
  if (holds(log, snapshot.index, snapshot.term)) return compactTo(log, snapshot.index);
  return logAfter(snapshot.index, snapshot.term);
}

/** Entries reach the disk one by one, each with a checksum; hard state and snapshots atomically. */
function piecesOf<App>(record: RaftRecord<App>): readonly RaftRecord<App>[] {
  if (record.kind !== "entries" || record.entries.length === 1) return [record];
  const pieces: RaftRecord<App>[] = [];
  for (let i = 0; i < record.entries.length; i++)
    pieces.push({ kind: "entries", firstIndex: record.firstIndex + i, entries: [record.entries[i]!] });
  return pieces;
}
