/** Completion indexes (kubernetes pkg/controller/job/indexed_job_utils.go). */
import type { Job, Pod } from "../../machinery/kinds/index.ts";
import { annotationOf } from "../../machinery/meta.ts";

export const INDEX_ANNOTATION = "batch.kubernetes.io/job-completion-index";

/** Indexes from `first` to `last`, both included. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === "Indexed";
}

/** The index of a pod within the job's completions; null: it has none that counts. */
export function indexOf(job: Job, pod: Pod): number | null {
  const text = annotationOf(pod, INDEX_ANNOTATION);
  if (text === null || !/^\d+$/.test(text)) return null;
  const index = Number(text);
  return index < (job.spec.completions ?? 0) ? index : null;
}

/** parseIndexesFromString: `1,3-5,7`. What is beyond the completions is left out, and what cannot be read. */
export function parseIndexes(text: string | undefined, completions: number): readonly Interval[] {
  const intervals: Interval[] = [];
  for (const part of (text ?? "").split(",")) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (first === undefined) continue;
    if (Number(first) >= completions) break;
    const before = intervals.at(-1);
    const end = Math.min(Number(last), completions - 1);
    if (before !== undefined && before.last === Number(first) - 1) intervals.splice(-1, 1, { ...before, last: end });
    else intervals.push({ first: Number(first), last: end });
  }
  return intervals;
}

/** orderedIntervals.String: two in a row are written as two. */
export function formatIndexes(intervals: readonly Interval[]): string {
  return intervals
    .map(({ first, last }) =>
      first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`,
    )
    .join(",");
}

/** orderedIntervals.withOrderedIndexes. */
export function withIndexes(intervals: readonly Interval[], indexes: readonly number[]): readonly Interval[] {
  if (indexes.length === 0) return intervals;
  const all = [...intervals, ...indexes.map((index) => ({ first: index, last: index }))].toSorted(
    (one, two) => one.first - two.first,
  );
  const merged: Interval[] = [];
  for (const interval of all) {
    const last = merged.at(-1);
    if (last !== undefined && interval.first <= last.last + 1)
      merged[merged.length - 1] = { first: last.first, last: Math.max(last.last, interval.last) };
    else merged.push(interval);
  }
  return merged;
}

export function hasIndex(intervals: readonly Interval[], index: number): boolean {
  return intervals.some(({ first, last }) => first <= index && index <= last);
}

export function countIndexes(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** firstPendingIndexes: the lowest indexes that have neither succeeded nor a pod. */
export function pendingIndexes(
  succeeded: readonly Interval[],
  taken: readonly number[],
  count: number,
  completions: number,
): readonly number[] {
  const pending: number[] = [];
  for (let index = 0; index < completions && pending.length < count; index++)
    if (!hasIndex(succeeded, index) && !taken.includes(index)) pending.push(index);
  return pending;
}
