import { lastIndex, termAt } from "./log.ts";
import { note } from "./notes.ts";
import { quorumReached } from "./quorum.ts";
import { inForce } from "./state.ts";
import type { Effects, Index, LeaderState, RaftState } from "./types.ts";

/**
 * Raft fig. 2, leaders: "If there exists an N such that N > commitIndex, a majority of matchIndex[i] >= N, and
 * log[N].term == currentTerm: set commitIndex = N". The leader's own log counts, as far as it is a voter.
 */
export function leaderCommitIndex<App>(state: RaftState<App>, leader: LeaderState, effects: Effects<App>): Index {
  const last = lastIndex(state.log);
  const reached = quorumReached(inForce(state), leader.progress, "matchIndex", state.config.id, last);
  const index = Math.min(reached, last);
  if (index <= state.commitIndex) return state.commitIndex;
  // Raft 5.4.2: "Raft never commits log entries from previous terms by counting replicas".
  if (termAt(state.log, index) !== state.currentTerm) {
    effects.push(note.commitRefusedOldTerm);
    return state.commitIndex;
  }
  return index;
}
