import type { ConfigSpec } from "./config.ts";

/** What a run's configuration has beside the defaults, by the parts of {@link ConfigSpec}. */
export type ConfigChanges = { readonly [K in keyof ConfigSpec]?: Partial<ConfigSpec[K]> };

/** How fast a cluster takes notice: as the real one does, or so that a run of a minute has room for it. */
export interface Pace {
  readonly name: "real" | "short";
  readonly config: ConfigChanges;
  readonly settleMs: number;
}

/**
 * Under OrderedReady the real controller never replaces a pod of a broken revision (k#67250), and somebody has to delete it;
 * nobody is there to do so.
 */
const CONTROLLERS = { statefulset: { replacesBrokenPods: true } };

export const REAL: Pace = { name: "real", config: { controllers: CONTROLLERS }, settleMs: 1_800_000 };

/** The proportions of durations to one another are about those of the real ones. */
export const SHORT: Pace = {
  name: "short",
  settleMs: 600_000,
  config: {
    apiServer: {
      requestTimeoutMs: 10_000,
      storeTimeoutMs: 3000,
      storeSilenceMs: 5000,
      storeProbeMs: 2000,
      ringEventsMin: 20,
      ringEventsMax: 400,
      historyMs: 10_000,
      bookmarkIntervalMs: 5000,
      bookmarkBeforeEndMs: 1000,
      freshWaitMs: 1000,
      compactionIntervalMs: 30_000,
      repairIntervalMs: 20_000,
    },
    client: {
      requestTimeoutMs: 4000,
      pingAfterMs: 4000,
      pingTimeoutMs: 2000,
      backoffMs: 100,
      backoffMaxMs: 3000,
      watchTimeoutMs: 30_000,
    },
    election: { leaseDurationMs: 5000, renewDeadlineMs: 3300, retryPeriodMs: 700 },
    controllers: {
      ...CONTROLLERS,
      "node-lifecycle": {
        nodeMonitorPeriodUs: 1_000_000,
        nodeMonitorGraceUs: 6_000_000,
        nodeStartupGraceUs: 8_000_000,
        evictionIntervalUs: 2_000_000,
        secondaryEvictionIntervalUs: 10_000_000,
      },
      job: { podBackoffUs: 1_000_000, podBackoffMaxUs: 10_000_000 },
      "pod-garbage-collector": { periodUs: 5_000_000, quarantineUs: 10_000_000 },
      disruption: { deletionTimeoutUs: 20_000_000, staleTargetUs: 20_000_000 },
      namespace: { gracePeriodUs: 1_000_000 },
      daemonset: { failedPodsBackoffMaxUs: 20_000_000 },
    },
    scheduler: {
      podInitialBackoffMs: 200,
      podMaxBackoffMs: 2000,
      unschedulableFlushMs: 20_000,
      flushEveryMs: 5000,
      bindTimeoutMs: 30_000,
    },
    kubelet: {
      leaseDurationSeconds: 8,
      leaseRenewMs: 2000,
      nodeStatusUpdateMs: 2000,
      nodeStatusReportMs: 20_000,
      syncFrequencyMs: 15_000,
      statusSyncMs: 3000,
      relistMs: 20_000,
      runtimeRequestTimeoutMs: 15_000,
      runtimeDownMs: 6000,
      backoffMs: 1000,
      backoffMaxMs: 8000,
      imageBackoffMs: 1000,
      imageBackoffMaxMs: 8000,
      syncBackoffMs: 2000,
      evictionMs: 5000,
      pressureTransitionMs: 10_000,
    },
    kubectl: { retryMs: 500, evictionRetryMs: 1000 },
  },
};
