import { acknowledgedEntriesStay } from "../raft/acknowledged-entries-stay.ts";
import { committedEntriesStay } from "../raft/committed-entries-stay.ts";
import { durableAcknowledgements } from "../raft/durable-acknowledgements.ts";
import { electionSafety } from "../raft/election-safety.ts";
import { leaderCompleteness } from "../raft/leader-completeness.ts";
import { logMatching } from "../raft/log-matching.ts";
import { stateMachineSafetyOfEntries } from "../raft/state-machine-safety.ts";
import { onMembers } from "./store-property.ts";

/**
 * Raft's own five, and what members acknowledge, of the members of a store. What a member has applied is compared by its
 * entries here, and by its content in `store/same-content`.
 */
export const liftedProperties = [
  electionSafety,
  logMatching,
  leaderCompleteness,
  committedEntriesStay,
  stateMachineSafetyOfEntries,
  durableAcknowledgements,
  acknowledgedEntriesStay,
].map(onMembers);
