import { lastIndex } from "./log.ts";
import { inForce } from "./quorum.ts";
import type { RaftProperty } from "./raft-property.ts";

/** A learner gets its vote only when it has nearly all of the leader's log: on its disk, not in the leader's belief. */
export const promotionCaughtUp: RaftProperty = {
  id: "raft/promotion-caught-up",
  kind: "always",
  source:
    'Thesis 4.2.1: a new server joins "as a non-voting member [...] Once the new server has caught up with the rest of the cluster, the reconfiguration can proceed"; etcd#11640',
  monitor(context) {
    return {
      concerns: { changes: ["configurations"] },
      onStep(process, before, after) {
        if (after.configurations === before.configurations || before.role !== "leader" || after.role !== "leader")
          return;
        const previous = inForce(before);
        const leaderIndex = lastIndex(before.log);
        for (const learner of inForce(after).voters) {
          if (!previous.learners.includes(learner)) continue;
          const promoted = context.processes.find(({ id }) => id === learner);
          const learnerIndex = promoted === undefined ? 0 : lastIndex(promoted.durable.log);
          if (leaderIndex - learnerIndex <= process.config.promotionLagMax) continue;
          context.violate(
            `${process.id} promotes ${learner}, which has the log up to ${learnerIndex} of ${leaderIndex}`,
            { leader: process.id, learner, learnerIndex, leaderIndex, lagMax: process.config.promotionLagMax },
          );
        }
      },
    };
  },
};
