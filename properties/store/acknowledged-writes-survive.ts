import { mapGet } from "../../models/kernel/index.ts";
import type { Key, PutRequest, Revision, StoreResponse } from "../../models/store/types.ts";
import type { RecordedCall } from "../../src/checkers/history-recorder.ts";
import { isReadRequest, type StoreModelRequest, type StoreOp } from "../../src/checkers/models/store.ts";
import { holds } from "../raft/log.ts";
import { describeRequest } from "./calls.ts";
import { finalContent, liveVersion } from "./content.ts";
import { type AppliedCommand, storeLedgerOf } from "./ledger.ts";
import type { MemberState, StoreProcess, StoreProperty } from "./store-property.ts";

/** A put that a client was told of. */
interface Acknowledged {
  readonly put: PutRequest;
  readonly revision: Revision;
  readonly call: RecordedCall<StoreOp>;
}

/**
 * A write that a client was told of has been applied; whoever leads later has it in its log; and at the end it is there,
 * unless a later write came over it.
 */
export const acknowledgedWritesSurvive: StoreProperty = {
  id: "store/acknowledged-writes-survive",
  kind: "always",
  source:
    'etcd, KV API guarantees, Durability: "Any completed operations are durable. All accessible data is also durable data."; etcd#14370: a single member acknowledged before the write was durable',
  monitor(context) {
    const ledger = storeLedgerOf(context);
    /** Of the acknowledged writes, the one applied at the highest index. By log matching it stands for all before it. */
    let last: AppliedCommand | null = null;
    let lastCall: RecordedCall<StoreOp> | null = null;
    /** By key: the latest acknowledged put. */
    const puts = new Map<Key, Acknowledged>();

    function returned(call: RecordedCall<StoreOp>): void {
      const { request, response } = call.op;
      if (response === null || response.kind === "error" || isReadRequest(request)) return;
      const place = ledger.placeOf(call.id);
      if (place === undefined) {
        if (ledger.incomplete) return;
        context.violate(`${describeCall(call)} is acknowledged, but no member has applied it`, {
          call: call.id,
          ...call.op,
        });
        return;
      }
      if (last === null || place.index > last.index) {
        last = place;
        lastCall = call;
      }
      for (const put of putsOf(request, response)) {
        const known = puts.get(put.key);
        if (known === undefined || known.revision < response.revision)
          puts.set(put.key, { put, revision: response.revision, call });
      }
    }

    function lead({ id }: StoreProcess, { raft }: MemberState): void {
      if (last === null || raft.currentTerm <= last.memberTerm) return;
      if (holds(raft.log, raft.snapshot, last.index, last.term)) return;
      context.violate(
        `${id} leads term ${raft.currentTerm} without index ${last.index} of term ${last.term}: ${describeCall(lastCall!)}, which was acknowledged`,
        { leader: id, term: raft.currentTerm, index: last.index, entryTerm: last.term, call: lastCall!.id },
      );
    }

    return ledger.monitor(
      { returned },
      {
        concerns: { changes: ["role", "currentTerm"], messages: [], notes: [] },
        onStep(process, before, after) {
          if (after.kind !== "member" || after.raft.role !== "leader") return;
          const { role, currentTerm } = (before as MemberState).raft;
          if (role !== "leader" || currentTerm !== after.raft.currentTerm) lead(process, after);
        },
        atEnd() {
          const final = finalContent(context, ledger);
          if (final === null) return;
          const { member, content } = final;
          for (const { put, revision, call } of puts.values()) {
            const versions = mapGet(content.keys, put.key);
            const kv = liveVersion(versions);
            const latest = versions?.[versions.length - 1]?.modRevision ?? 0;
            // Of a key that was deleted nothing may be left.
            if (latest > revision || (kv === null && content.scrubbedRevision > revision)) continue;
            if (latest === revision && kv?.value === put.value) continue;
            const found = kv === null ? "is not there" : `is ${JSON.stringify(kv.value)} of revision ${kv.modRevision}`;
            context.violate(
              `${describeCall(call)}, acknowledged at revision ${revision}, is lost: at the end ${put.key} ${found} at ${member}`,
              { call: call.id, key: put.key, value: put.value, revision, found: kv, member },
            );
          }
        },
      },
    );
  },
};

/** The puts that were carried out. */
function putsOf(request: StoreModelRequest, response: StoreResponse): readonly PutRequest[] {
  if (request.kind === "put") return [request];
  if (request.kind !== "txn" || response.kind !== "txn") return [];
  return (response.succeeded ? request.success : request.failure).filter((op) => op.kind === "put");
}

function describeCall({ client, server, id, op }: RecordedCall<StoreOp>): string {
  return `${client}'s ${describeRequest(op.request)} at ${server} (${id})`;
}
