import { mapGet, type RequestId } from "../../models/kernel/index.ts";
import type { Key } from "../../models/store/types.ts";
import { finalContent, liveVersion } from "./content.ts";
import { storeLedgerOf } from "./ledger.ts";
import { OtherWrites } from "./other-writes.ts";
import type { StoreProperty } from "./store-property.ts";

interface Counter {
  acknowledged: number;
  /** Increments that may have happened, the acknowledged ones among them. */
  possible: number;
  /** By the number that an increment came to: who was told. */
  readonly numbers: Map<number, RequestId>;
}

/** No increment is lost and none counts twice: two never come to the same number, and the sum is exact. */
export const counterExact: StoreProperty = {
  id: "store/counter-exact",
  kind: "always",
  source:
    'Jepsen, counter workload: the value is between the acknowledged and the attempted increments; S11, "no lost update"',
  monitor(context) {
    const ledger = storeLedgerOf(context);
    const counters = new Map<Key, Counter>();
    const open = new Map<RequestId, Key>();
    const others = new OtherWrites("increment");

    function counterOf(key: Key): Counter {
      const known = counters.get(key);
      if (known !== undefined) return known;
      const counter = { acknowledged: 0, possible: 0, numbers: new Map<number, RequestId>() };
      counters.set(key, counter);
      return counter;
    }

    function isCountedOnly(key: Key): boolean {
      return !others.touch({ key, rangeEnd: "" });
    }

    return ledger.monitor(
      {},
      {
        concerns: { changes: [], messages: [], notes: [] },
        onRequest(_process, id, body) {
          if (!("session" in body)) return;
          others.take(body);
          if (body.kind !== "increment") return;
          counterOf(body.key).possible++;
          open.set(id, body.key);
        },
        onReply({ id: client }, id, response) {
          const key = open.get(id);
          if (key === undefined || response.kind !== "done") return;
          open.delete(id);
          const counter = counterOf(key);
          if (response.outcome === "failed") counter.possible--;
          if (response.outcome !== "ok") return;
          counter.acknowledged++;
          const number = Number(response.result);
          const other = counter.numbers.get(number);
          counter.numbers.set(number, id);
          if (other !== undefined && isCountedOnly(key))
            context.violate(`increments ${other} and ${id} (by ${client}) of ${key} both come to ${number}`, {
              key,
              number,
              increments: [other, id],
            });
        },
        atEnd() {
          const final = finalContent(context, ledger);
          if (final === null) return;
          for (const [key, { acknowledged, possible }] of counters) {
            const value = Number(liveVersion(mapGet(final.content.keys, key))?.value ?? 0);
            if ((value >= acknowledged && value <= possible) || !isCountedOnly(key)) continue;
            context.violate(
              `${key} is ${value} at the end at ${final.member}, after ${acknowledged} acknowledged increments of ${possible} that may have happened`,
              { key, value, acknowledged, possible, member: final.member },
            );
          }
        },
      },
    );
  },
};
