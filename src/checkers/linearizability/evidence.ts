import type { Call, LinearizabilityEvidence, SequentialModel } from "../history.ts";
import type { Problem } from "./problem.ts";

/**
 * What shows that a partition is not linearizable: the order that got furthest, and why none of the calls that would have
 * to come next can.
 *
 * @param choices The calls that took effect, but for reads, which do so as soon as they can: ranks, and `~stray`.
 */
export function evidenceOf<State, Op>(
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
  problem: Problem,
  choices: readonly number[],
): LinearizabilityEvidence<Op> {
  const { ranks, callOf, opOf, opReads, reads, readStart, strayCallOf, updates, updateStart } = problem;
  const longest: { call: Call<Op>; state: string }[] = [];
  const done = new Uint8Array(ranks);
  let frontier = 0;
  let state = model.initial;

  const apply = (index: number): void => {
    const call = calls[index]!;
    const next = model.step(state, call.op);
    if (next === undefined) throw new Error(`${model.describe(call.op)} was possible in this state, and is not now`);
    state = next;
    longest.push({ call, state: model.describeState(state) });
  };
  const openReads = () => reads.subarray(readStart[frontier]!, readStart[frontier + 1]!);
  const openUpdates = () => updates.subarray(updateStart[frontier]!, updateStart[frontier + 1]!);
  const settle = (): void => {
    for (let settled = false; !settled && frontier < ranks; ) {
      settled = true;
      for (const rank of openReads()) {
        if (done[rank] === 1 || model.step(state, calls[callOf[rank]!]!.op) === undefined) continue;
        apply(callOf[rank]!);
        done[rank] = 1;
      }
      for (; frontier < ranks && done[frontier] === 1; frontier++) settled = false;
    }
  };

  settle();
  for (const choice of choices) {
    apply(choice >= 0 ? callOf[choice]! : strayCallOf[~choice]!);
    if (choice >= 0) done[choice] = 1;
    settle();
  }
  const waiting = frontier < ranks ? [...openUpdates(), ...openReads()] : [];
  const stuck = waiting
    .filter((rank) => done[rank] === 0)
    .sort((a, b) => a - b)
    .map((rank) => {
      const call = calls[callOf[rank]!]!;
      const what = opReads[opOf[rank]!] === 1 ? "its answer does not fit" : "it cannot take effect so in";
      return { call, reason: `${what} the state ${model.describeState(state)}` };
    });
  return { partition: problem.key, longest, stuck };
}
