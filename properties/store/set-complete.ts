import type { ClientRequest } from "../../models/client/types.ts";
import { mapEach, type RequestId } from "../../models/kernel/index.ts";
import type { Key, StoreState } from "../../models/store/types.ts";
import { SetChecker } from "../../src/checkers/set.ts";
import { finalContent, liveVersion } from "./content.ts";
import { storeLedgerOf } from "./ledger.ts";
import { OtherWrites, under } from "./other-writes.ts";
import type { StoreProperty } from "./store-property.ts";

type SetWork = Extract<ClientRequest, { kind: "setAdd" | "setRead" }>;

/** What was added to a set and acknowledged is in every later read and in it at the end, and nothing that nobody added. */
export const setComplete: StoreProperty = {
  id: "store/set-complete",
  kind: "always",
  source: 'Jepsen, set workload: "every successfully added element is present in a final read, and nothing else is"',
  monitor(context) {
    const ledger = storeLedgerOf(context);
    const sets = new Map<Key, SetChecker>();
    const open = new Map<RequestId, SetWork>();
    const others = new OtherWrites("setAdd");

    function checkerOf(set: Key): SetChecker {
      const known = sets.get(set);
      if (known !== undefined) return known;
      const checker = new SetChecker();
      sets.set(set, checker);
      return checker;
    }

    function report(set: Key, wrong: string | null, where: string): void {
      if (wrong === null || others.touch(under(set))) return;
      context.violate(`set ${set}, ${where}: ${wrong}`, { set });
    }

    return ledger.monitor(
      {},
      {
        concerns: { changes: [], messages: [], notes: [] },
        onRequest(_process, id, body) {
          if (!("session" in body)) return;
          others.take(body);
          if (body.kind === "setAdd") checkerOf(body.set).add(body.element);
          else if (body.kind === "setRead") checkerOf(body.set).beginRead(id);
          else return;
          open.set(id, body);
        },
        onReply({ id: client }, id, response) {
          const work = open.get(id);
          if (work === undefined || response.kind !== "done") return;
          open.delete(id);
          const checker = checkerOf(work.set);
          if (work.kind === "setAdd") {
            if (response.outcome === "ok") checker.acknowledge(work.element);
            else if (response.outcome === "failed") checker.refuse(work.element);
          } else if (response.outcome === "ok" && Array.isArray(response.result))
            report(work.set, checker.endRead(id, response.result), `read by ${client} (${id})`);
        },
        atEnd() {
          const final = finalContent(context, ledger);
          if (final === null) return;
          for (const [set, checker] of sets)
            report(set, checker.end(elementsOf(final.content, set)), `at the end at ${final.member}`);
        },
      },
    );
  },
};

function elementsOf(content: StoreState, set: Key): string[] {
  const found: string[] = [];
  const { key: from, rangeEnd } = under(set);
  mapEach(content.keys, from, rangeEnd, (versions, key) => {
    if (liveVersion(versions) !== null) found.push(key.slice(from.length));
  });
  return found;
}
