import type { Index } from "../../models/raft/types.ts";
import type { RaftContext } from "./raft-property.ts";

const TRIM_FROM = 4_096;
const LENGTH_MAX = 131_072;

/**
 * What a monitor remembers for each index of the log, for as long as some member may still come back to that index.
 *
 * Grows at its end and is cut off, now and then, below the lowest index that a log in the cluster still holds. When a
 * member stays behind for very long, the oldest half goes all the same: memory does not grow with the run.
 */
export class IndexWindow<T> {
  readonly #context: RaftContext;
  /** The index of the first item. */
  #base: Index = 0;
  #items: (T | undefined)[] = [];
  #trimAt = TRIM_FROM;

  constructor(context: RaftContext) {
    this.#context = context;
  }

  /** What is remembered for an index, or undefined. */
  get(index: Index): T | undefined {
    return index < this.#base ? undefined : this.#items[index - this.#base];
  }

  /** Remembers something for an index. Nothing happens if the index is no longer in the window. */
  set(index: Index, item: T): void {
    const position = index - this.#base;
    if (position < 0) return;
    const items = this.#items;
    while (items.length < position) items.push(undefined);
    if (position === items.length) items.push(item);
    else items[position] = item;
    if (items.length > this.#trimAt) this.#trim();
  }

  /** How many indexes the window spans. */
  get length(): number {
    return this.#items.length;
  }

  #trim(): void {
    let count = lowestHeld(this.#context) - this.#base;
    if (this.#items.length - count > LENGTH_MAX) count = Math.max(count, this.#items.length >> 1);
    if (count > 0) {
      this.#items = this.#items.slice(count);
      this.#base += count;
    }
    this.#trimAt = Math.max(TRIM_FROM, 2 * this.#items.length);
    if (this.#trimAt > LENGTH_MAX) this.#trimAt = Math.max(LENGTH_MAX, this.#items.length + TRIM_FROM);
  }
}

/** The lowest index that a member which may run again has in a log, in memory or on disk. Empty logs do not count. */
function lowestHeld(context: RaftContext): Index {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { status, state, durable } of context.processes) {
    if (status === "dead") continue;
    if (durable.log.prevIndex + durable.log.entries.length > 0) lowest = Math.min(lowest, durable.log.prevIndex);
    if (status === "up" && state.log.entries.length > 0) lowest = Math.min(lowest, state.log.prevIndex);
  }
  return lowest === Number.POSITIVE_INFINITY ? 0 : lowest;
}
