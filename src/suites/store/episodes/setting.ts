import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import { type Episode, type EpisodeSetting, start } from "../../shared/episodes.ts";
import type { Doing, Place, Stage } from "../doing.ts";
import type { StoreOperation } from "../scenario.ts";

export type StoreEpisode = Episode<StoreOperation>;

/** What episodes of a store are made of. */
export interface StoreSetting extends EpisodeSetting<StoreOperation>, Stage {
  readonly doing: Doing;
}

/**
 * When an episode begins: not before a leader can be there, and at a time that leaves it some seconds, if there are any.
 */
export function beginning({ chaosMs, electionTimeoutMs }: StoreSetting, lastsMs = 1000): Arbitrary<number> {
  return start(Math.max(Math.ceil(chaosMs / 2), chaosMs - lastsMs), electionTimeoutMs);
}

/** A session of a client. */
export function someone({ clients, sessions }: Stage): Arbitrary<Place> {
  return fc.record({ client: fc.constantFrom(...clients), session: fc.integer({ min: 0, max: sessions - 1 }) });
}

/** Numbers of writes. */
export const few = fc.integer({ min: 1, max: 6 });
