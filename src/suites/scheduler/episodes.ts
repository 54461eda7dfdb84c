import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import { nodeReplaced, nodesClosed, openedInMidAttempt } from "./episodes/nodes.ts";
import {
  friendsComeAndGo,
  gatedPods,
  importantPods,
  leadChanges,
  podsGoUnseen,
  requestCutShort,
} from "./episodes/pods.ts";
import type { ClusterEpisode, ClusterSetting, Maker } from "./episodes/setting.ts";
import { claimsWait, oneVolumeForTwo } from "./episodes/volumes.ts";

/** The kinds of episode, each by what makes it. */
const KINDS = {
  nodeReplaced,
  nodesClosed,
  openedInMidAttempt,
  requestCutShort,
  importantPods,
  gatedPods,
  friendsComeAndGo,
  podsGoUnseen,
  leadChanges,
  claimsWait,
  oneVolumeForTwo,
} as const satisfies Record<string, Maker>;

export type SchedulingEpisodeKind = keyof typeof KINDS;

export const SCHEDULING_EPISODE_KINDS = Object.keys(KINDS) as readonly SchedulingEpisodeKind[];

/** An episode of one of some kinds, somewhere in the chaos. */
export function schedulingEpisode(
  kinds: readonly SchedulingEpisodeKind[],
  setting: ClusterSetting,
): Arbitrary<ClusterEpisode> {
  return fc.oneof(...kinds.map((kind) => KINDS[kind](setting)));
}
