import type { StoreProperty } from "../store-property.ts";
import { bothBranchesTaken } from "./both-branches-taken.ts";
import { notedSituations } from "./by-note.ts";
import { callRetriedElsewhere } from "./call-retried-elsewhere.ts";
import { compactedWhileRead } from "./compacted-while-read.ts";
import { crashedWithUnsyncedWrites } from "./crashed-with-unsynced-writes.ts";
import { leaderCrashedBeforeAnswer } from "./leader-crashed-before-answer.ts";
import { newLeaderAsked } from "./new-leader-asked.ts";
import { readServedByFollower } from "./read-served-by-follower.ts";
import { serializableReadBehind } from "./serializable-read-behind.ts";
import { staleLeaderAsked } from "./stale-leader-asked.ts";
import { stateInstalledWithClients } from "./state-installed-with-clients.ts";
import { transactionRefusedAsCompacted } from "./transaction-refused-as-compacted.ts";
import { twoLeadersWhileRead } from "./two-leaders-while-read.ts";
import { unknownOutcomeHappened } from "./unknown-outcome-happened.ts";
import { unknownOutcomeNeverHappened } from "./unknown-outcome-never-happened.ts";

/** What some run of a campaign must reach, so that what holds of a store's history means something. */
export const storeSituations: readonly StoreProperty[] = [
  ...notedSituations,
  unknownOutcomeHappened,
  unknownOutcomeNeverHappened,
  callRetriedElsewhere,
  readServedByFollower,
  staleLeaderAsked,
  newLeaderAsked,
  twoLeadersWhileRead,
  crashedWithUnsyncedWrites,
  leaderCrashedBeforeAnswer,
  stateInstalledWithClients,
  compactedWhileRead,
  transactionRefusedAsCompacted,
  bothBranchesTaken,
  serializableReadBehind,
];
