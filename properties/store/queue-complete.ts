import type { ClientRequest } from "../../models/client/types.ts";
import { mapEach, type RequestId } from "../../models/kernel/index.ts";
import type { Key, StoreState } from "../../models/store/types.ts";
import { QueueChecker } from "../../src/checkers/queue.ts";
import { finalContent, liveVersion } from "./content.ts";
import { storeLedgerOf } from "./ledger.ts";
import { OtherWrites, under } from "./other-writes.ts";
import type { StoreProperty } from "./store-property.ts";

type QueueWork = Extract<ClientRequest, { kind: "enqueue" | "dequeue" }>;

/**
 * What comes out of a queue was put into it, and comes out no more often than that; what was put in and acknowledged comes
 * out or is still there at the end.
 */
export const queueComplete: StoreProperty = {
  id: "store/queue-complete",
  kind: "always",
  source:
    'Jepsen, total-queue: "every enqueue that succeeds is dequeued, at most once, and nothing is dequeued that was never enqueued"',
  monitor(context) {
    const ledger = storeLedgerOf(context);
    const queues = new Map<Key, QueueChecker>();
    /** By client: its work under way. */
    const open = new Map<RequestId, { readonly client: string; readonly work: QueueWork }>();
    const others = new OtherWrites("enqueue", "dequeue");

    function checkerOf(queue: Key): QueueChecker {
      const known = queues.get(queue);
      if (known !== undefined) return known;
      const checker = new QueueChecker();
      queues.set(queue, checker);
      return checker;
    }

    function report(queue: Key, wrong: string | null, where: string): void {
      if (wrong === null || others.touch(under(queue))) return;
      context.violate(`queue ${queue}, ${where}: ${wrong}`, { queue });
    }

    return ledger.monitor(
      {},
      {
        concerns: { changes: [], messages: [], notes: [] },
        onRequest({ id: client }, id, body) {
          if (!("session" in body)) return;
          others.take(body);
          if (body.kind !== "enqueue" && body.kind !== "dequeue") return;
          if (body.kind === "enqueue") checkerOf(body.queue).add(body.value);
          open.set(id, { client, work: body });
        },
        onReply({ id: client }, id, response) {
          const known = open.get(id);
          if (known === undefined || response.kind !== "done") return;
          open.delete(id);
          const { work } = known;
          const checker = checkerOf(work.queue);
          const { outcome, result } = response;
          if (work.kind === "enqueue") {
            if (outcome === "ok") checker.acknowledge(work.value);
            else if (outcome === "failed") checker.refuse(work.value);
          } else if (outcome === "unknown") checker.maybeTakeOut(typeof result === "string" ? result : null);
          else if (outcome === "ok" && typeof result === "string")
            report(work.queue, checker.takeOut(result), `dequeue by ${client} (${id})`);
        },
        onCrash({ id: crashed }) {
          for (const [id, { client, work }] of open) {
            if (client !== crashed) continue;
            open.delete(id);
            if (work.kind === "dequeue") checkerOf(work.queue).maybeTakeOut(null);
          }
        },
        atEnd() {
          const final = finalContent(context, ledger);
          if (final === null) return;
          for (const { work } of open.values()) if (work.kind === "dequeue") checkerOf(work.queue).maybeTakeOut(null);
          for (const [queue, checker] of queues)
            report(queue, checker.end(valuesOf(final.content, queue)), `at the end at ${final.member}`);
        },
      },
    );
  },
};

function valuesOf(content: StoreState, queue: Key): string[] {
  const found: string[] = [];
  const { key: from, rangeEnd } = under(queue);
  mapEach(content.keys, from, rangeEnd, (versions) => {
    const kv = liveVersion(versions);
    if (kv !== null) found.push(kv.value);
  });
  return found;
}
