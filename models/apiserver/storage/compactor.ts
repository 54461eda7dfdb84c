import type { TxnRequest } from "../../store/types.ts";
import { note } from "../notes.ts";
import type { ServerTurn } from "../turn.ts";
import { type CallOutcome, callStore } from "./calls.ts";
import { getKey } from "./requests.ts";

/** The key by which servers agree who compacts (etcd3/compact.go, compactRevKey). */
export const COMPACT_REV_KEY = "compact_rev_key";

/**
 * etcd3/compact.go, compact: each interval, whoever still knows the key's version writes it, and compacts up to the
 * revision that the store had at the last interval; the others learn the version. So it happens once each interval.
 */
export function compactWhenDue(turn: ServerTurn): void {
  const { compactor, config } = turn;
  if (compactor.dueAt > turn.now) return;
  const { version, revision } = compactor;
  turn.compactor = { version, revision, dueAt: turn.now + config.compactionIntervalUs };
  const request: TxnRequest = {
    kind: "txn",
    compare: [{ key: COMPACT_REV_KEY, target: "version", result: "equal", operand: version }],
    success: [{ kind: "put", key: COMPACT_REV_KEY, value: String(revision), lease: 0, prevKv: false }],
    failure: [getKey(COMPACT_REV_KEY)],
  };
  callStore(turn, "compactor", "", request);
}

/** The store has answered the compactor. An error is for the next interval. */
export function compactorAnswered(turn: ServerTurn, response: CallOutcome): void {
  if (response === null) return;
  if (response.kind === "compact") {
    turn.note(note.compacted);
    return;
  }
  if (response.kind !== "txn") return;
  const { version, revision, dueAt } = turn.compactor;
  if (response.succeeded) {
    turn.note(note.compactionWon);
    turn.compactor = { version: version + 1, revision: response.revision, dueAt };
    // Nothing is compacted at the first time.
    if (revision > 0) callStore(turn, "compactor", "", { kind: "compact", revision });
    return;
  }
  turn.note(note.compactionLost);
  const read = response.responses[0];
  const kv = read?.kind === "range" ? read.kvs[0] : undefined;
  turn.compactor = { version: kv === undefined ? 0 : kv.version, revision: response.revision, dueAt };
}
