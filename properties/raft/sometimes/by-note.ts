import type { Note } from "../../../models/kernel/index.ts";
import { note } from "../../../models/raft/notes.ts";
import type { RaftProperty } from "../raft-property.ts";

/** Situations that a member notes itself, by the rule that it takes in them. */
const NOTED: readonly (readonly [id: string, noted: Note, source: string])[] = [
  ["leader-elected", note.electionWon, "Raft 5.2, leader election"],
  ["check-quorum-stepped-down", note.checkQuorumFailed, "Raft thesis 6.2"],
  ["prevote-refused-by-lease", note.preVoteRefusedLeaderAlive, "Raft thesis 9.6"],
  ["vote-refused-by-log", note.voteRefusedLog, "Raft 5.4.1, election restriction"],
  ["conflict-truncated", note.appendConflictTruncated, "Raft fig. 2, AppendEntries 3; Raft fig. 7"],
  ["snapshot-installed", note.snapshotInstalled, "Raft 7, log compaction"],
  ["configuration-reverted", note.configurationReverted, "Raft thesis 4.1, falling back to the previous configuration"],
  ["lagging-learner-refused", note.configurationRefusedLagging, "Raft thesis 4.2.1, catching up new servers"],
  ["learner-promoted", note.learnerPromoted, "Raft thesis 4.2.1, catching up new servers"],
  ["leader-removed-itself", note.leaderRemoved, "Raft thesis 4.2.2, removing the current leader"],
  ["read-index-confirmed", note.readConfirmed, "Raft thesis 6.4, processing read-only queries"],
  ["read-by-lease-served", note.readLeaseServed, "Raft thesis 6.4.1, using clocks"],
  ["read-finds-lease-expired", note.readLeaseExpired, "Raft thesis 6.4.1, using clocks"],
];

/** One `sometimes` property for each situation that members note. */
export const notedSituations: readonly RaftProperty[] = NOTED.map(([id, { name }, source]) => ({
  id: `raft/sometimes/${id}`,
  kind: "sometimes",
  source,
  monitor: (context) => ({
    concerns: { notes: [name] },
    onNote(_process, noted) {
      if (noted === name) context.reach();
    },
  }),
}));
