import type { Micros } from "../../models/kernel/index.ts";
import type { Agenda, Pending } from "./agenda.ts";
import { bits, type StreamKey, streamKey } from "./random.ts";

/**
 * Who decides what happens next. It is shown the lanes in which something may happen now, in ascending order, and
 * answers with an index into that list.
 */
export interface Chooser {
  choose(lanes: readonly number[]): number;
}

/** A choice that was asked for and is not to be had, for instance on replay of a list that does not fit the world. */
export class ChoiceError extends Error {
  override readonly name = "ChoiceError";
}

interface Entry<P> {
  readonly due: Micros;
  readonly order: number;
  readonly item: P;
}

/**
 * The agenda of a run in which a chooser decides. It may take the first thing of any lane that is due no later than
 * `windowUs` after the earliest of all. What waits is late, by no more than that, as it could be in a slow network: every
 * order is one of a real system of bounded delay. An infinite window leaves all orders open.
 */
export class ChosenAgenda<P extends Pending> implements Agenda<P> {
  size = 0;
  now: Micros = 0;
  takenDue: Micros = 0;
  /** The lanes chosen so far, to be replayed by {@link replayChooser}. */
  readonly choices: number[] = [];
  readonly #chooser: Chooser;
  readonly #windowUs: Micros;
  readonly #lanes = new Map<number, Entry<P>[]>();
  /** The same queues, in the order of their lanes. */
  readonly #queues: { readonly lane: number; readonly queue: Entry<P>[] }[] = [];
  #pushed = 0;
  #byTime = false;

  constructor(chooser: Chooser, windowUs: Micros) {
    this.#chooser = chooser;
    this.#windowUs = windowUs;
  }

  push(dueUs: Micros, item: P): void {
    let queue = this.#lanes.get(item.lane);
    if (queue === undefined) {
      queue = [];
      this.#lanes.set(item.lane, queue);
      this.#queues.push({ lane: item.lane, queue });
      this.#queues.sort((a, b) => a.lane - b.lane);
    }
    const entry = { due: dueUs, order: this.#pushed++, item };
    let at = queue.length;
    while (at > 0 && queue[at - 1]!.due > dueUs) at--;
    queue.splice(at, 0, entry);
    this.size++;
  }

  /** From now on, what is due first happens first, and no choice is made or recorded. */
  chooseByTime(): void {
    this.#byTime = true;
  }

  take(horizonUs: Micros): P | null {
    const queues = this.#queues;
    let first: Entry<P> | undefined;
    for (let i = 0; i < queues.length; i++) {
      const { queue } = queues[i]!;
      if (queue.length > 0 && (first === undefined || isBefore(queue[0]!, first))) first = queue[0]!;
    }
    if (first === undefined || first.due > horizonUs) return null;
    return this.#takeFrom(this.#byTime ? first.item.lane : this.#chooseLane(first.due, horizonUs));
  }

  #chooseLane(earliest: Micros, horizonUs: Micros): number {
    const limit = Math.min(horizonUs, earliest + this.#windowUs);
    const open: number[] = [];
    const queues = this.#queues;
    for (let i = 0; i < queues.length; i++) {
      const { lane, queue } = queues[i]!;
      if (queue.length > 0 && queue[0]!.due <= limit) open.push(lane);
    }
    const lane = open[this.#chooser.choose(open)];
    if (lane === undefined) throw new ChoiceError("the chooser answered with no lane that is open");
    this.choices.push(lane);
    return lane;
  }

  #takeFrom(lane: number): P {
    const entry = this.#lanes.get(lane)!.shift()!;
    this.size--;
    this.takenDue = entry.due;
    this.now = Math.max(this.now, entry.due);
    return entry.item;
  }

  remove(item: P): void {
    const queue = this.#lanes.get(item.lane);
    const at = queue === undefined ? -1 : queue.findIndex((entry) => entry.item === item);
    if (at < 0) return;
    queue!.splice(at, 1);
    this.size--;
  }

  advance(toUs: Micros): void {
    this.now = Math.max(this.now, toUs);
  }
}

function isBefore<P>(left: Entry<P>, right: Entry<P>): boolean {
  return left.due < right.due || (left.due === right.due && left.order < right.order);
}

/** Picks a lane at random at each step. */
export function randomChooser(seed: string | number): Chooser {
  const key = streamKey(seed, "chooser/random");
  let step = 0;
  return { choose: (lanes) => (bits(key, step++, 0) >>> 0) % lanes.length };
}

/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): each lane has a random priority, the highest
 * goes first, and at `depth - 1` random steps the lane that would go is put below all others. Finds a bug of depth d
 * in a run of k steps over n lanes with probability at least 1 / (n k^(d-1)).
 *
 * @param stepsExpected the length of a run, over which the change points are spread
 */
