import type { ClockReading, Input, Machine, Step } from "../kernel/index.ts";
import { boot } from "./boot.ts";
import { raftDisk } from "./disk.ts";
import { step } from "./step.ts";
import type { Application, RaftConfig, RaftDurable, RaftState, RaftTypes } from "./types.ts";

export { type ChainState, chain, chainHash } from "./chain.ts";
export {
  isJoint,
  isLearner,
  isVoter,
  memberIds,
  NO_MEMBERS,
  simpleConfiguration,
  voterIds,
} from "./configuration.ts";
export { entryAt, lastIndex, lastTerm, logIsUpToDate, termAt } from "./log.ts";
export { RAFT_NOTES } from "./notes.ts";
export { majority, quorumActive, quorumReached, type VoteResult, voteResult } from "./quorum.ts";
export { committedInCurrentTerm, configurationAt, inForce, isLeader, newestConfiguration } from "./state.ts";
export * from "./types.ts";

/**
 * A member of a Raft cluster that replicates an application.
 *
 * Raft as in Ongaro's thesis (2014) and paper, with the mechanisms of etcd's raft library; see the README for the rules,
 * and for what is not modelled.
 */
export function raft<App>(application: Application<App>): Machine<RaftTypes<App>> {
  return {
    boot(durable: RaftDurable<App>, config: RaftConfig, clock: ClockReading): Step<RaftTypes<App>> {
      return boot(application, durable, config, clock);
    },
    step(state: RaftState<App>, input: Input<RaftTypes<App>>): Step<RaftTypes<App>> {
      return step(application, state, input);
    },
    disk: raftDisk<App>(),
  };
}
