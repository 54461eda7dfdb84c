import type { Key, KeyValue, StoreResponse } from "../store/types.ts";
import {
  endFailed,
  endGaveUp,
  expectKind,
  finish,
  goBack,
  goOn,
  holdsNothing,
  NOTHING_IN_MIND,
  succeed,
} from "./calls.ts";
import { note } from "./notes.ts";
import type { Recipe, Turn, WorkOf } from "./recipe.ts";
import { numberOf, put, rangeOf, reads, unchanged, writeIf } from "./requests.ts";
import type { ClientState } from "./types.ts";

/**
 * Reads a number, and puts the next one if the key is as it was (etcd, clientv3/concurrency, STM).
 *
 * After an unknown outcome the number might be read again, but nobody could tell whose it is: it ends unknown.
 */
export const increment: Recipe<WorkOf<"increment">> = {
  begin: (state, turn, work) => goOn(state, turn, work, "read", NOTHING_IN_MIND, rangeOf(work.request.key)),
  answered(state, turn, work, answer) {
    const { key } = work.request;
    if (work.step === "read") {
      const kv = expectKind(answer, "range").kvs[0];
      const seen = numberOf(kv);
      if (seen === null) return finish(state, turn, "failed", null, null, answer);
      const next = seen + 1;
      const swap = writeIf([unchanged(key, modOf(kv))], [put(key, String(next), 0)]);
      return goOn(state, turn, work, "swap", { next }, swap);
    }
    if (expectKind(answer, "txn").succeeded) return succeed(state, turn, work.memo.next!, answer);
    turn.effects.push(note.casConflict);
    return goBack(state, turn, work, "read", NOTHING_IN_MIND, rangeOf(key));
  },
  unknown: (state, turn, work, error) => finish(state, turn, "unknown", error?.code ?? null, work.memo.next!, error),
  failed: endFailed,
  gaveUp: endGaveUp,
  held: holdsNothing,
};

/** Reads two accounts, and moves an amount if both are as they were and there is enough. */
export const transfer: Recipe<WorkOf<"transfer">> = {
  begin: readAccounts,
  answered(state, turn, work, answer) {
    const { from, to, amount } = work.request;
    const { responses, succeeded } = expectKind(answer, "txn");
    if (work.step === "swap") {
      if (succeeded) return succeed(state, turn, amount, answer);
      turn.effects.push(note.casConflict);
      return goBack(state, turn, work, "read", NOTHING_IN_MIND, readsOf(from, to));
    }
    const [source, target] = [firstOf(responses[0]), firstOf(responses[1])];
    const [left, right] = [numberOf(source), numberOf(target)];
    if (left === null || right === null) return finish(state, turn, "failed", null, null, answer);
    if (left < amount) {
      turn.effects.push(note.transferNotEnough);
      return succeed(state, turn, 0, answer);
    }
    const same = [unchanged(from, modOf(source)), unchanged(to, modOf(target))];
    const moved = [put(from, String(left - amount), 0), put(to, String(right + amount), 0)];
    return goOn(state, turn, work, "swap", NOTHING_IN_MIND, writeIf(same, moved));
  },
  unknown: (state, turn, work, error) =>
    finish(state, turn, "unknown", error?.code ?? null, work.request.amount, error),
  failed: endFailed,
  gaveUp: endGaveUp,
  held: holdsNothing,
};

function readAccounts(state: ClientState, turn: Turn, work: WorkOf<"transfer">): ClientState {
  const { from, to } = work.request;
  // To oneself: a transaction must not put a key twice, and nothing would change.
  if (from === to) return succeed(state, turn, 0, null);
  return goOn(state, turn, work, "read", NOTHING_IN_MIND, readsOf(from, to));
}

function readsOf(from: Key, to: Key): ReturnType<typeof reads> {
  return reads([rangeOf(from), rangeOf(to)]);
}

function firstOf(response: StoreResponse | undefined): KeyValue | undefined {
  return response?.kind === "range" ? response.kvs[0] : undefined;
}

function modOf(kv: KeyValue | undefined): number {
  return kv === undefined ? 0 : kv.modRevision;
}
