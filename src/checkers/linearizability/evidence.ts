import type { Call, LinearizabilityEvidence, SequentialModel } from "../history.ts";
import { OVERWRITES, READS, TOTAL } from "./effects.ts";
import type { Problem } from "./problem.ts";
import { SEEN, UNSEEN } from "./search.ts";

/**
 * What shows that a partition is not linearizable: the order that got furthest, and why none of the calls that would have
 * to come next can.
 *
 * @param choices What took effect, but for reads, which do so as soon as they can: see `search.ts`.
 * @param refuted A call that no linearization has room for, and the state that it needs. It may be further ahead.
 */
export function evidenceOf<State, Op>(
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
  problem: Problem,
  choices: readonly number[],
  refuted: { readonly rank: number; readonly state: unknown } | null,
): LinearizabilityEvidence<Op> {
  const { done, order } = orderOf(model, calls, problem, choices);
  let state = model.initial;
  const longest = order.map((index) => {
    const call = calls[index]!;
    const next = model.step(state, call.op);
    if (next === undefined) throw new Error(`${model.describe(call.op)} was possible in this state, and is not now`);
    state = next;
    return { call, state: model.describeState(state) };
  });
  const { callOf, opOf, opEffects, ranks } = problem;
  const frontier = done.indexOf(0);
  const stuck = Array.from({ length: ranks - frontier }, (_, i) => frontier + i)
    .filter((rank) => done[rank] === 0 && calls[callOf[rank]!]!.invokedAt < calls[callOf[frontier]!]!.returnedAt)
    .map((rank) => {
      const call = calls[callOf[rank]!]!;
      const shown = model.describeState(state);
      if (refuted?.rank === rank) return { call, reason: `${noRoom(model, refuted.state)}; the state is ${shown}` };
      if (model.step(state, call.op) !== undefined)
        return { call, reason: `possible in the state ${shown}, but not what would have to come after it` };
      const why = opEffects[opOf[rank]!] === READS ? "its answer does not fit" : "it cannot take effect so in";
      return { call, reason: `${why} the state ${shown}` };
    });
  if (refuted !== null && !stuck.some(({ call }) => call === calls[callOf[refuted.rank]!]))
    stuck.unshift({ call: calls[callOf[refuted.rank]!]!, reason: noRoom(model, refuted.state) });
  return { partition: problem.key, longest, stuck };
}

function noRoom<State, Op>(model: SequentialModel<State, Op>, state: unknown): string {
  return `at no time while it was open can the state be ${model.describeState(state as State)}`;
}

/** The order of calls that choices stand for, and by rank whether a call is in it. */
function orderOf<State, Op>(
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
  problem: Problem,
  choices: readonly number[],
): { done: Uint8Array; order: number[] } {
  const { ranks, callOf, opOf, opEffects, reads, readStart, strayCallOf, strayOpOf, updates, updateStart } = problem;
  /** Calls that were seen, and of each those that took effect unseen just before it. */
  const order: { call: number; unseen: number[] }[] = [];
  const done = new Uint8Array(ranks);
  /** By rank of a free call: where in the order it may be, unseen. */
  const places = new Map<number, number>();
  let frontier = 0;
  let state = model.initial;

  const settle = (): void => {
    for (let moved = true; moved && frontier < ranks; ) {
      for (const rank of reads.subarray(readStart[frontier]!, readStart[frontier + 1]!)) {
        const call = callOf[rank]!;
        if (done[rank] === 1 || model.step(state, calls[call]!.op) === undefined) continue;
        order.push({ call, unseen: [] });
        done[rank] = 1;
      }
      moved = false;
      for (; frontier < ranks && done[frontier] === 1; frontier++) moved = true;
    }
  };
  const hide = (rank: number): void => {
    order[places.get(rank)!]!.unseen.push(callOf[rank]!);
    done[rank] = 1;
  };
  const see = (choice: number): void => {
    const op = choice >= 0 ? opOf[choice]! : strayOpOf[~choice]!;
    const call = choice >= 0 ? callOf[choice]! : strayCallOf[~choice]!;
    if (opEffects[op] === OVERWRITES)
      for (const rank of updates.subarray(updateStart[frontier]!, updateStart[frontier + 1]!))
        if (rank !== frontier && done[rank] === 0 && opEffects[opOf[rank]!]! >= TOTAL) places.set(rank, order.length);
    state = model.step(state, calls[call]!.op)!;
    order.push({ call, unseen: [] });
    if (choice >= 0) done[choice] = 1;
  };

  settle();
  for (const choice of choices) {
    if (choice === UNSEEN) hide(frontier);
    else if (choice !== SEEN) see(choice);
    settle();
  }
  for (const rank of places.keys()) if (done[rank] === 0 && rank !== frontier) hide(rank);
  return { done, order: order.flatMap(({ call, unseen }) => [...unseen, call]) };
}
