import type { RaftProperty } from "../raft-property.ts";
import { appendTorn } from "./append-torn.ts";
import { notedSituations } from "./by-note.ts";
import { committedAndUnacknowledged } from "./committed-and-unacknowledged.ts";
import { crashedWithUnsyncedWrites } from "./crashed-with-unsynced-writes.ts";
import { entryOfOldTermCommittedIndirectly } from "./entry-of-old-term-committed-indirectly.ts";
import { figure8Situation } from "./figure-8-situation.ts";
import { jointConfigurationEnteredAndLeft } from "./joint-configuration-entered-and-left.ts";
import { leaderDeposedByRejoiningMember } from "./leader-deposed-by-rejoining-member.ts";
import { leaderDeposedWithEntriesInFlight } from "./leader-deposed-with-entries-in-flight.ts";
import { leadershipTransferred } from "./leadership-transferred.ts";
import { memberRestartedWithLog } from "./member-restarted-with-log.ts";
import { proposalSuperseded } from "./proposal-superseded.ts";
import { readForwardedServed } from "./read-forwarded-served.ts";
import { twoLeadersAtOnce } from "./two-leaders-at-once.ts";
import { voteSplit } from "./vote-split.ts";

/** What some run of a campaign must reach, so that its holding means something. */
export const raftSituations: readonly RaftProperty[] = [
  ...notedSituations,
  voteSplit,
  twoLeadersAtOnce,
  leaderDeposedWithEntriesInFlight,
  leaderDeposedByRejoiningMember,
  leadershipTransferred,
  entryOfOldTermCommittedIndirectly,
  figure8Situation,
  proposalSuperseded,
  jointConfigurationEnteredAndLeft,
  committedAndUnacknowledged,
  crashedWithUnsyncedWrites,
  appendTorn,
  memberRestartedWithLog,
  readForwardedServed,
];
