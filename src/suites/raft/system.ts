import type { Micros, ProcessId } from "../../../models/kernel/index.ts";
import { type ChainState, chain, isVoter, raft } from "../../../models/raft/index.ts";
import type { Configuration, RaftConfig, RaftMessage, RaftState, RaftTypes } from "../../../models/raft/types.ts";
import { hashText } from "../../simulator/hash.ts";
import type { ProcessView, System } from "../../simulator/system.ts";
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
    digestMessage,
    digestState,
    fields: FIELDS,
    changed,
    resolve,
    survives,
  };
}

function configOf({ system }: RaftScenario, id: string, initialConfiguration: Configuration): RaftConfig {
  const { heartbeatIntervalMs, electionTimeoutMs, electionTimeoutMaxMs, ...rest } = system.config;
  return {
    ...rest,
    ...system.overrides[id],
    id,
    initialConfiguration,
    heartbeatIntervalUs: us(heartbeatIntervalMs),
    electionTimeoutUs: us(electionTimeoutMs),
    electionTimeoutMaxUs: us(electionTimeoutMaxMs),
  };
}

function us(ms: number): Micros {
  return Math.round(ms * 1000);
}

/** A number for each kind of message, so that a digest costs no look at the text. */
const KIND_DIGESTS = {
  requestPreVote: 0x1d8af0b3,
  requestPreVoteReply: 0x2f6b91c5,
  requestVote: 0x3a94d2e7,
  requestVoteReply: 0x4c51b7f9,
  appendEntries: 0x5e0f83ab,
  appendEntriesReply: 0x60d7a4bd,
  installSnapshot: 0x7295c6df,
  installSnapshotReply: 0x1453e8f1,
  timeoutNow: 0x2611fa03,
  readIndex: 0x38cf1c25,
  readIndexReply: 0x4a8d3e47,
} as const satisfies Record<RaftMessage<ChainState>["kind"], number>;

function digestMessage(message: RaftMessage<ChainState>): number {
  const head = KIND_DIGESTS[message.kind] ^ Math.imul(message.term, 0x9e3779b1);
  switch (message.kind) {
    case "requestPreVote":
    case "requestVote":
      return head ^ mix(message.lastLogIndex, message.lastLogTerm);
    case "requestPreVoteReply":
    case "requestVoteReply":
      return head ^ mix(message.voteGranted ? 1 : 2, 0);
    case "appendEntries":
      return (
        head ^
        mix(message.prevLogIndex, message.prevLogTerm) ^
        mix(message.leaderCommit, message.entries.length) ^
        message.round
      );
    case "appendEntriesReply":
      return head ^ mix(message.matchIndex, message.success ? 1 : 2) ^ mix(message.hintIndex, message.hintTerm);
    case "installSnapshot":
      return head ^ mix(message.snapshot.index, message.snapshot.application.hash);
    case "installSnapshotReply":
      return head ^ mix(message.matchIndex, message.round);
    case "timeoutNow":
      return head;
    case "readIndex":
      return head ^ hashText(message.id);
    case "readIndexReply":
      return head ^ hashText(message.id) ^ message.readIndex;
  }
}

const ROLES = { follower: 1, preCandidate: 2, candidate: 3, leader: 4 } as const;

function digestState(state: RaftState<ChainState>): number {
  return (
    mix(state.currentTerm, state.commitIndex) ^
    mix(state.lastApplied, state.log.prevIndex + state.log.entries.length) ^
    mix(ROLES[state.role], state.application.hash)
  );
}

const FIELDS = [
  "role",
  "currentTerm",
  "votedFor",
  "log",
  "commitIndex",
  "lastApplied",
  "application",
  "configurations",
  "leader",
] as const satisfies readonly (keyof RaftState<ChainState>)[];

function changed(before: RaftState<ChainState>, after: RaftState<ChainState>): number {
  if (before === after) return 0;
  return (
    (before.role === after.role ? 0 : 1) |
    (before.currentTerm === after.currentTerm ? 0 : 2) |
    (before.votedFor === after.votedFor ? 0 : 4) |
    (before.log === after.log ? 0 : 8) |
    (before.commitIndex === after.commitIndex ? 0 : 16) |
    (before.lastApplied === after.lastApplied ? 0 : 32) |
    (before.application === after.application ? 0 : 64) |
    (before.configurations === after.configurations ? 0 : 128) |
    (before.leader === after.leader ? 0 : 256)
  );
}

function mix(a: number, b: number): number {
  const h = Math.imul(a ^ 0x7feb352d, 0x85ebca6b) ^ Math.imul(b + 0x68bc21eb, 0xc2b2ae35);
  return Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
}

/**
 * `leader` is who leads in the highest term, `staleLeader` who takes itself for the leader and does not lead in the
 * highest term, `follower` and `candidate` the first that is up and in that role.
 */
function resolve(role: string, processes: readonly ProcessView<Types>[]): ProcessId | null {
  const up = processes.filter(({ status }) => status === "up");
  if (role === "follower") return up.find(({ state }) => state.role === "follower")?.id ?? null;
  if (role === "candidate")
    return up.find(({ state }) => state.role === "candidate" || state.role === "preCandidate")?.id ?? null;
  const leaders = up.filter(({ state }) => state.role === "leader");
  if (leaders.length === 0) return null;
  const current = leaders.reduce((a, b) => (b.state.currentTerm > a.state.currentTerm ? b : a));
  if (role === "leader") return current.id;
  if (role === "staleLeader") return leaders.find((leader) => leader !== current)?.id ?? null;
  return null;
}

/** The roles that a scenario may name instead of a member. */
export const ROLE_NAMES = ["leader", "staleLeader", "follower", "candidate"] as const;

/** Every configuration that any member knows, those lost included, must keep a quorum in each of its halves. */
function survives(lost: ReadonlySet<ProcessId>, processes: readonly ProcessView<Types>[]): boolean {
  return quorumLost(lost, processes) === null;
}

/** A half of a configuration, known to one of some members, that has lost its quorum; null when there is none. */
export function quorumLost(
  lost: ReadonlySet<ProcessId>,
  members: readonly ProcessView<Types>[],
): readonly ProcessId[] | null {
  for (const { state } of members) {
    if (state === null) continue;
    for (const { configuration } of state.configurations)
      for (const half of [configuration.voters, configuration.votersOutgoing])
        if (half.length > 0 && half.filter((voter) => !lost.has(voter)).length <= half.length / 2) return half;
  }
  return null;
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
