import type { Micros } from "../../models/kernel/index.ts";
import type { Revision } from "../../models/store/types.ts";
import { type Client, isClient, isMember, type StoreContext, type StoreProperty } from "./store-property.ts";
import { type WatchLedger, watchLedgerOf } from "./watch-ledger.ts";

/**
 * Every watch that a client has open is told of all that was committed in its range.
 *
 * There may always be something new on its way. So what is asked for is a target: the latest revision at some moment. When
 * all watches are there, the target moves on; it is pending until it is met for the first time, and when it is not met
 * within the grace time later on.
 */
export const watchesCatchUp: StoreProperty = {
  id: "store/watches-catch-up",
  kind: "eventually",
  source:
    'etcd, API guarantees, Watch APIs: "Reliable"; watchableStore: a watcher that is behind "catches up" with the store',
  monitor(context) {
    const ledger = watchLedgerOf(context);
    const grace = graceUs(context);
    let target: Revision = -1;
    let setAt: Micros = 0;
    let met = false;
    return ledger.feed.with({
      concerns: { changes: [], messages: [], notes: [] },
      pending() {
        const { latest } = ledger.history.events;
        if (target < 0) target = latest;
        const behind = firstBehind(context, ledger, target);
        if (behind === null) {
          if (target < latest) setAt = context.now();
          target = latest;
          met = true;
          return null;
        }
        return met && context.now() - setAt <= grace ? null : behind;
      },
    });
  },
};

function firstBehind(context: StoreContext, ledger: WatchLedger, target: Revision): string | null {
  for (const process of context.processes) {
    if (process.status !== "up" || !isClient(process)) continue;
    const behind = firstBehindOf(process, ledger, target);
    if (behind !== null) return behind;
  }
  return null;
}

function firstBehindOf({ id, state }: Client, ledger: WatchLedger, target: Revision): string | null {
  for (const { work, endpoint } of state.watches) {
    const audit = ledger.work(work)?.audit;
    if (audit === undefined) continue;
    const revision = audit.firstUntold(target);
    if (revision > 0) return `watch ${work} of ${id}, now at ${endpoint}, has not been told of revision ${revision}`;
  }
  return null;
}

/**
 * A client may have to notice first that its stream is dead, and then at another member; who took its stream for dead may
 * have to learn of a new leader.
 */
function graceUs({ processes }: StoreContext): Micros {
  let client = 0;
  let member = 0;
  for (const process of processes)
    if (isMember(process)) {
      const { raft, watchSyncIntervalUs } = process.config;
      member = Math.max(member, 2 * raft.electionTimeoutMaxUs + 10 * watchSyncIntervalUs);
    } else if (isClient(process)) client = Math.max(client, 2 * process.config.watchSilenceUs);
  return client + member;
}
