import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import { answerNotHeard, contested, staleCaches } from "./episodes/caches.ts";
import { eventsLost, jobUnseen, servicesChange } from "./episodes/lags.ts";
import { budgetChanges, nodeAndManagerGo, noNodeHeard } from "./episodes/lifecycle.ts";
import {
  badRollout,
  clocksOff,
  cutWatch,
  lostAnswer,
  managerDies,
  masterGoes,
  namespaceGoes,
  rivals,
  staleServer,
} from "./episodes/masters.ts";
import { drained, identityCutOff, nodeGoesDuringRollout, nodeProcessDies } from "./episodes/nodes.ts";
import { operatedDatabase } from "./episodes/operator.ts";
import { deletedTwice, orphaned, ownerGoesUnseen, wrongOwner } from "./episodes/owners.ts";
import { crowdedNode, hungryPods, ownPods } from "./episodes/pods.ts";
import { podsDeletedInUpdate, rollover } from "./episodes/rollouts.ts";
import type { ClusterEpisode, ClusterSetting } from "./episodes/setting.ts";

/** The kinds of episode, each by what makes it. */
const KINDS = {
  nodeGoesDuringRollout,
  identityCutOff,
  drained,
  nodeProcessDies,
  managerDies,
  masterGoes,
  staleServer,
  cutWatch,
  lostAnswer,
  rivals,
  badRollout,
  namespaceGoes,
  clocksOff,
  rollover,
  podsDeletedInUpdate,
  ownPods,
  hungryPods,
  crowdedNode,
  operatedDatabase,
  staleCaches,
  answerNotHeard,
  contested,
  eventsLost,
  jobUnseen,
  servicesChange,
  noNodeHeard,
  nodeAndManagerGo,
  budgetChanges,
  deletedTwice,
  ownerGoesUnseen,
  orphaned,
  wrongOwner,
} as const satisfies Record<string, (setting: ClusterSetting) => Arbitrary<ClusterEpisode>>;

export type EpisodeKind = keyof typeof KINDS;

export const EPISODE_KINDS = Object.keys(KINDS) as readonly EpisodeKind[];

/** An episode of one of some kinds, somewhere in the chaos. */
export function episode(kinds: readonly EpisodeKind[], setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  return fc.oneof(...kinds.map((kind) => KINDS[kind](setting)));
}
