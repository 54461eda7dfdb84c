import type { ClockReading, Input, Machine, Step } from "../kernel/index.ts";
import { boot } from "./boot.ts";
import { raftDisk } from "./disk.ts";
import { update } from "./state.ts";
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

/** The rules themselves, for a machine that has Raft as a part and brings another application to each step. */
export const raftRules = {
  boot,
  step,
  disk: raftDisk,
  /** The state with that of its application replaced: by one that nobody can tell from it through the log. */
  withApplication<App>(state: RaftState<App>, application: App): RaftState<App> {
    return update(state, { application });
  },
};
