import { inForce, isJoint } from "../quorum.ts";
import type { RaftProperty } from "../raft-property.ts";

/** A leader, its joint configuration committed, leaves it for the incoming one. */
export const jointConfigurationEnteredAndLeft: RaftProperty = {
  id: "raft/sometimes/joint-configuration-entered-and-left",
  kind: "sometimes",
  source: "Raft 6, cluster membership changes; fig. 11",
  monitor: (context) => ({
    concerns: { changes: ["configurations"] },
    onStep(_process, before, after) {
      if (after.configurations === before.configurations || after.role !== "leader") return;
      const { configurations } = after;
      if (configurations.length < 2 || isJoint(inForce(after))) return;
      if (isJoint(configurations[configurations.length - 2]!.configuration)) context.reach();
    },
  }),
};
