import type { RequestId } from "../../models/kernel/index.ts";
import type { Revision } from "../../models/store/types.ts";
import type { Call, SearchBounds } from "../../src/checkers/history.ts";
import type { RecordedCall } from "../../src/checkers/history-recorder.ts";
import { checkLinearizability } from "../../src/checkers/linearizability.ts";
import { isReadRequest, type StoreOp, storeModel } from "../../src/checkers/models/store.ts";
import { describeRequest, isSerializable } from "./calls.ts";
import { type StoreLedger, storeLedgerOf } from "./ledger.ts";
import type { StoreProperty } from "./store-property.ts";

/** What a search may cost: seconds. */
const BOUNDS: SearchBounds = { stepsMax: 400_000, memoryBytesMax: 128 * 2 ** 20 };
/** Of the longest order that a search has found, so much is shown. */
const SHOWN_MAX = 6;

/**
 * What clients called and were answered, serializable reads left out, is linearizable: each call takes effect at once, at
 * some time between its invocation and its answer.
 *
 * The order in which the members apply the commands is the witness: each answer is held against it when it comes. Where
 * it explains the answer there is nothing to search for. Where it does not, the history up to there is searched for any
 * other order; a revision lower than what somebody had been told before needs no search.
 */
export const linearizableHistory: StoreProperty = {
  id: "store/linearizable-history",
  kind: "always",
  source:
    'etcd, KV API guarantees: "etcd ensures strict serializability"; Herlihy and Wing 1990: "each operation applied by concurrent processes appears to take effect instantaneously at some point between its invocation and its response"',
  monitor(context) {
    const ledger = storeLedgerOf(context);
    const { witness } = ledger;
    /** The highest revision that any client was told. */
    let told: Revision = 1;
    let toldTo: RecordedCall<StoreOp> | null = null;
    /** By call under way: what had been told when it was invoked. */
    const floors = new Map<RequestId, { readonly told: Revision; readonly by: RecordedCall<StoreOp> | null }>();
    /** Why the witness does not explain the history, which is searched once more at the end. */
    let unexplained: string | null = null;

    function end(call: RecordedCall<StoreOp>): void {
      floors.delete(call.id);
      witness.abandon(call.id);
    }

    function returned(call: RecordedCall<StoreOp>): void {
      const { response } = call.op;
      const floor = floors.get(call.id);
      if (floor === undefined || response === null) return;
      const revision = response.kind === "error" ? 0 : response.revision;
      const verdict = unexplained === null ? witness.answer(call.id, call.op) : null;
      end(call);
      if (revision > 0 && revision < floor.told) {
        context.violate(
          `${describeCall(call)} is answered at revision ${revision}, after ${describeCall(floor.by!)} had been answered at revision ${floor.told}, before it was asked`,
          { call: shown(call), earlier: shown(floor.by!) },
        );
        return;
      }
      if (verdict?.kind === "unexplained") {
        unexplained = `${describeCall(call)} is answered otherwise than the members carried it out: ${verdict.reason}`;
        search(unexplained, call);
      }
      if (revision <= told) return;
      told = revision;
      toldTo = call;
    }

    function search(why: string, last: RecordedCall<StoreOp> | null): void {
      const verdict = checkLinearizability(storeModel, historyOf(ledger), BOUNDS);
      if (verdict.kind === "notLinearizable") {
        const { longest, stuck } = verdict.evidence;
        context.violate(`no order of the calls explains the answers: ${why}`, {
          ...(last === null ? {} : { call: shown(last) }),
          explained: longest.length,
          lastExplained: longest.slice(-SHOWN_MAX).map(({ call, state }) => ({ call: shown(call), state })),
          stuck: stuck.slice(0, SHOWN_MAX).map(({ call, reason }) => ({ call: shown(call), reason })),
        });
      } else if (verdict.kind === "unknown" && last === null)
        context.undecided(`${why}; and a search for another order is ${verdict.reason}`);
    }

    return ledger.monitor(
      {
        invoked(call) {
          if (isSerializable(call.op.request)) return;
          floors.set(call.id, { told, by: toldTo });
          witness.invoke(call.id);
        },
        returned,
        never: end,
        unknown: end,
      },
      {
        concerns: { changes: [], messages: [], notes: [] },
        atEnd() {
          if (unexplained !== null) search(unexplained, null);
        },
      },
    );
  },
};

/**
 * The calls to be put in order. What members carried out of themselves, such as the revoke of a lease that has expired,
 * is an operation too: one that nobody was told of.
 */
function historyOf(ledger: StoreLedger): readonly Call<StoreOp>[] {
  const calls = ledger.recorder.calls().filter(({ op }) => !isSerializable(op.request));
  const known = new Set(calls.map(({ id }) => id));
  const own: Call<StoreOp>[] = [];
  for (const { command, member, index } of ledger.commands()) {
    const { op: request } = command;
    if (known.has(command.id) || request.kind === "leaseCheckpoint" || isReadRequest(request)) continue;
    // From the beginning: when it was proposed is not known.
    const invokedAt = index - ledger.upTo - 1;
    const process = `${member}/${command.id}`;
    own.push({ process, op: { request, response: null }, invokedAt, returnedAt: Number.POSITIVE_INFINITY });
  }
  return [...own, ...calls];
}

function describeCall({ client, server, id, op }: RecordedCall<StoreOp>): string {
  return `${client}'s ${describeRequest(op.request)} at ${server} (${id})`;
}

function shown(call: Call<StoreOp>): unknown {
  const { process, op } = call;
  return { process, ...("id" in call ? { id: call.id } : {}), ...op };
}