export function pctChooser(seed: string | number, depth: number, stepsExpected: number): Chooser {
  const key: StreamKey = streamKey(seed, "chooser/pct");
  const changes = new Map<number, number>();
  for (let d = 1; d < depth; d++) changes.set((bits(key, d, 1) >>> 0) % Math.max(1, stepsExpected), d);
  const priorities = new Map<number, number>();
  let step = 0;
  const highest = (lanes: readonly number[]): number => {
    let best = 0;
    for (let i = 0; i < lanes.length; i++) if (priorityOf(lanes[i]!) > priorityOf(lanes[best]!)) best = i;
    return best;
  };
  const priorityOf = (lane: number): number => {
    const known = priorities.get(lane);
    if (known !== undefined) return known;
    const drawn = depth + (bits(key, lane, 2) >>> 0);
    priorities.set(lane, drawn);
    return drawn;
  };
  return {
    choose(lanes) {
      const change = changes.get(step++);
      if (change !== undefined) priorities.set(lanes[highest(lanes)]!, depth - change);
      return highest(lanes);
    },
  };
}

/** Replays a recorded list of lanes; after its end, the first open lane is taken. A lane that is not open is an error. */
export function replayChooser(recorded: readonly number[]): Chooser {
  let step = 0;
  return {
    choose(lanes) {
      const wanted = recorded[step++];
      if (wanted === undefined) return 0;
      const index = lanes.indexOf(wanted);
      if (index < 0)
        throw new ChoiceError(`choice ${step}: lane ${wanted} was recorded, but only ${lanes.join(", ")} are open`);
      return index;
    },
  };
}

/**
 * Goes through every order of choices, one run at a time, depth first: `begin` starts a run, and `next` prepares the one
 * after it and is false when all were made. Beyond `depthMax` choices, the first lane is taken.
 */
export class ExhaustiveChooser implements Chooser {
  readonly #depthMax: number;
  #path: { index: number; count: number }[] = [];
  #step = 0;
  /** The runs that were cut off at the depth bound; when it is above 0, the search was not complete. */
  truncated = 0;
  #cut = false;

  constructor(depthMax: number) {
    this.#depthMax = depthMax;
  }

  choose(lanes: readonly number[]): number {
    const at = this.#step++;
    if (at >= this.#depthMax) {
      if (lanes.length > 1) this.#cut = true;
      return 0;
    }
    const known = this.#path[at];
    if (known === undefined) {
      this.#path.push({ index: 0, count: lanes.length });
      return 0;
    }
    if (known.count !== lanes.length)
      throw new ChoiceError(`choice ${at}: ${known.count} lanes were open before, now ${lanes.length}`);
    return known.index;
  }

  /** Prepares the next run. False when every order was tried. */
  next(): boolean {
    if (this.#cut) this.truncated++;
    this.#cut = false;
    this.#path.length = Math.min(this.#path.length, this.#step);
    this.#step = 0;
    while (this.#path.length > 0) {
      const last = this.#path[this.#path.length - 1]!;
      if (last.index + 1 < last.count) {
        last.index++;
        return true;
      }
      this.#path.pop();
    }
    return false;
  }
}
