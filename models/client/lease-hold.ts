import type { StoreRequest } from "../store/types.ts";
import { endGaveUp, finish, goOn, hold, succeed } from "./calls.ts";
import { dropLease, grantAnother, grantCall, leaseIn, loseLease, takeLease } from "./lease.ts";
import { note } from "./notes.ts";
import type { Recipe, Turn, WorkOf } from "./recipe.ts";
import { put } from "./requests.ts";
import { withLeaseNamed } from "./state.ts";
import type { ClientState } from "./types.ts";

/** Grants a lease, puts keys on it, keeps it alive for a time, and leaves it to expire, and the keys with it. */
export const leaseHold: Recipe<WorkOf<"leaseHold">> = {
  begin(state, turn, work) {
    const call = grantCall(state, work.request.ttlUs);
    return goOn(withLeaseNamed(state), turn, work, "grant", { lease: call.id }, call);
  },
  answered(state, turn, work, answer) {
    if (work.step !== "grant") return putNext(state, turn, work, Number(work.memo.put) + 1);
    const taken = takeLease(state, turn, answer, turn.now + work.request.keepUs);
    // That an earlier grant may have happened matters no more.
    return putNext(taken, turn, { ...work, doubtful: false }, 0);
  },
  unknown(state, turn, work) {
    const doubtful = { ...work, doubtful: true };
    if (work.step === "grant") return grantAnother(state, turn, doubtful, work.request.ttlUs);
    return putNext(state, turn, doubtful, Number(work.memo.put) + 1);
  },
  failed(state, turn, work, error) {
    if (error.code === "leaseExists") {
      turn.effects.push(note.leaseIdTaken);
      return grantAnother(state, turn, work, work.request.ttlUs);
    }
    if (error.code === "leaseNotFound") return loseLease(state, turn, error.code);
    return finish(dropLease(state, turn), turn, work.doubtful ? "unknown" : "failed", error.code, null, error);
  },
  gaveUp: (state, turn, work, code) => endGaveUp(dropLease(state, turn), turn, work, code),
  held: leave,
};

/** Puts the n-th key on the lease. When all are, the lease is kept alive for as long as was asked. */
function putNext(state: ClientState, turn: Turn, work: WorkOf<"leaseHold">, n: number): ClientState {
  const { keys } = work.request;
  const lease = leaseIn(work.memo);
  if (n < keys.length) {
    const call: StoreRequest = put(keys[n]!, String(lease), lease);
    return goOn(state, turn, work, "put", { lease, put: n }, call);
  }
  const left = state.sessions[turn.at]!.lease!.keepUntil - turn.now;
  return left <= 0 ? leave(state, turn, work) : hold(state, turn, work, left);
}

function leave(state: ClientState, turn: Turn, work: WorkOf<"leaseHold">): ClientState {
  turn.effects.push(note.leaseLeft);
  const left = dropLease(state, turn);
  const lease = leaseIn(work.memo);
  return work.doubtful ? finish(left, turn, "unknown", null, lease, null) : succeed(left, turn, lease, null);
}
