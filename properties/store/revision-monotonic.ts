import type { Revision, StoreResponse } from "../../models/store/types.ts";
import { isSerializable } from "./calls.ts";
import { storeLedgerOf } from "./ledger.ts";
import { isMember, type Member, type MemberState, type StoreProperty } from "./store-property.ts";

/**
 * The revision of a member never goes back: not from step to step, not by a restart behind what is on its disk, and not
 * in what it tells clients. What was in memory alone may be lost; then nobody was told of it but by reads that may be old.
 */
export const revisionMonotonic: StoreProperty = {
  id: "store/revision-monotonic",
  kind: "always",
  source:
    'etcd, data model: "the revision is a cluster-wide counter that is monotonically increasing"; etcd#17780: the revision decreases after a crash during compaction',
  monitor(context) {
    const ledger = storeLedgerOf(context);
    /** By process index: the highest revision in an answer that may not be old. */
    const told: (Revision | undefined)[] = [];

    function tell({ id, index }: Member, call: string, response: StoreResponse): void {
      if (response.kind === "error") return;
      const open = ledger.recorder.openCall(call);
      if (open === undefined || isSerializable(open.op.request)) return;
      const last = told[index] ?? 0;
      if (response.revision < last)
        context.violate(`${id} answers ${call} at revision ${response.revision}, after an answer at revision ${last}`, {
          member: id,
          call,
          revision: response.revision,
          before: last,
        });
      else told[index] = response.revision;
    }

    return ledger.monitor(
      {},
      {
        concerns: { changes: ["application"], messages: ["answer"], notes: [] },
        onBoot(process) {
          if (!isMember(process)) return;
          const onDisk = revisionOnDisk(process);
          const { revision } = process.state.raft.application;
          if (revision >= onDisk) return;
          context.violate(`${process.id} starts at revision ${revision}, but revision ${onDisk} is on its disk`, {
            member: process.id,
            revision,
            onDisk,
          });
        },
        onStep({ id }, before, after) {
          if (after.kind !== "member") return;
          const [old, now] = [(before as MemberState).raft.application.revision, after.raft.application.revision];
          if (now < old)
            context.violate(`${id} goes back from revision ${old} to ${now}`, { member: id, from: old, to: now });
        },
        onSend(process, _to, message) {
          if (message.kind === "answer" && isMember(process)) tell(process, message.id, message.response);
        },
      },
    );
  },
};

function revisionOnDisk({ durable }: Member): Revision {
  const { backend, raft } = durable;
  return Math.max(1, backend?.content.revision ?? 1, raft.snapshot?.application.revision ?? 1);
}
