/**
 * Histories: what clients asked, what they were answered, and when.
 *
 * A history is a list of calls in the order of their invocations. Times are positions in one order of events (line
 * numbers, or virtual time made unique), so that no two are equal.
 */

/** One call of a client: an operation, from its invocation to its answer. */
export interface Call<Op> {
  /** Who made it. The calls of one process follow one another; a process whose call was never answered makes no more. */
  readonly process: string;
  /** What was asked and, where it is known, what was answered: as the model understands it. */
  readonly op: Op;
  readonly invokedAt: number;
  /** Infinity where the outcome is unknown: it may take effect at any time after the invocation, or never. */
  readonly returnedAt: number;
}

/**
 * A sequential object: what a history is compared with.
 *
 * States are immutable. `Op` holds the answer, too; where it is unknown, the model allows every answer.
 */
export interface SequentialModel<State, Op> {
  readonly name: string;
  readonly initial: State;
  /** The state after the operation, or undefined where it cannot be answered so in this state. Pure. */
  step(state: State, op: Op): State | undefined;
  /** Equal for equal states and different for different ones, so that states can be told apart by it in a Map. */
  identity(state: State): string | number;
  /**
   * The object of its own that a call is about (its key), where calls about different ones do not touch each other, so
   * that they can be judged one by one (Herlihy and Wing 1990, locality). Left out where there is but one object.
   */
  partition?(op: Op): string;
  /** What is known of an operation in whatever state, by which a search leaves much out. Left out: `other` for all. */
  effect?(op: Op): Effect;
  /**
   * The only state of its partition in which an operation is possible, or undefined where there are others. With
   * {@link mayMake}, a search sees early that an answer is out of reach. Left out: nothing is known.
   */
  needs?(op: Op): State | undefined;
  /** False where an operation that does not only read makes a state of no other one. */
  mayMake?(op: Op, state: State): boolean;
  /**
   * Different for operations that differ in any state, answers included, so that those told apart by nothing else are
   * searched once. Left out: every call's operation counts as one of its own.
   */
  opIdentity?(op: Op): string | number;
  /** The operation and its answer in words, for evidence: `write(3)`, `read() = 4`. */
  describe(op: Op): string;
  /** The state in words. */
  describeState(state: State): string;
}

/**
 * What an operation does in whatever state of its partition.
 *
 * - `reads`: where it can be answered so, it leaves the state as it is.
 * - `overwrites`: it is possible in every state, and makes one and the same of all of them.
 * - `total`: it is possible in every state.
 * - `other`: whatever.
 */
export type Effect = "reads" | "overwrites" | "total" | "other";

/** Bounds of a search. What is not decided within them is `unknown`. */
export interface SearchBounds {
  /** Steps of the model, over all partitions. */
  readonly stepsMax: number;
  /** Bytes that the memory of visited configurations may take, about. */
  readonly memoryBytesMax: number;
  /** Asked now and then: true ends the search. The caller owns the clock. */
  readonly expired?: () => boolean;
}

/** What shows that a history is not linearizable: for the first partition that is not. */
export interface LinearizabilityEvidence<Op> {
  /** The key of the partition, or null. */
  readonly partition: string | null;
  /** The longest order of calls that was found to be possible, and the states after each. */
  readonly longest: readonly { readonly call: Call<Op>; readonly state: string }[];
  /**
   * The calls of which one would have to come next, and why it cannot, in words. Before them, where one was seen, a call
   * that no order at all has room for.
   */
  readonly stuck: readonly { readonly call: Call<Op>; readonly reason: string }[];
}

/** What came of a check. Only what was decided is a verdict. */
export type LinearizabilityVerdict<Op> =
  | { readonly kind: "linearizable" }
  | { readonly kind: "notLinearizable"; readonly evidence: LinearizabilityEvidence<Op> }
  | { readonly kind: "unknown"; readonly reason: string };
