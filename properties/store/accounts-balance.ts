import type { RequestId } from "../../models/kernel/index.ts";
import type { Key, KeyValue, Revision, TxnOp } from "../../models/store/types.ts";
import { committedHistoryOf } from "./committed.ts";
import { type AppliedCommand, storeLedgerOf } from "./ledger.ts";
import { isClient, type StoreProperty } from "./store-property.ts";

/**
 * Transfers keep the sum of the accounts, at every revision: both accounts change at once, by the same amount, and only if
 * both are as they were read. What is put into an account otherwise is a deposit, and changes the sum as it may.
 */
export const accountsBalance: StoreProperty = {
  id: "store/accounts-balance",
  kind: "always",
  source: 'Jepsen, bank workload: "the total of all accounts is constant"; etcd, KV API: a transaction is atomic',
  monitor(context) {
    const ledger = storeLedgerOf(context);
    const history = committedHistoryOf(context);
    const accounts = new Set<Key>();
    /** Revisions of accounts that are no transfers, with the key. */
    const deposits = new Set<string>();
    let checkedUpTo: Revision = 1;

    /** Calls by which clients move money. What a call looks like is for the client to get right. */
    const transfers = new Set<RequestId>();

    function deposit({ command: { id, op }, revision }: AppliedCommand): void {
      if (accounts.size === 0 || transfers.has(id)) return;
      const ops: readonly TxnOp[] = op.kind === "put" ? [op] : op.kind === "txn" ? [...op.success, ...op.failure] : [];
      for (const put of ops) if (put.kind === "put" && accounts.has(put.key)) deposits.add(`${put.key}@${revision}`);
    }

    function check(revision: Revision): void {
      const changes = history.events.at(revision);
      if (changes === null) return;
      let moved = 0;
      let free = false;
      for (const { kv, previous } of changes) {
        if (!accounts.has(kv.key)) continue;
        if (previous === undefined || kv.version === 0 || deposits.has(`${kv.key}@${revision}`)) free = true;
        moved += amountOf(kv) - amountOf(previous ?? null);
      }
      if (moved === 0 || free || Number.isNaN(moved)) return;
      context.violate(`revision ${revision} changes the sum of all accounts by ${moved}`, {
        revision,
        moved,
        changes: changes.filter(({ kv }) => accounts.has(kv.key)),
      });
    }

    return ledger.monitor(
      { applied: deposit },
      {
        concerns: { changes: ["application"], messages: ["call"], notes: [] },
        onRequest(_process, _id, body) {
          if (body.kind !== "transfer") return;
          accounts.add(body.from);
          accounts.add(body.to);
        },
        onSend(process, _to, message) {
          if (message.kind !== "call" || !isClient(process)) return;
          for (const { work, attempt } of process.state.sessions)
            if (attempt?.id === message.id && work?.request.kind === "transfer") transfers.add(message.id);
        },
        onStep(_process, before, after) {
          if (after.kind !== "member" || before.kind !== "member") return;
          const content = after.raft.application;
          if (content.revision <= checkedUpTo || content === before.raft.application) return;
          history.take(content);
          for (let revision = checkedUpTo + 1; revision <= content.revision; revision++)
            if (accounts.size > 0) check(revision);
          checkedUpTo = content.revision;
        },
      },
    );
  },
};

function amountOf(kv: KeyValue | null): number {
  return kv === null || kv.version === 0 ? 0 : Number(kv.value);
}
