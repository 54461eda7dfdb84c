import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { evictionTakesTheFirst } from "./eviction-takes-the-first.ts";
import { kubeletDeletesWhatItWasTold } from "./kubelet-deletes-what-it-was-told.ts";
import { nodeNameSetOnce } from "./node-name-set-once.ts";
import { oneInstanceOfAContainer } from "./one-instance-of-a-container.ts";
import { podAddressesAreUnique } from "./pod-addresses-are-unique.ts";
import { readinessOutlivesTheKubelet } from "./readiness-outlives-the-kubelet.ts";
import { restartsFollowPolicy } from "./restarts-follow-policy.ts";
import { restartsKeepToTheUnit } from "./restarts-keep-to-the-unit.ts";
import { runningPodsFit } from "./running-pods-fit.ts";
import { nodeSituations } from "./sometimes/index.ts";
import { terminalPhaseAbsorbing } from "./terminal-phase-absorbing.ts";
import { terminalPhaseMeansNothingRuns } from "./terminal-phase-means-nothing-runs.ts";
import { terminatingNeverRestarted } from "./terminating-never-restarted.ts";

/** What holds of pods on their nodes: what really runs, and what is said of it. */
export const nodeProperties: readonly ClusterProperty[] = [
  nodeNameSetOnce,
  terminalPhaseAbsorbing,
  oneInstanceOfAContainer,
  terminatingNeverRestarted,
  terminalPhaseMeansNothingRuns,
  restartsFollowPolicy,
  runningPodsFit,
  kubeletDeletesWhatItWasTold,
  evictionTakesTheFirst,
  podAddressesAreUnique,
  readinessOutlivesTheKubelet,
  restartsKeepToTheUnit,
  ...nodeSituations,
];
