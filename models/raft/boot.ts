import type { ClockReading, Step } from "../kernel/index.ts";
import { slice } from "../kernel/index.ts";
import { configurationsWith } from "./configuration.ts";
import { electionTimer } from "./timers.ts";
import type { Application, RaftConfig, RaftDurable, RaftState, RaftTypes } from "./types.ts";

/**
 * Raft 5.2: "When servers start up, they begin as followers". Term, vote, log and snapshot are what was durable; the rest
 * (fig. 2: volatile state) is relearnt. commitIndex starts at the snapshot, and so does what is applied.
 */
export function boot<App>(
  application: Application<App>,
  durable: RaftDurable<App>,
  config: RaftConfig,
  clock: ClockReading,
): Step<RaftTypes<App>> {
  const { hardState, snapshot, log } = durable;
  const index = snapshot === null ? 0 : snapshot.index;
  const configuration = snapshot === null ? config.initialConfiguration : snapshot.configuration;
  const entries = slice(log.entries, 0, log.entries.length);
  const state: RaftState<App> = {
    config,
    role: "follower",
    currentTerm: hardState.currentTerm,
    votedFor: hardState.votedFor,
    leaderId: null,
    log,
    snapshot,
    commitIndex: index,
    lastApplied: index,
    application: snapshot === null ? application.initial : snapshot.application,
    configurations: configurationsWith([{ index, configuration }], log.prevIndex + 1, entries),
    votes: [],
    leader: null,
    pendingProposals: [],
    forwardedReads: [],
    leaderContactAt: clock.now,
  };
  return { state, effects: [electionTimer(config)] };
}
