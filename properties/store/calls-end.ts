import type { ClientRequest } from "../../models/client/types.ts";
import type { Micros, RequestId } from "../../models/kernel/index.ts";
import type { Client, StoreProcess, StoreProperty } from "./store-property.ts";

/** Work under way, or waiting for its session. */
interface Open {
  readonly client: StoreProcess;
  readonly askedAt: Micros;
  readonly kind: ClientRequest["kind"];
  /** How long it is meant to hold something, at the most. */
  readonly holdsUs: Micros;
}

/**
 * After the faults have stopped, whatever a client was asked to do ends, with whatever outcome, and something new succeeds.
 * Watches without an end are for the properties of watches.
 *
 * Something new is asked all the time, and takes its turn in its session. So what counts is the work that was asked for by
 * some moment: when all of it has ended, that moment moves on.
 */
export const callsEnd: StoreProperty = {
  id: "store/calls-end",
  kind: "eventually",
  source:
    'etcd, clientv3: "a request ends by its deadline"; etcd, failure modes: "the cluster automatically recovers once the majority of members become available"',
  monitor(context) {
    const open = new Map<RequestId, Open>();
    /** When it was first asked what is pending: the faults are over. */
    let healedAt: Micros = -1;
    /** Work asked for up to here must have ended. */
    let until: Micros = -1;
    const news = new Set<RequestId>();
    let succeeded = false;

    return {
      concerns: { changes: [], messages: [], notes: [] },
      onRequest(process, id, body) {
        if (!("session" in body)) return;
        if (healedAt >= 0 && !succeeded) news.add(id);
        if (body.kind === "watch") return;
        open.set(id, { client: process, askedAt: context.now(), kind: body.kind, holdsUs: holdsUs(body) });
      },
      onRequestLost(_process, id) {
        open.delete(id);
      },
      onReply(_process, id, response) {
        open.delete(id);
        if (succeeded || !news.has(id)) return;
        news.delete(id);
        if (response.kind === "done" && response.outcome === "ok") succeeded = true;
      },
      onCrash(process) {
        for (const [id, { client }] of open) if (client === process) open.delete(id);
      },
      pending() {
        const now = context.now();
        if (healedAt < 0) {
          healedAt = now;
          until = now;
        }
        // Whoever wants a lock waits for all that hold it first, and what comes after that in its session waits too.
        let holdingUs = 0;
        for (const work of open.values()) holdingUs += work.holdsUs;
        for (const [id, { client, askedAt, kind }] of open) {
          if (client.status !== "up" || askedAt > until) continue;
          if (now - Math.max(askedAt, healedAt) <= holdingUs) continue;
          if (now - until <= graceUs(client as Client) && until > healedAt) continue;
          return `${client.id} has not ended ${id}, ${kind}, asked for ${Math.round((now - askedAt) / 1000)} ms ago`;
        }
        if (![...open.values()].some(({ client, askedAt }) => client.status === "up" && askedAt <= until)) until = now;
        return succeeded ? null : "nothing that a client was asked to do since the heal has succeeded yet";
      },
    };
  },
};

function holdsUs(body: ClientRequest): Micros {
  if (body.kind === "lock") return body.holdUs + 2 * body.ttlUs;
  return body.kind === "leaseHold" ? body.keepUs + 2 * body.ttlUs : 0;
}

/** A call may run into its deadline, and so may the one that came before it in its session. */
function graceUs({ config }: Client): Micros {
  return 2 * (config.requestTimeoutUs + config.backoffMaxUs);
}
