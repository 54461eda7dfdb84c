/**
 * Reading logs, for properties. The model has functions like these; properties have their own, so that a bug in the
 * model's cannot hide from them.
 */
import { at, firstDifference } from "../../models/kernel/index.ts";
import type { Configuration, Entry, Index, Log, Snapshot, Term } from "../../models/raft/types.ts";

/** The index of the last entry. */
export function lastIndex(log: Log): Index {
  return log.prevIndex + log.entries.length;
}

/** The term of the last entry, compacted or not. */
export function lastTerm(log: Log): Term {
  const { tail } = log.entries;
  return tail.length === 0 ? log.prevTerm : tail[tail.length - 1]!.term;
}

/** The entry at an index, or undefined when the log does not hold it (any more, or yet). */
export function entryAt(log: Log, index: Index): Entry | undefined {
  return at(log.entries, index - log.prevIndex - 1);
}

/** The term of the entry at an index, that of the last compacted entry included; -1 when the log does not tell. */
export function termAt(log: Log, index: Index): Term {
  if (index === log.prevIndex) return log.prevTerm;
  const entry = at(log.entries, index - log.prevIndex - 1);
  return entry === undefined ? -1 : entry.term;
}

/** Whether an entry is there: in the log, or behind the snapshot. */
export function holds(log: Log, snapshot: Snapshot<unknown> | null, index: Index, term: Term): boolean {
  return termAt(log, index) === term || index <= (snapshot === null ? log.prevIndex : snapshot.index);
}

/**
 * The lowest index at which the second log has an entry that the first has not, or the one after its last.
 *
 * Entries are compared as objects: what was not touched is shared. Costs a look at the last leaf where entries were
 * appended, a look at all that is left where the log was compacted or truncated.
 */
export function firstChange(before: Log, after: Log): Index {
  if (before.prevIndex === after.prevIndex) return after.prevIndex + 1 + firstDifference(before.entries, after.entries);
  const end = Math.min(lastIndex(before), lastIndex(after));
  let index = Math.max(before.prevIndex, after.prevIndex) + 1;
  // What lies below the first log's start is new in the second.
  if (before.prevIndex > after.prevIndex) return after.prevIndex + 1;
  while (index <= end && entryAt(before, index) === entryAt(after, index)) index++;
  return index;
}

/** Whether two entries are the same by content. */
export function sameEntry(left: Entry, right: Entry): boolean {
  if (left === right) return true;
  if (left.term !== right.term) return false;
  if (left.kind === "command") return right.kind === "command" && left.command === right.command;
  if (left.kind === "configuration")
    return right.kind === "configuration" && sameConfiguration(left.configuration, right.configuration);
  return right.kind === "noop";
}

/** Whether two configurations name the same members in the same parts, in whatever order. */
export function sameConfiguration(left: Configuration, right: Configuration): boolean {
  return (
    left === right ||
    (sameMembers(left.voters, right.voters) &&
      sameMembers(left.votersOutgoing, right.votersOutgoing) &&
      sameMembers(left.learners, right.learners) &&
      sameMembers(left.learnersNext, right.learnersNext))
  );
}

function sameMembers(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (const id of left) if (!right.includes(id)) return false;
  return true;
}

/** An entry in a few words, for explanations. */
export function describeEntry(entry: Entry): string {
  switch (entry.kind) {
    case "command":
      return `command "${entry.command}" of term ${entry.term}`;
    case "noop":
      return `no-op of term ${entry.term}`;
    case "configuration":
      return `configuration ${describeConfiguration(entry.configuration)} of term ${entry.term}`;
  }
}

/** A configuration in etcd's notation: voters, outgoing voters after `&&`, learners in brackets. */
export function describeConfiguration(configuration: Configuration): string {
  const { voters, votersOutgoing, learners } = configuration;
  const joint = votersOutgoing.length === 0 ? "" : `&&(${votersOutgoing.join(" ")})`;
  const learning = learners.length === 0 ? "" : ` learners=(${learners.join(" ")})`;
  return `(${voters.join(" ")})${joint}${learning}`;
}
