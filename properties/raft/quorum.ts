/** Members, configurations and quorums, for properties: counted anew, apart from the model's own functions. */
import type { Configuration, MemberId } from "../../models/raft/types.ts";
import type { Member, MemberState } from "./raft-property.ts";

const NO_CONFIGURATION: Configuration = Object.freeze({
  voters: [],
  votersOutgoing: [],
  learners: [],
  learnersNext: [],
});

/** Sets of members up to this size are tried out one by one. */
const MEMBERS_TRIED_MAX = 14;

/** The configuration in force at a member: the latest in its log. */
export function inForce(state: MemberState): Configuration {
  const { configurations } = state;
  return configurations.length === 0 ? NO_CONFIGURATION : configurations[configurations.length - 1]!.configuration;
}

/** The index of the configuration in force. */
export function inForceSince(state: MemberState): number {
  const { configurations } = state;
  return configurations.length === 0 ? 0 : configurations[configurations.length - 1]!.index;
}

/** Whether a configuration has two halves. */
export function isJoint(configuration: Configuration): boolean {
  return configuration.votersOutgoing.length > 0;
}

/** Whether a member has a vote, in either half. */
export function isVoter(configuration: Configuration, id: MemberId): boolean {
  return configuration.voters.includes(id) || configuration.votersOutgoing.includes(id);
}

/** Whether a configuration names a member at all. */
export function isMember(configuration: Configuration, id: MemberId): boolean {
  return isVoter(configuration, id) || configuration.learners.includes(id);
}

/** Whether these members are a quorum: a majority, of each half where the configuration is joint. */
export function isQuorum(configuration: Configuration, members: readonly MemberId[]): boolean {
  return (
    isMajority(configuration.voters, members) &&
    (configuration.votersOutgoing.length === 0 || isMajority(configuration.votersOutgoing, members))
  );
}

function isMajority(voters: readonly MemberId[], members: readonly MemberId[]): boolean {
  let count = 0;
  for (let i = 0; i < voters.length; i++) if (members.includes(voters[i]!)) count++;
  return count * 2 > voters.length;
}

/**
 * A quorum of the first configuration that has no member in common with some quorum of the second, or null when all
 * intersect. Tries every set of voters, so that it rests on no theorem.
 */
export function disjointQuorum(first: Configuration, second: Configuration): readonly MemberId[] | null {
  const all = [...new Set([...first.voters, ...first.votersOutgoing, ...second.voters, ...second.votersOutgoing])];
  if (all.length > MEMBERS_TRIED_MAX) return null;
  for (let set = 0; set < 2 ** all.length; set++) {
    const members = all.filter((_, i) => (set >> i) & 1);
    if (!isQuorum(first, members)) continue;
    if (
      isQuorum(
        second,
        all.filter((_, i) => !((set >> i) & 1)),
      )
    )
      return members;
  }
  return null;
}

/** The member of that id, or null. */
export function memberOf(processes: readonly Member[], id: MemberId): Member | null {
  for (let i = 0; i < processes.length; i++) if (processes[i]!.id === id) return processes[i]!;
  return null;
}

/** The member that is up and leads in the highest term, or null when none leads. */
export function currentLeader(processes: readonly Member[]): Member | null {
  let best: Member | null = null;
  for (const process of processes)
    if (process.status === "up" && process.state.role === "leader")
      if (best === null || process.state.currentTerm > best.state.currentTerm) best = process;
  return best;
}

/** Why there is no leader, in words: what each member that is up is and in which term. */
export function describeMembers(processes: readonly Member[]): string {
  return processes
    .map(({ id, status, state }) =>
      status === "up" ? `${id} ${state.role} in term ${state.currentTerm}` : `${id} ${status}`,
    )
    .join(", ");
}
