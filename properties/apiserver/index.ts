import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { deleteDecidedOnThatUid } from "./delete-decided-on-that-uid.ts";
import { deletionIsFinal } from "./deletion-is-final.ts";
import { finalizersHold } from "./finalizers-hold.ts";
import { generationCountsChanges } from "./generation-counts-changes.ts";
import { informersCatchUp } from "./informers-catch-up.ts";
import { informersGoForward } from "./informers-go-forward.ts";
import { noLostUpdate } from "./no-lost-update.ts";
import { observedGenerationNotAhead } from "./observed-generation-not-ahead.ts";
import { oneControllerOwner } from "./one-controller-owner.ts";
import { apiServerSituations } from "./sometimes/index.ts";
import { statusApartFromSpec } from "./status-apart-from-spec.ts";
import { uidNeverReused } from "./uid-never-reused.ts";
import { versionsAreTrue } from "./versions-are-true.ts";

/** What the API servers promise, whoever asks, and what their clients' caches may rely on. */
export const apiServerProperties: readonly ClusterProperty[] = [
  uidNeverReused,
  versionsAreTrue,
  noLostUpdate,
  deleteDecidedOnThatUid,
  generationCountsChanges,
  observedGenerationNotAhead,
  deletionIsFinal,
  finalizersHold,
  oneControllerOwner,
  statusApartFromSpec,
  informersGoForward,
  informersCatchUp,
  ...apiServerSituations,
];
