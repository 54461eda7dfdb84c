import type { ProcessId } from "../../../models/kernel/index.ts";
import { type ChainState, chain, isVoter, raft } from "../../../models/raft/index.ts";
import type { Configuration, RaftConfig, RaftTypes } from "../../../models/raft/types.ts";
import type { ProcessView, System } from "../../simulator/system.ts";
import { raftConfigOf } from "../shared/raft-config.ts";
import {
  digestRaftMessage,
  digestRaftState,
  quorumLost,
  RAFT_FIELDS,
  raftChanged,
  resolveRole,
} from "../shared/raft-members.ts";
import { memberIdsOf, type RaftScenario } from "./scenario.ts";

/** A Raft member whose state machine is a chain of hashes over what it has applied. */
export type Types = RaftTypes<ChainState>;

const machine = raft(chain);

/** The members of a scenario, each on a host of its own. */
export function raftSystem(scenario: RaftScenario): System<Types> {
  const { voters, learners, spares } = scenario.system;
  const ids = memberIdsOf(scenario.system);
  const initial: Configuration = {
    voters: ids.slice(0, voters),
    votersOutgoing: [],
    learners: ids.slice(voters, voters + learners),
    learnersNext: [],
  };
  const none: Configuration = { voters: [], votersOutgoing: [], learners: [], learnersNext: [] };
  return {
    processes: ids.map((id, index) => ({
      id,
      host: `host-${id}`,
      machine,
      config: configOf(scenario, id, index < ids.length - spares ? initial : none),
    })),
    messageKind: (message) => message.kind,
    digestMessage: (message) => digestRaftMessage(message, digestChain),
    digestState: (state) => digestRaftState(state, digestChain),
    fields: RAFT_FIELDS,
    changed: raftChanged,
    resolve: resolveRole,
    survives: (lost, processes) => quorumLost(lost, processes) === null,
  };
}

function configOf({ system }: RaftScenario, id: string, initialConfiguration: Configuration): RaftConfig {
  return { ...raftConfigOf(system.config, id, initialConfiguration), ...system.overrides[id] };
}

/** A chain is what its hash is. */
function digestChain({ hash }: ChainState): number {
  return hash;
}

/**
 * A member that was removed, does not know it, and deposes every leader, or null. Thesis 4.2.3: "servers not in C_new
 * will not receive heartbeats, so they will time out and start new elections [...] and this will cause the current leader
 * to revert to follower state". Only PreVote or CheckQuorum keep it from that.
 */
export function disruptiveServer(processes: readonly ProcessView<Types>[]): ProcessId | null {
  const up = processes.filter(({ status }) => status === "up");
  const newest = up.flatMap(({ state }) => state.configurations).reduce((a, b) => (b.index > a.index ? b : a));
  for (const { id, state, config } of up) {
    const takesItselfForVoter = isVoter(state.configurations.at(-1)!.configuration, id);
    if (takesItselfForVoter && !isVoter(newest.configuration, id) && !config.preVote && !config.checkQuorum) return id;
  }
  return null;
}
