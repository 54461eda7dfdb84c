import type { MemberState } from "./raft-property.ts";

/**
 * Whether what a step commits was committed by the member as leader, and not on a leader's word. A leader that is not in
 * the configuration steps down in the very step in which it commits it.
 */
export function commitsAsLeader(before: MemberState, after: MemberState): boolean {
  return after.role === "leader" || (before.role === "leader" && before.currentTerm === after.currentTerm);
}
