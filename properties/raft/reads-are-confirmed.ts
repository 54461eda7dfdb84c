import type { Micros, RequestId } from "../../models/kernel/index.ts";
import type { Term } from "../../models/raft/types.ts";
import { isQuorum, memberOf } from "./quorum.ts";
import type { RaftContext, RaftProperty } from "./raft-property.ts";

/** Heartbeat rounds of a leader whose time is remembered. */
const ROUNDS_MAX = 4_096;

/**
 * Before a read is answered, a quorum has answered a leader's message that was sent after the read was asked. It is what
 * makes the read linearizable, whether or not there was another leader that it could have missed.
 *
 * Leases rest on the clock instead: where they are on, `raft/linearizable-reads` alone judges.
 */
export const readsAreConfirmed: RaftProperty = {
  id: "raft/reads-are-confirmed",
  kind: "always",
  source:
    'Raft 8: "a leader must check whether it has been deposed before processing a read-only request [...] by having the leader exchange heartbeat messages with a majority of the cluster before responding to read-only requests"; etcd-io/raft#397',
  monitor(context) {
    /** By process index: the reads in progress, and when they were asked. */
    const asked: Map<RequestId, Micros>[] = [];
    let open = 0;
    /** By the leader's index: when each round was first sent, in the term of `sentTerm`; kept while reads are in progress. */
    const sentAt: Map<number, Micros>[] = [];
    const sentTerm: Term[] = [];
    /** By the leader's index, then the follower's: the sending time of the latest message that it has answered. */
    const answered: Micros[][] = [];

    function close(count: number): void {
      open -= count;
      if (open === 0) for (const rounds of sentAt) rounds?.clear();
    }

    function roundSent(leader: number, term: Term, round: number): void {
      let rounds = sentAt[leader];
      if (rounds === undefined) sentAt[leader] = rounds = new Map();
      if (sentTerm[leader] !== term) {
        sentTerm[leader] = term;
        rounds.clear();
      }
      if (rounds.has(round)) return;
      rounds.set(round, context.now());
      if (rounds.size > ROUNDS_MAX) rounds.delete(rounds.keys().next().value!);
    }

    function confirmedSince(since: Micros): boolean {
      for (const { id, index, state } of context.processes) {
        const members = [id];
        for (const other of context.processes)
          if (other.index !== index && (answered[index]?.[other.index] ?? -1) >= since) members.push(other.id);
        for (const { configuration } of state.configurations) if (isQuorum(configuration, members)) return true;
      }
      return false;
    }

    return {
      concerns: { messages: ["appendEntries", "installSnapshot"] },
      onRequest({ index }, id, body) {
        if (body.kind !== "read") return;
        const reads = asked[index];
        if (reads === undefined) asked[index] = new Map([[id, context.now()]]);
        else reads.set(id, context.now());
        open++;
      },
      onSend({ index }, _to, message) {
        if (open === 0) return;
        if (message.kind === "appendEntries" || message.kind === "installSnapshot")
          roundSent(index, message.term, message.round);
      },
      onStep({ index }, before, _after, input) {
        if (open === 0 || before.role !== "leader" || input.kind !== "receive") return;
        const { message, from } = input;
        if (message.kind !== "appendEntriesReply" && message.kind !== "installSnapshotReply") return;
        if (message.term !== before.currentTerm || message.term !== sentTerm[index]) return;
        const sent = sentAt[index]!.get(message.round);
        const follower = memberOf(context.processes, from);
        if (sent === undefined || follower === null) return;
        answered[index] ??= [];
        answered[index][follower.index] = Math.max(sent, answered[index][follower.index] ?? 0);
      },
      onReply(process, id, response) {
        const reads = asked[process.index];
        const since = reads?.get(id);
        if (since === undefined) return;
        if (response.kind === "read" && !leasesAreOn(context) && !confirmedSince(since))
          context.violate(
            `read ${id} at ${process.id} is answered, though no quorum has answered a leader since it was asked`,
            {
              request: id,
              member: process.id,
              readIndex: response.readIndex,
              askedAtUs: since,
            },
          );
        reads!.delete(id);
        close(1);
      },
      onCrash({ index }) {
        const reads = asked[index];
        if (reads === undefined) return;
        const count = reads.size;
        reads.clear();
        if (count > 0) close(count);
      },
    };
  },
};

function leasesAreOn({ processes }: RaftContext): boolean {
  for (const { config } of processes) if (config.readMode === "lease") return true;
  return false;
}
