import type { RequestId } from "../kernel/index.ts";
import { changeProblem, changeSimple, enterJoint, isJoint, isVoter, leaveJoint } from "./configuration.ts";
import { lastIndex } from "./log.ts";
import { note } from "./notes.ts";
import { progressPosition } from "./progress.ts";
import { acceptsProposals, appendAsLeader } from "./propose.ts";
import { becomeFollower } from "./roles.ts";
import { committedInCurrentTerm, inForce, newestConfiguration } from "./state.ts";
import type { Configuration, Effects, MemberId, MembershipChange, RaftRequest, RaftState } from "./types.ts";

type ChangeMembership = Extract<RaftRequest, { kind: "changeMembership" }>;

/** A change of the membership: by one step where it is a single one, through joint consensus where it is several. */
export function requestChange<App>(
  state: RaftState<App>,
  id: RequestId,
  request: ChangeMembership,
  effects: Effects<App>,
): RaftState<App> {
  if (!acceptsProposals(state, id, effects) || !acceptsChanges(state, id, effects)) return state;
  const { changes } = request;
  const configuration = inForce(state);
  if (isJoint(configuration)) return refuse(state, id, "the configuration is joint", effects);
  const problem = changeProblem(configuration, changes);
  if (problem !== null) return refuse(state, id, problem, effects);
  for (const change of changes) {
    if (change.kind !== "promoteLearner" || isCaughtUp(state, change.member)) continue;
    effects.push(note.configurationRefusedLagging);
    return refuse(state, id, `${change.member} has not caught up`, effects);
  }
  noteChanges(changes, effects);
  const joint = request.joint || changes.length > 1;
  effects.push(joint ? note.configurationJointEntered : note.configurationSimpleApplied);
  const next = joint ? enterJoint(configuration, changes) : changeSimple(configuration, changes[0]!);
  return appendConfiguration(state, next, id, effects);
}

/** Leave a joint configuration on request, where autoLeave is off. */
export function requestLeaveJoint<App>(state: RaftState<App>, id: RequestId, effects: Effects<App>): RaftState<App> {
  if (!acceptsProposals(state, id, effects) || !acceptsChanges(state, id, effects)) return state;
  if (!isJoint(inForce(state))) return refuse(state, id, "the configuration is not joint", effects);
  effects.push(note.configurationJointLeft);
  return appendConfiguration(state, leaveJoint(inForce(state)), id, effects);
}

/** Whether the leader may append a configuration now. If not, the request is answered. */
function acceptsChanges<App>(state: RaftState<App>, id: RequestId, effects: Effects<App>): boolean {
  // Thesis 4.1: a leader "must not begin another" change while the last configuration entry is uncommitted.
  if (newestConfiguration(state).index > state.commitIndex) {
    effects.push(note.configurationRefusedPending);
    refuse(state, id, "a change of the configuration is pending", effects);
    return false;
  }
  // Ongaro, raft-dev 2015: "a leader may not append a new configuration entry until it has committed an entry from its
  // current term"; else majorities of two leaders' configurations need not intersect.
  if (!committedInCurrentTerm(state)) {
    effects.push(note.configurationRefusedOldTerm);
    refuse(state, id, "no entry of this term is committed yet", effects);
    return false;
  }
  return true;
}

/** Thesis 4.2.1: the new server must catch up first, so that its addition "does not cause availability gaps". */
function isCaughtUp<App>(state: RaftState<App>, learner: MemberId): boolean {
  const leader = state.leader!;
  const position = progressPosition(leader, learner);
  if (position < 0) return false;
  return lastIndex(state.log) - leader.progress[position]!.matchIndex <= state.config.promotionLagMax;
}

function appendConfiguration<App>(
  state: RaftState<App>,
  configuration: Configuration,
  id: RequestId | null,
  effects: Effects<App>,
): RaftState<App> {
  return appendAsLeader(state, { kind: "configuration", term: state.currentTerm, configuration }, id, effects);
}

/**
 * What a leader does once the configuration in force is committed: it leaves a joint one, and steps down if it is not in
 * it any more. Thesis 4.2.2: it "steps down once C_new is committed", and "manages a cluster that does not include
 * itself" until then: the others could not elect a leader under a configuration that they do not have.
 */
export function finishChange<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const { index, configuration } = newestConfiguration(state);
  // Not committed yet: a joint one must not be left, its leave may be on the way, and the leader is still needed.
  if (index > state.commitIndex) return state;
  if (isJoint(configuration)) {
    const { autoLeave } = state.config;
    if (!autoLeave || state.leader!.leadTransferee !== null || !committedInCurrentTerm(state)) return state;
    effects.push(note.configurationAutoLeft);
    return appendConfiguration(state, leaveJoint(configuration), null, effects);
  }
  if (isVoter(configuration, state.config.id)) return state;
  effects.push(note.leaderRemoved);
  return becomeFollower(state, state.currentTerm, null, effects);
}

function refuse<App>(state: RaftState<App>, id: RequestId, reason: string, effects: Effects<App>): RaftState<App> {
  effects.push(note.configurationRefused, { kind: "reply", id, response: { kind: "refused", reason } });
  return state;
}

function noteChanges<App>(changes: readonly MembershipChange[], effects: Effects<App>): void {
  for (const { kind } of changes) {
    if (kind === "promoteLearner") effects.push(note.learnerPromoted);
    if (kind === "demoteVoter") effects.push(note.voterDemoted);
  }
}
