import type { RequestId } from "../../models/kernel/index.ts";
import { storeLedgerOf } from "./ledger.ts";
import { isMember, type MemberState, type StoreProcess, type StoreProperty } from "./store-property.ts";

/**
 * Every command is carried out once by every member, restarts included. Seen in the revision: at the same consistent
 * index it is what the commands up to there make of it, with none left out and none carried out twice. And a command is
 * in the log once, however often it was passed on.
 */
export const appliedOnce: StoreProperty = {
  id: "store/applied-once",
  kind: "always",
  source:
    'etcd, KV API guarantees: an operation is applied once; etcd#13766: "inconsistent data and revision" after a crash between the apply and its index',
  monitor(context) {
    const ledger = storeLedgerOf(context);
    const seen = new Set<RequestId>();

    function compare({ id }: StoreProcess, { raft }: MemberState, when: string): void {
      const { consistentIndex, revision } = raft.application;
      const expected = ledger.revisionAt(consistentIndex);
      if (expected === undefined || expected === revision || ledger.incomplete) return;
      const what = revision > expected ? "something was applied that is not in the log" : "something was left out";
      context.violate(
        `${id} ${when} is at revision ${revision} with all up to index ${consistentIndex} applied, which makes revision ${expected}: ${what}`,
        { member: id, consistentIndex, revision, expected, lastApplied: raft.lastApplied },
      );
    }

    return ledger.monitor(
      {
        applied({ index, member, command }) {
          // What is left of a lease may be told twice.
          if (command.op.kind === "leaseCheckpoint") return;
          if (!seen.has(command.id)) {
            seen.add(command.id);
            return;
          }
          const first = ledger.placeOf(command.id)!;
          context.violate(
            `command ${command.id} is in the log twice: ${member} applies it at index ${index}, after ${first.member} has at index ${first.index}`,
            { command: command.id, indexes: [first.index, index], op: command.op },
          );
        },
      },
      {
        concerns: { changes: ["application"], messages: [], notes: [] },
        onBoot(process) {
          if (isMember(process)) compare(process, process.state, "after its start");
        },
        onStep(process, before, after) {
          if (after.kind !== "member" || before.kind !== "member") return;
          if (after.raft.application !== before.raft.application) compare(process, after, "now");
        },
      },
    );
  },
};
