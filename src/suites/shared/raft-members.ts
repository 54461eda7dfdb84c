import type { ProcessId } from "../../../models/kernel/index.ts";
import type { RaftMessage, RaftState } from "../../../models/raft/types.ts";
import { hashText } from "../../simulator/hash.ts";
import type { ProcessView } from "../../simulator/system.ts";

/** A Raft member as a process, whatever else it does. */
export interface RaftMember {
  readonly id: ProcessId;
  readonly status: ProcessView<never>["status"];
  /** null before the first boot. */
  readonly state: RaftState<unknown> | null;
}

/** The roles that a scenario may name instead of a member. */
export const ROLE_NAMES = ["leader", "staleLeader", "follower", "candidate"] as const;

/**
 * `leader` is who leads in the highest term, `staleLeader` who takes itself for the leader and does not lead in the
 * highest term, `follower` and `candidate` the first that is up and in that role.
 */
export function resolveRole(role: string, members: readonly RaftMember[]): ProcessId | null {
  const up = members.filter(({ status }) => status === "up") as (RaftMember & { state: RaftState<unknown> })[];
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

/**
 * A half of a configuration, known to one of some members, that has lost its quorum; null when there is none. Every
 * configuration that any of them knows must keep a quorum in each of its halves.
 */
export function quorumLost(
  lost: ReadonlySet<ProcessId>,
  members: readonly Pick<RaftMember, "state">[],
): readonly ProcessId[] | null {
  for (const { state } of members) {
    if (state === null) continue;
    for (const { configuration } of state.configurations)
      for (const half of [configuration.voters, configuration.votersOutgoing])
        if (half.length > 0 && half.filter((voter) => !lost.has(voter)).length <= half.length / 2) return half;
  }
  return null;
}

/** Why the members need not come to rest: those that are lost for good take a quorum with them. Null when they do not. */
export function quorumExcuse(members: readonly RaftMember[]): string | null {
  const dead = new Set(members.filter(({ status }) => status === "dead").map(({ id }) => id));
  const living = members.filter(({ status }) => status !== "dead");
  const half = dead.size === 0 ? null : quorumLost(dead, living);
  return half === null ? null : `no quorum of ${half.join(", ")} is left: ${[...dead].join(", ")} are lost for good`;
}

// ---- For the trace hash, and for what concerns an observer

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
} as const satisfies Record<RaftMessage<unknown>["kind"], number>;

/** @param digestOf 32 bits of the content of an application's state */
export function digestRaftMessage<App>(message: RaftMessage<App>, digestOf: (application: App) => number): number {
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
      return head ^ mix(message.snapshot.index, digestOf(message.snapshot.application));
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

/** @param digestOf 32 bits of the content of an application's state */
export function digestRaftState<App>(state: RaftState<App>, digestOf: (application: App) => number): number {
  return (
    mix(state.currentTerm, state.commitIndex) ^
    mix(state.lastApplied, state.log.prevIndex + state.log.entries.length) ^
    mix(ROLES[state.role], digestOf(state.application))
  );
}

/** The fields of a member's state that observers may name in their concerns. */
export const RAFT_FIELDS = [
  "role",
  "currentTerm",
  "votedFor",
  "log",
  "commitIndex",
  "lastApplied",
  "application",
  "configurations",
  "leader",
] as const satisfies readonly (keyof RaftState<unknown>)[];

/** Which of {@link RAFT_FIELDS} differ, a bit each: 1 for the first. */
export function raftChanged(before: RaftState<unknown>, after: RaftState<unknown>): number {
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

/** 32 bits of two numbers. */
export function mix(a: number, b: number): number {
  const h = Math.imul(a ^ 0x7feb352d, 0x85ebca6b) ^ Math.imul(b + 0x68bc21eb, 0xc2b2ae35);
  return Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
}
