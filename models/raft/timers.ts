import type { CancelTimer, SetTimer } from "../kernel/index.ts";
import type { RaftConfig } from "./types.ts";

/** Follower, candidate: no word from a leader. */
export const ELECTION_TIMER = "election";
/** Leader: time for the next heartbeat. */
export const HEARTBEAT_TIMER = "heartbeat";
/** Leader: time to see whether a quorum was heard from. */
export const CHECK_QUORUM_TIMER = "checkQuorum";
/** Leader: a transfer of leadership has taken too long. */
export const TRANSFER_TIMER = "transfer";

export const CANCEL_ELECTION: CancelTimer = cancel(ELECTION_TIMER);
export const CANCEL_HEARTBEAT: CancelTimer = cancel(HEARTBEAT_TIMER);
export const CANCEL_CHECK_QUORUM: CancelTimer = cancel(CHECK_QUORUM_TIMER);
export const CANCEL_TRANSFER: CancelTimer = cancel(TRANSFER_TIMER);

/** Raft 5.2: "election timeouts are chosen randomly from a fixed interval". The simulator draws. */
export function electionTimer(config: RaftConfig): SetTimer {
  return {
    kind: "setTimer",
    name: ELECTION_TIMER,
    minUs: config.electionTimeoutUs,
    maxUs: config.electionTimeoutMaxUs,
  };
}

/** Raft 5.2: "Leaders send periodic heartbeats to all followers in order to maintain their authority". */
export function heartbeatTimer(config: RaftConfig): SetTimer {
  return fixed(HEARTBEAT_TIMER, config.heartbeatIntervalUs);
}

/** Thesis 6.2: "A leader steps down if an election timeout elapses without a successful round of heartbeats". */
export function checkQuorumTimer(config: RaftConfig): SetTimer {
  return fixed(CHECK_QUORUM_TIMER, config.electionTimeoutUs);
}

/** Thesis 3.10: "If leadership transfer does not complete after about an election timeout, the prior leader aborts". */
export function transferTimer(config: RaftConfig): SetTimer {
  return fixed(TRANSFER_TIMER, config.electionTimeoutUs);
}

function fixed(name: string, us: number): SetTimer {
  return { kind: "setTimer", name, minUs: us, maxUs: us };
}

function cancel(name: string): CancelTimer {
  return Object.freeze({ kind: "cancelTimer" as const, name });
}
