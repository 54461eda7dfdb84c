import type { Micros, RequestId } from "../../models/kernel/index.ts";
import { currentLeader, describeMembers, inForce, isMember } from "./quorum.ts";
import type { Member, RaftProperty } from "./raft-property.ts";
import { graceUs } from "./settling.ts";

/** Proposals that the harness makes after the faults have stopped have ids that begin with this. */
export const PROBE = "probe";

/**
 * Whoever proposed something is told what became of it, unless the member that took it crashed or was removed; and the
 * cluster takes new proposals: a probe made after the heal commits.
 *
 * A deposed leader knows what became of its proposal when it applies what was committed at that index. Until the log of
 * the cluster has grown so far, the answer may wait; that it is applied then is for `raft/members-converge`.
 */
export const proposalsSettle: RaftProperty = {
  id: "raft/proposals-settle",
  kind: "eventually",
  source:
    'Raft 5.3: "When the entry has been safely replicated, the leader applies the entry to its state machine and returns the result of that execution to the client"; Raft 8',
  monitor(context) {
    /** By process index: when each proposal without an answer was made. What a crash takes with it is never answered. */
    const open: Map<RequestId, Micros>[] = [];
    let probed = false;

    function firstLate(process: Member, leader: Member): RequestId | null {
      const proposals = open[process.index];
      if (proposals === undefined) return null;
      for (const [id, madeAt] of proposals) {
        // They are in the order in which they were made.
        if (context.now() - madeAt <= graceUs(leader)) return null;
        const waiting = process.state.pendingProposals.find((proposal) => proposal.id === id);
        if (waiting === undefined || waiting.index <= process.state.lastApplied) return id;
      }
      return null;
    }

    return {
      onRequest(process, id, body) {
        if (body.kind !== "propose") return;
        const proposals = open[process.index];
        if (proposals === undefined) open[process.index] = new Map([[id, context.now()]]);
        else proposals.set(id, context.now());
      },
      onReply(process, id, response) {
        open[process.index]?.delete(id);
        if (!probed && response.kind === "committed" && id.startsWith(PROBE)) probed = true;
      },
      onCrash(process) {
        open[process.index]?.clear();
      },
      pending() {
        const leader = currentLeader(context.processes);
        if (leader === null) return `no member leads: ${describeMembers(context.processes)}`;
        const configuration = inForce(leader.state);
        for (const process of context.processes) {
          if (process.status !== "up" || !isMember(configuration, process.id)) continue;
          const late = firstLate(process, leader);
          if (late !== null) return `${process.id} has not answered ${late}`;
        }
        return probed ? null : "no proposal made after the heal is committed yet";
      },
    };
  },
};
