import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import { raftEpisodes, transferAway } from "../shared/episodes.ts";
import { crashAtCommit, defragmentedAndCrashed } from "./episodes/backend.ts";
import { contention, heldConfirmation, lostClient, newLeaderReads, usurper } from "./episodes/clients.ts";
import { compactedTransaction, compactionAndCrash } from "./episodes/compaction.ts";
import { leaseFailover, locksChangeHands, renewedAtOldLeader } from "./episodes/leases.ts";
import type { StoreEpisode, StoreSetting } from "./episodes/setting.ts";
import { laggingWatch, slowWatcher } from "./episodes/watches.ts";

/** The kinds of episode, each by what makes it. `raft` is any of those that Raft alone has. */
const KINDS = {
  raft: (setting: StoreSetting) => fc.oneof(...raftEpisodes(setting)),
  transferAway: (setting: StoreSetting) => transferAway(setting, setting.asking.transfer!),
  crashAtCommit,
  defragmentedAndCrashed,
  compactionAndCrash,
  compactedTransaction,
  slowWatcher,
  laggingWatch,
  leaseFailover,
  renewedAtOldLeader,
  locksChangeHands,
  newLeaderReads,
  usurper,
  heldConfirmation,
  contention,
  lostClient,
} as const satisfies Record<string, (setting: StoreSetting) => Arbitrary<StoreEpisode>>;

export type EpisodeKind = keyof typeof KINDS;

export const EPISODE_KINDS = Object.keys(KINDS) as readonly EpisodeKind[];

/** An episode of one of some kinds, somewhere in the chaos. */
export function episode(kinds: readonly EpisodeKind[], setting: StoreSetting): Arbitrary<StoreEpisode> {
  return fc.oneof(...kinds.map((kind) => ({ weight: kind === "raft" ? 5 : 1, arbitrary: KINDS[kind](setting) })));
}
