import type { ErrorCode, Key, LeaseId, RangeResponse, StoreResponse } from "../store/types.ts";
import type { Memo } from "./calls.ts";
import { endFailed, endGaveUp, expectKind, finish, goBack, goOn, hold, later } from "./calls.ts";
import { dropLease, grantAnother, grantCall, holdByLease, leaseIn, loseLease, takeLease } from "./lease.ts";
import { note } from "./notes.ts";
import type { Recipe, Turn, WorkOf } from "./recipe.ts";
import { createdAt, oldest, put, rangeUnder, writeIf } from "./requests.ts";
import { NEVER, withLeaseNamed } from "./state.ts";
import type { ClientResponse, ClientState } from "./types.ts";

type Lock = WorkOf<"lock">;

/**
 * etcd, clientv3/concurrency, Mutex and Election: a key of one's own on a lease; whose key was created first, holds, for
 * as long as its lease is certain. The others look again after a backoff, where etcd waits for the keys before them to go.
 *
 * The steps: `grant` the lease; `enter` the key; `look` who is first; `proclaim`; `hold`; `release`.
 */
export const lock: Recipe<Lock> = {
  begin(state, turn, work) {
    const call = grantCall(state, work.request.ttlUs);
    return goOn(withLeaseNamed(state), turn, work, "grant", { lease: call.id }, call);
  },
  answered(state, turn, work, answer) {
    switch (work.step) {
      case "grant":
        return enter(takeLease(state, turn, answer, NEVER), turn, certain(work));
      case "enter": {
        // Where the key exists, an earlier attempt of this work has created it: no other has the lease.
        expectKind(answer, "txn");
        return goOn(state, turn, certain(work), "look", work.memo, rangeUnder(work.request.name));
      }
      case "look":
        return look(state, turn, work, expectKind(answer, "range"));
      case "proclaim":
        return proclaimed(state, turn, work, expectKind(answer, "txn").succeeded);
      default:
        return released(state, turn, work, answer);
    }
  },
  unknown(state, turn, work) {
    const doubtful = { ...work, doubtful: true };
    switch (work.step) {
      case "grant":
        return grantAnother(state, turn, doubtful, work.request.ttlUs);
      case "enter":
        // It creates the key unless it is there, so that twice is once.
        return later(state, turn, doubtful);
      case "proclaim":
        return hold(state, turn, doubtful, work.request.holdUs);
      default:
        // The lease is never granted again, so that to revoke it twice is to revoke it once.
        return later(state, turn, work);
    }
  },
  failed(state, turn, work, error) {
    if (work.step === "grant" && error.code === "leaseExists") {
      turn.effects.push(note.leaseIdTaken);
      return grantAnother(state, turn, work, work.request.ttlUs);
    }
    if (work.step === "grant") return endFailed(state, turn, work, error);
    // What is to be revoked is gone: expired, or revoked by an attempt that was not answered.
    if (work.step === "release") return released(state, turn, work, error);
    if (error.code === "leaseNotFound") return loseLease(state, turn, error.code);
    return release(state, turn, work, "failed", error.code);
  },
  gaveUp(state, turn, work, code) {
    if (work.step === "grant") return endGaveUp(state, turn, work, code);
    if (work.step !== "release") return release(state, turn, work, "failed", code);
    return finish(state, turn, "unknown", code, null, null);
  },
  held: (state, turn, work) => release(state, turn, work, "ok", null),
};

/** Creates the key of one's own, unless it is there. */
function enter(state: ClientState, turn: Turn, work: Lock): ClientState {
  const lease = leaseIn(work.memo);
  const key = keyOf(work, lease);
  return goOn(state, turn, work, "enter", work.memo, writeIf([createdAt(key, 0)], [put(key, "", lease)]));
}

/** Who was first, holds. */
function look(state: ClientState, turn: Turn, work: Lock, { kvs }: RangeResponse): ClientState {
  const { name, proclaim, holdUs } = work.request;
  const { lease } = state.sessions[turn.at]!;
  const key = keyOf(work, leaseIn(work.memo));
  const mine = kvs.find((kv) => kv.key === key);
  if (mine === undefined || lease === null) {
    turn.effects.push(note.lockKeyGone);
    return release(state, turn, work, "failed", null);
  }
  if (oldest(kvs) !== mine) {
    turn.effects.push(note.lockWaits);
    return goBack(state, turn, work, "look", work.memo, rangeUnder(name));
  }
  if (turn.now >= lease.validUntil) {
    turn.effects.push(note.lockNotCertain);
    return goBack(state, turn, work, "look", work.memo, rangeUnder(name));
  }
  turn.effects.push(note.lockAcquired);
  const holding = holdByLease(state, turn, lease, name);
  const acquired = remembering(work, { created: mine.createRevision });
  if (proclaim === null) return hold(holding, turn, acquired, holdUs);
  const call = writeIf([createdAt(key, mine.createRevision)], [put(key, proclaim, lease.id)]);
  return goOn(holding, turn, acquired, "proclaim", acquired.memo, call);
}

/** etcd, concurrency.Election.Proclaim: by a transaction that fails where the key is no longer the one that was created. */
function proclaimed(state: ClientState, turn: Turn, work: Lock, succeeded: boolean): ClientState {
  turn.effects.push(succeeded ? note.lockProclaimed : note.lockKeyGone);
  if (succeeded) return hold(state, turn, work, work.request.holdUs);
  return release(state, turn, work, "failed", null);
}

/** Lets go, and only then says so to the store: the revoke deletes the key. */
function release(
  state: ClientState,
  turn: Turn,
  work: Lock,
  outcome: "ok" | "failed",
  code: ErrorCode | null,
): ClientState {
  const lease = leaseIn(work.memo);
  const { lease: kept } = state.sessions[turn.at]!;
  if (kept !== null && kept.holds !== null) turn.effects.push(note.lockReleased);
  const ending = remembering(work, { outcome, code: code ?? "" });
  return goOn(dropLease(state, turn), turn, work, "release", ending.memo, { kind: "leaseRevoke", id: lease });
}

function released(state: ClientState, turn: Turn, { memo, doubtful }: Lock, answer: StoreResponse | null): ClientState {
  const outcome = doubtful ? "unknown" : (memo.outcome as ClientResponse["outcome"]);
  const code = memo.code === "" ? null : (memo.code as ErrorCode);
  return finish(state, turn, outcome, code, memo.created ?? null, answer);
}

function keyOf(work: Lock, lease: LeaseId): Key {
  return `${work.request.name}/${lease}`;
}

/** What was in doubt before matters no more. */
function certain(work: Lock): Lock {
  return { ...work, doubtful: false };
}

function remembering(work: Lock, more: Memo): Lock {
  return { ...work, memo: { ...work.memo, ...more } };
}
