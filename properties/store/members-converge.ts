import { membersConverge as raftMembersConverge } from "../raft/members-converge.ts";
import { onMembers, type StoreProperty } from "./store-property.ts";

/** All members that are up apply all that is in the leader's log. That they then hold the same is `store/same-content`. */
export const membersConverge: StoreProperty = onMembers(raftMembersConverge);
