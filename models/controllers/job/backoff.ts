/** How long a job waits before it replaces failed pods (kubernetes pkg/controller/job/backoff_utils.go). */
import type { Micros } from "../../kernel/index.ts";
import { findCondition } from "../../machinery/conditions.ts";
import type { Pod } from "../../machinery/kinds/index.ts";
import { wallOf } from "../../machinery/time.ts";

export interface BackoffRecord {
  readonly failuresAfterLastSuccess: number;
  /** Calendar time; null: there is none. */
  readonly lastFailureAt: Micros | null;
}

export const NO_FAILURES: BackoffRecord = Object.freeze({ failuresAfterLastSuccess: 0, lastFailureAt: null });

/** newBackoffRecord: pods that have newly finished, folded into what was counted before. */
export function withFinished(
  record: BackoffRecord,
  succeededAt: readonly Micros[],
  failedAt: readonly Micros[],
): BackoffRecord {
  if (succeededAt.length === 0 && failedAt.length === 0) return record;
  if (succeededAt.length === 0)
    return {
      failuresAfterLastSuccess: record.failuresAfterLastSuccess + failedAt.length,
      lastFailureAt: Math.max(...failedAt),
    };
  const lastSuccess = Math.max(...succeededAt);
  const after = failedAt.filter((at) => at > lastSuccess);
  return { failuresAfterLastSuccess: after.length, lastFailureAt: after.length === 0 ? null : Math.max(...after) };
}

/** getRemainingTime: the backoff doubles with each failure, counted from the last. */
export function remainingBackoff(
  { failuresAfterLastSuccess, lastFailureAt }: BackoffRecord,
  wall: Micros,
  baseUs: Micros,
  maxUs: Micros,
): Micros {
  if (failuresAfterLastSuccess === 0) return 0;
  let backoff = baseUs;
  for (let i = 1; i < failuresAfterLastSuccess && backoff < maxUs; i++) backoff *= 2;
  return Math.max(0, Math.min(backoff, maxUs) - (wall - (lastFailureAt ?? wall)));
}

/** getFinishedTime: when its last container ended; else when it became not ready; else when it was deleted, or created. */
export function finishedAt({ status, metadata }: Pod): Micros {
  const statuses = status?.containerStatuses ?? [];
  const times = statuses.map(({ state }) => state?.terminated?.finishedAt);
  if (times.length > 0 && times.every((time) => time !== undefined))
    return Math.max(...times.map((time) => wallOf(time!)));
  const ready = findCondition(status?.conditions, "Ready");
  if (ready?.status === "False" && ready.lastTransitionTime !== undefined) return wallOf(ready.lastTransitionTime);
  if (metadata.deletionTimestamp !== undefined)
    return wallOf(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1_000_000;
  return metadata.creationTimestamp === undefined ? 0 : wallOf(metadata.creationTimestamp);
}
