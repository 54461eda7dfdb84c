import type { ClusterTypes } from "../../models/cluster/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import { type CallLedger, type CallListener, callLedgerOf } from "./calls.ts";
import type { ClusterContext, ClusterProperty } from "./cluster-property.ts";
import type { Change, ClusterLedger } from "./ledger.ts";

/** A situation that a campaign must reach. */
export interface Situation {
  readonly id: string;
  readonly source: string;
  /** It shows in what the store has changed of a resource. */
  readonly changes?: readonly [
    resources: string | readonly string[],
    // biome-ignore lint/suspicious/noExplicitAny: of the kind that the resource has.
    shows: (change: Change<any>, ledger: ClusterLedger) => boolean,
  ];
  /** It shows in calls. */
  readonly calls?: (reach: () => void, calls: CallLedger) => CallListener;
  /** It shows in something else. */
  readonly watch?: (reach: () => void, context: ClusterContext) => Monitor<ClusterTypes>;
}

/** The `sometimes` property of a situation. */
export function sometimes({ id, source, changes, calls, watch }: Situation): ClusterProperty {
  return {
    id,
    kind: "sometimes",
    source,
    monitor(context) {
      const ledger = callLedgerOf(context);
      let reached = false;
      const reach = () => {
        reached = true;
        context.reach();
      };
      if (changes !== undefined)
        ledger.ledger.on(changes[0], (change) => {
          if (!reached && changes[1](change, ledger.ledger)) reach();
        });
      if (calls !== undefined) ledger.listen(calls(reach, ledger));
      return ledger.with(watch?.(reach, context));
    },
  };
}
