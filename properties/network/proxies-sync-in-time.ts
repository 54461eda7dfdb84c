import type { Micros } from "../../models/kernel/index.ts";
import type { ProxyState } from "../../models/proxy/types.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { NO_CONCERNS } from "../cluster/shared.ts";

/** A proxy that is seen late twice, this far apart, was not only held up. */
const APART_US = 500_000;

/** A timer runs at the rate that the host's clock had when it was set, and the clock may run faster meanwhile. */
const RATES_APART = 1.1;

/**
 * L10, at every moment. What a proxy's informers tell is in its rules after the least interval between two syncs, and a
 * sync is never longer ago than the greatest.
 */
export const proxiesSyncInTime: ClusterProperty = {
  id: "network/proxies-sync-in-time",
  kind: "always",
  source: "kubernetes pkg/proxy/runner/bounded_frequency_runner.go; minSyncPeriod, syncPeriod",
  monitor(context) {
    /** By process: since when it is late, by its own clock. */
    const lateSince = new Map<string, Micros>();
    return {
      concerns: { ...NO_CONCERNS, changes: ["kernel", "informers"] },
      onBoot: ({ id }) => void lateSince.delete(id),
      onStep({ id }, _before, after, { now }) {
        if (after.kind !== "proxy") return;
        const why = whyLate(after, now);
        if (why === null) {
          lateSince.delete(id);
          return;
        }
        const since = lateSince.get(id) ?? now;
        lateSince.set(id, since);
        if (now - since >= APART_US) context.violate(`${id} ${why}`);
      },
    };
  },
};

function whyLate({ syncs, syncedAt, pending, isFullDue, config }: ProxyState, now: Micros): string | null {
  if (syncs === 0) return null;
  const sinceMs = Math.round((now - syncedAt) / 1000);
  if ((pending.size > 0 || isFullDue) && now - syncedAt > config.minSyncUs * RATES_APART)
    return `knows of changes, and has not written its rules for ${sinceMs} ms`;
  return now - syncedAt > config.maxSyncUs * RATES_APART ? `has not written its rules for ${sinceMs} ms` : null;
}
