import type { Configuration, Entry, Index, MemberId, MembershipChange, RaftState } from "./types.ts";

/** The configuration of a process that is not, or not yet, a member of any cluster. */
export const NO_MEMBERS: Configuration = Object.freeze({
  voters: [],
  votersOutgoing: [],
  learners: [],
  learnersNext: [],
});

/** A configuration that is not joint. */
export function simpleConfiguration(voters: readonly MemberId[], learners: readonly MemberId[] = []): Configuration {
  return { voters, votersOutgoing: [], learners, learnersNext: [] };
}

/** All members: incoming voters, then outgoing ones, then learners. */
export function memberIds(configuration: Configuration): readonly MemberId[] {
  const { voters, votersOutgoing, learners } = configuration;
  const result = [...voters];
  for (const id of votersOutgoing) if (!result.includes(id)) result.push(id);
  for (const id of learners) if (!result.includes(id)) result.push(id);
  return result;
}

/** All who have a vote: incoming voters, then outgoing ones. */
export function voterIds(configuration: Configuration): readonly MemberId[] {
  const { voters, votersOutgoing } = configuration;
  if (votersOutgoing.length === 0) return voters;
  const result = [...voters];
  for (const id of votersOutgoing) if (!result.includes(id)) result.push(id);
  return result;
}

/** Whether two majorities are needed (Raft 6). */
export function isJoint(configuration: Configuration): boolean {
  return configuration.votersOutgoing.length > 0;
}

/** Whether a member has a vote in either half of the configuration. */
export function isVoter(configuration: Configuration, id: MemberId): boolean {
  return contains(configuration.voters, id) || contains(configuration.votersOutgoing, id);
}

/** As Array.includes, which takes five times as long: a leader asks this at each step. */
function contains(members: readonly MemberId[], id: MemberId): boolean {
  for (let i = 0; i < members.length; i++) if (members[i] === id) return true;
  return false;
}

/** Whether a member receives the log and has no vote. */
export function isLearner(configuration: Configuration, id: MemberId): boolean {
  return configuration.learners.includes(id);
}

/** Why a change cannot be made to a configuration, or null. Whether a learner has caught up is for the leader to know. */
export function changeProblem(configuration: Configuration, changes: readonly MembershipChange[]): string | null {
  if (changes.length === 0) return "no change";
  for (let i = 0; i < changes.length; i++) {
    const { kind, member } = changes[i]!;
    for (let j = 0; j < i; j++) if (changes[j]!.member === member) return `two changes of ${member}`;
    const voter = configuration.voters.includes(member);
    const learner = configuration.learners.includes(member);
    if (kind === "addVoter" && (voter || learner)) return `${member} is a member`;
    if (kind === "addLearner" && (voter || learner)) return `${member} is a member`;
    if (kind === "promoteLearner" && !learner) return `${member} is not a learner`;
    if (kind === "demoteVoter" && !voter) return `${member} is not a voter`;
    if (kind === "removeMember" && !voter && !learner) return `${member} is not a member`;
  }
  return changed(configuration, changes).voters.length === 0 ? "no voter would be left" : null;
}

/** Thesis 4.1: "only one server can be added or removed from the cluster at a time". The configuration after one change. */
export function changeSimple(configuration: Configuration, change: MembershipChange): Configuration {
  const { voters, learners } = changed(configuration, [change]);
  return { voters, votersOutgoing: [], learners, learnersNext: [] };
}

/**
 * Raft 6: "the cluster first switches to a transitional configuration we call joint consensus". A voter that is demoted
 * becomes a learner only when the joint configuration is left: as long as it may be needed for the majority of the
 * outgoing half it is a voter (etcd raft, confchange.Changer.makeLearner).
 */
export function enterJoint(configuration: Configuration, changes: readonly MembershipChange[]): Configuration {
  const after = changed(configuration, changes);
  const learners: MemberId[] = [];
  const learnersNext: MemberId[] = [];
  for (const id of after.learners) (configuration.voters.includes(id) ? learnersNext : learners).push(id);
  return { voters: after.voters, votersOutgoing: configuration.voters, learners, learnersNext };
}

/** Raft 6: "it is then safe for the leader to create a log entry describing C_new". */
export function leaveJoint(configuration: Configuration): Configuration {
  const learners = [...configuration.learners, ...configuration.learnersNext];
  return { voters: configuration.voters, votersOutgoing: [], learners, learnersNext: [] };
}

function changed(
  configuration: Configuration,
  changes: readonly MembershipChange[],
): { readonly voters: readonly MemberId[]; readonly learners: readonly MemberId[] } {
  const voters = [...configuration.voters];
  const learners = [...configuration.learners];
  for (const { kind, member } of changes) {
    remove(voters, member);
    remove(learners, member);
    if (kind === "addVoter" || kind === "promoteLearner") voters.push(member);
    if (kind === "addLearner" || kind === "demoteVoter") learners.push(member);
  }
  return { voters, learners };
}

function remove(members: MemberId[], member: MemberId): void {
  const position = members.indexOf(member);
  if (position >= 0) members.splice(position, 1);
}

type Configurations = RaftState<unknown>["configurations"];

/** The configurations after new entries of the log, from `firstIndex` on. The same array if none of them is one. */
export function configurationsWith(
  configurations: Configurations,
  firstIndex: Index,
  entries: readonly Entry[],
): Configurations {
  let result = configurations;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    if (entry.kind === "configuration")
      result = [...result, { index: firstIndex + i, configuration: entry.configuration }];
  }
  return result;
}

/** The configurations after the log was cut behind `index`: one that is no longer in the log is no longer in force. */
export function configurationsUpTo(configurations: Configurations, index: Index): Configurations {
  let count = configurations.length;
  while (count > 1 && configurations[count - 1]!.index > index) count--;
  return count === configurations.length ? configurations : configurations.slice(0, count);
}

/** The configurations after a snapshot at `index`: of those up to it, only the latest is still of use. */
export function configurationsFrom(configurations: Configurations, index: Index): Configurations {
  let first = 0;
  while (first + 1 < configurations.length && configurations[first + 1]!.index <= index) first++;
  return first === 0 ? configurations : configurations.slice(first);
}
