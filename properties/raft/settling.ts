import type { Micros } from "../../models/kernel/index.ts";
import type { Member } from "./raft-property.ts";

/**
 * How long something that has just begun may be on its way before it counts as pending: two election timeouts of the
 * leader. Probes keep the cluster at work while it settles, so there is always something that has just begun.
 */
export function graceUs(leader: Member): Micros {
  return 2 * leader.config.electionTimeoutMaxUs;
}
