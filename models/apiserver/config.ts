import type { ProcessId } from "../kernel/index.ts";
import type { ApiServerConfig } from "./types.ts";

const SECOND_US = 1_000_000;

/** The configuration of an API server with the real defaults. */
export function apiServerConfig(
  id: ProcessId,
  stores: readonly ProcessId[],
  over: Partial<Omit<ApiServerConfig, "kind" | "id" | "stores">> = {},
): ApiServerConfig {
  return {
    kind: "apiServer",
    id,
    stores,
    requestTimeoutUs: 60 * SECOND_US,
    storeTimeoutUs: 10 * SECOND_US,
    storeBackoffUs: 25_000,
    storeSilenceUs: 30 * SECOND_US,
    storeProbeUs: 10 * SECOND_US,
    readsInFlightMax: 400,
    writesInFlightMax: 200,
    ringEventsMin: 100,
    ringEventsMax: 102_400,
    historyUs: 75 * SECOND_US,
    bookmarkIntervalUs: 60 * SECOND_US,
    bookmarkBeforeEndUs: 2 * SECOND_US,
    freshWaitUs: 3 * SECOND_US,
    progressIntervalUs: 100_000,
    compactionIntervalUs: 300 * SECOND_US,
    watchTimeoutUs: 1800 * SECOND_US,
    listPageObjects: 10_000,
    serviceClusterIPRange: "10.96.0.0/24",
    serviceNodePortRange: "30000-32767",
    repairIntervalUs: 180 * SECOND_US,
    ...over,
  };
}
