import { append, appendAll, at, drop, emptyVector, slice, take } from "../kernel/index.ts";
import type { Entry, Index, Log, Term } from "./types.ts";

/** The log of a member that has never seen an entry. */
export const EMPTY_LOG: Log = Object.freeze({ prevIndex: 0, prevTerm: 0, entries: emptyVector<Entry>() });

/** The index of the last entry; that of the last compacted one if there is none. */
export function lastIndex(log: Log): Index {
  return log.prevIndex + log.entries.length;
}

/** The term of the last entry; that of the last compacted one if there is none. */
export function lastTerm(log: Log): Term {
  return termAt(log, lastIndex(log));
}

/** The entry at an index, or undefined where the log does not hold one: compacted, or past its end. */
export function entryAt(log: Log, index: Index): Entry | undefined {
  return at(log.entries, index - log.prevIndex - 1);
}

/** The term of the entry at an index, as far as it is known; -1 below the compaction and past the end. */
export function termAt(log: Log, index: Index): Term {
  if (index === log.prevIndex) return log.prevTerm;
  const entry = at(log.entries, index - log.prevIndex - 1);
  return entry === undefined ? -1 : entry.term;
}

/** Whether the log holds an entry, compacted or not, of this index and term. */
export function holds(log: Log, index: Index, term: Term): boolean {
  return termAt(log, index) === term;
}

/** Up to `count` entries from `first` on. `first` must lie above the compaction. */
export function entriesFrom(log: Log, first: Index, count: number): readonly Entry[] {
  const start = first - log.prevIndex - 1;
  return slice(log.entries, start, start + count);
}

/** The log with one more entry. */
export function appendEntry(log: Log, entry: Entry): Log {
  return { prevIndex: log.prevIndex, prevTerm: log.prevTerm, entries: append(log.entries, entry) };
}

/** The log with `entries` from `firstIndex` on, and nothing behind them. `firstIndex` is at most one past the end. */
export function replaceFrom(log: Log, firstIndex: Index, entries: readonly Entry[]): Log {
  if (entries.length === 1 && firstIndex === lastIndex(log) + 1) return appendEntry(log, entries[0]!);
  const kept = take(log.entries, firstIndex - log.prevIndex - 1);
  return { prevIndex: log.prevIndex, prevTerm: log.prevTerm, entries: appendAll(kept, entries) };
}

/** The log without the entries up to `index`, which it must hold. */
export function compactTo(log: Log, index: Index): Log {
  if (index <= log.prevIndex) return log;
  return {
    prevIndex: index,
    prevTerm: termAt(log, index),
    entries: drop(log.entries, index - log.prevIndex),
  };
}

/** The log that follows a snapshot and holds nothing else. */
export function logAfter(index: Index, term: Term): Log {
  return { prevIndex: index, prevTerm: term, entries: emptyVector() };
}

/**
 * Raft 5.4.1: "If the logs have last entries with different terms, then the log with the later term is more up-to-date.
 * If the logs end with the same term, then whichever log is longer is more up-to-date."
 */
export function logIsUpToDate(log: Log, lastLogIndex: Index, lastLogTerm: Term): boolean {
  const ownTerm = lastTerm(log);
  if (lastLogTerm !== ownTerm) return lastLogTerm > ownTerm;
  return lastLogIndex >= lastIndex(log);
}

/**
 * The largest index at or before `index` whose term is at most `term`: where two logs may agree, as far as one of them
 * can tell (etcd raft, log.findConflictByTerm).
 */
export function findConflictByTerm(log: Log, index: Index, term: Term): Index {
  let candidate = Math.min(index, lastIndex(log));
  while (candidate > log.prevIndex && termAt(log, candidate) > term) candidate--;
  return candidate;
}
