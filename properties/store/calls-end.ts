import type { ClientRequest } from "../../models/client/types.ts";
import type { Micros, RequestId } from "../../models/kernel/index.ts";
import { type Client, isClient, type StoreProperty } from "./store-property.ts";

/** Work under way, or waiting for its session. */
interface Open {
  readonly client: Client;
  readonly session: number;
  readonly askedAt: Micros;
  readonly kind: ClientRequest["kind"];
  /** How long it is meant to hold something, at the most. */
  readonly holdsUs: Micros;
}

/**
 * After the faults have stopped, whatever a client was asked to do ends, with whatever outcome, and something new succeeds.
 * Watches are for properties of their own. A call that is meant for one member alone is tried there as often as it may
 * be, whether or not that member can do anything about it: it ends when it does.
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
    const news = new Map<RequestId, Pick<Open, "client" | "session">>();
    let succeeded = false;

    return {
      concerns: { changes: [], messages: [], notes: [] },
      onRequest(process, id, body) {
        if (!("session" in body)) return;
        const { kind, session } = body;
        const client = process as Client;
        if (healedAt >= 0 && !succeeded) news.set(id, { client, session });
        if (kind !== "watch") open.set(id, { client, session, askedAt: context.now(), kind, holdsUs: holdsUs(body) });
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
        for (const [id, { client }] of news) if (client === process) news.delete(id);
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
        for (const [id, { client, session, askedAt, kind }] of open) {
          if (client.status !== "up" || askedAt > until || isBound(client, session)) continue;
          if (now - Math.max(askedAt, healedAt) < holdingUs) continue;
          if (now - until <= graceUs(client) && until > healedAt) continue;
          return `${client.id} has not ended ${id}, ${kind}, asked for ${Math.round((now - askedAt) / 1000)} ms ago`;
        }
        if (![...open.values()].some(({ client, askedAt }) => client.status === "up" && askedAt <= until)) until = now;
        if (succeeded || !context.processes.some((process) => isClient(process) && process.status === "up"))
          return null;
        for (const { client, session } of news.values()) if (isBound(client, session)) return null;
        return "nothing that a client was asked to do since the heal has succeeded yet";
      },
    };
  },
};

/** Whether a session is busy with a call that only one member may be asked. */
function isBound({ state }: Client, session: number): boolean {
  const request = state.sessions[session % state.sessions.length]?.work?.request;
  return request?.kind === "call" && request.endpoint !== null;
}

function holdsUs(body: ClientRequest): Micros {
  if (body.kind === "lock") return body.holdUs + 2 * body.ttlUs;
  return body.kind === "leaseHold" ? body.keepUs + 2 * body.ttlUs : 0;
}

/** A call may run into its deadline, and so may the one that came before it in its session. */
function graceUs({ config }: Client): Micros {
  return 2 * (config.requestTimeoutUs + config.backoffMaxUs);
}
