import type { Index } from "../../models/raft/types.ts";
import { lastIndex } from "./log.ts";
import type { MemberState } from "./raft-property.ts";

/**
 * Whether what a step commits was committed by the member as leader, and not on a leader's word. A leader that is not in
 * the configuration steps down in the very step in which it commits it.
 */
export function commitsAsLeader(before: MemberState, after: MemberState): boolean {
  return after.role === "leader" || (before.role === "leader" && before.currentTerm === after.currentTerm);
}

/**
 * How far what a step commits and applies can no longer be undone.
 *
 * A leader that is a quorum by itself commits what it appends in the same step, before the effects of that step have
 * written it. A crash in between takes both away, and nobody has been told. It counts from the member's next step on, when
 * the effects are carried out. A follower commits what others have on their disks.
 */
export function writtenUpTo(before: MemberState, after: MemberState): Index {
  return commitsAsLeader(before, after) ? lastIndex(before.log) : lastIndex(after.log);
}
