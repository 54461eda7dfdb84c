import type { SequentialModel } from "./history.ts";

/** What came of a call, held against the witness. */
export type WitnessVerdict = { readonly kind: "explained" } | { readonly kind: "unexplained"; readonly reason: string };

/** A call that is under way. */
interface OpenCall {
  /** It takes effect behind this position of the order: what was answered before it was invoked lies up to there. */
  readonly floor: number;
}

const EXPLAINED: WitnessVerdict = { kind: "explained" };

/**
 * Linearizability by witness: an order in which the operations have taken effect, as the system itself shows it, told as
 * it grows. Where it explains every answer, the history is linearizable, without any search: the order is the proof.
 *
 * An operation that is in the order takes effect in its place. It must come into the order after its invocation and
 * before its answer; then its place is behind all that were answered before it was invoked. One that is not in the order,
 * and changes nothing, takes effect at the first place in which the model gives its answer: behind all that was answered
 * before it was invoked, and not behind what the order held when it was answered. To choose the first is never worse.
 *
 * What it remembers are the states since the oldest call under way.
 */
export class Witness<State, Op> {
  readonly #model: SequentialModel<State, Op>;
  /** `#states[i]`: after the first `#base + i` operations of the order. */
  #states: State[];
  #base = 0;
  /** Of calls under way that are in the order: how many operations are before them. */
  readonly #places = new Map<string, number>();
  readonly #open = new Map<string, OpenCall>();
  /** The place of the last operation that somebody was told of, plus 1 where it was in the order. */
  #told = 0;

  constructor(model: SequentialModel<State, Op>) {
    this.#model = model;
    this.#states = [model.initial];
  }

  /** The state after all operations of the order so far. */
  get latest(): State {
    return this.#states[this.#states.length - 1]!;
  }

  /** How many operations the order has. */
  get length(): number {
    return this.#base + this.#states.length - 1;
  }

  /** The order goes on with this operation, its answer unknown. `id`: the call that it is. */
  append(id: string, op: Op): void {
    if (this.#open.has(id) && !this.#places.has(id)) this.#places.set(id, this.length);
    // Nobody could be told anything by an operation that the model refuses where its answer is unknown.
    this.#states.push(this.#model.step(this.latest, op) ?? this.latest);
    if (this.#open.size === 0) this.#forget();
  }

  /** A call is invoked. */
  invoke(id: string): void {
    if (this.#open.size === 0) this.#forget();
    this.#open.set(id, { floor: this.#told });
  }

  /** Nobody waits for a call's answer any more. */
  abandon(id: string): void {
    this.#open.delete(id);
    this.#places.delete(id);
  }

  /** A call was answered. `op`: with its answer. */
  answer(id: string, op: Op): WitnessVerdict {
    const open = this.#open.get(id);
    const place = this.#places.get(id);
    this.abandon(id);
    if (open === undefined) return { kind: "unexplained", reason: "it was answered before it was asked" };
    if (place !== undefined) return this.#answerInPlace(op, open, place);
    for (let position = open.floor; position <= this.length; position++) {
      const state = this.#stateAt(position);
      const after = this.#model.step(state, op);
      if (after === undefined || (after !== state && !this.#same(after, state))) continue;
      this.#told = Math.max(this.#told, position);
      return EXPLAINED;
    }
    const what = `it did not take effect, and the state gave no such answer from ${this.#describe(open.floor)} to ${this.#describe(this.length)}`;
    return { kind: "unexplained", reason: what };
  }

  #answerInPlace(op: Op, { floor }: OpenCall, place: number): WitnessVerdict {
    if (place < floor) return { kind: "unexplained", reason: `it took effect before what was known when it was asked` };
    const after = this.#model.step(this.#stateAt(place), op);
    if (after === undefined || !this.#same(after, this.#stateAt(place + 1)))
      return { kind: "unexplained", reason: `it took effect in ${this.#describe(place)}, which gives another answer` };
    this.#told = Math.max(this.#told, place + 1);
    return EXPLAINED;
  }

  #same(left: State, right: State): boolean {
    return left === right || this.#model.identity(left) === this.#model.identity(right);
  }

  #stateAt(position: number): State {
    return this.#states[position - this.#base]!;
  }

  #describe(position: number): string {
    return `operation ${position} (${this.#model.describeState(this.#stateAt(position))})`;
  }

  /** Nobody will ask for a state before what was told. */
  #forget(): void {
    const count = Math.min(this.#told - this.#base, this.#states.length - 1);
    if (count < 64) return;
    this.#states = this.#states.slice(count);
    this.#base += count;
  }
}
