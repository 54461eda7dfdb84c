import type { Micros } from "../../models/kernel/index.ts";

/** One thing that is going to happen. */
export interface Pending {
  /**
   * What has an order of its own: a directed link, the timers of a process, the scenario. Within a lane, what is due
   * first happens first, whoever chooses.
   */
  readonly lane: number;
}

/** What is going to happen, and the choice of what happens next. */
export interface Agenda<P extends Pending> {
  /** The number of things pending. */
  readonly size: number;
  /** Virtual time: when the last thing taken happened. It never goes back. */
  readonly now: Micros;
  /** When the last thing taken was due. Earlier than `now` if it had to wait. */
  readonly takenDue: Micros;
  /** Something is due at a time that is not before `now`. */
  push(dueUs: Micros, item: P): void;
  /** Takes what happens next and moves `now` to it, unless nothing is due up to the horizon. */
  take(horizonUs: Micros): P | null;
  /** Moves `now` to a later time, without taking anything. */
  advance(toUs: Micros): void;
  /**
   * Takes back something pushed. An agenda that cannot do so cheaply leaves it out; then whoever pushed it ignores it
   * when it is taken.
   */
  remove?(item: P): void;
}

const ARITY = 4;

/**
 * The agenda of a timed run: what is due first happens first, and of what is due at one time, what was pushed first.
 * A heap of four children a node in three parallel arrays.
 */
export class TimedAgenda<P extends Pending> implements Agenda<P> {
  size = 0;
  now: Micros = 0;
  takenDue: Micros = 0;
  #pushed = 0;
  #due = new Float64Array(256);
  #order = new Float64Array(256);
  #items: (P | null)[] = new Array(256).fill(null);

  push(dueUs: Micros, item: P): void {
    if (this.size === this.#due.length) this.#grow();
    const due = this.#due;
    const order = this.#order;
    const items = this.#items;
    let at = this.size++;
    // A new item is the youngest: it goes above its parent only if it is due strictly earlier.
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (due[parent]! <= dueUs) break;
      due[at] = due[parent]!;
      order[at] = order[parent]!;
      items[at] = items[parent]!;
      at = parent;
    }
    due[at] = dueUs;
    order[at] = this.#pushed++;
    items[at] = item;
  }

  take(horizonUs: Micros): P | null {
    if (this.size === 0) return null;
    const due = this.#due[0]!;
    if (due > horizonUs) return null;
    if (due > this.now) this.now = due;
    this.takenDue = due;
    const top = this.#items[0]!;
    const last = --this.size;
    const item = this.#items[last]!;
    this.#items[last] = null;
    if (last > 0) this.#sink(this.#due[last]!, this.#order[last]!, item, last);
    return top;
  }

  advance(toUs: Micros): void {
    if (toUs > this.now) this.now = toUs;
  }

  #sink(dueUs: Micros, order_: number, item: P, size: number): void {
    const due = this.#due;
    const order = this.#order;
    const items = this.#items;
    let at = 0;
    for (;;) {
      const first = at * ARITY + 1;
      if (first >= size) break;
      const end = Math.min(first + ARITY, size);
      let best = first;
      let bestDue = due[first]!;
      for (let child = first + 1; child < end; child++) {
        const childDue = due[child]!;
        if (childDue < bestDue || (childDue === bestDue && order[child]! < order[best]!)) {
          best = child;
          bestDue = childDue;
        }
      }
      if (bestDue > dueUs || (bestDue === dueUs && order[best]! > order_)) break;
      due[at] = bestDue;
      order[at] = order[best]!;
      items[at] = items[best]!;
      at = best;
    }
    due[at] = dueUs;
    order[at] = order_;
    items[at] = item;
  }

  #grow(): void {
    const capacity = this.#due.length * 2;
    const due = new Float64Array(capacity);
    const order = new Float64Array(capacity);
    due.set(this.#due);
    order.set(this.#order);
    this.#due = due;
    this.#order = order;
    this.#items.length = capacity;
    this.#items.fill(null, capacity / 2);
  }
}
