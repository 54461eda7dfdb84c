import type { KeyValue, Revision } from "./types.ts";

/** Whether a version says that the key is gone. */
export function isTombstone(kv: KeyValue): boolean {
  return kv.version === 0;
}

/** What the key is after its last change, or null where it does not exist. */
export function latest(versions: readonly KeyValue[] | undefined): KeyValue | null {
  if (versions === undefined) return null;
  const last = versions[versions.length - 1]!;
  return last.version === 0 ? null : last;
}

/** The position of the newest version at or below a revision; -1: there is none. */
export function positionAt(versions: readonly KeyValue[], revision: Revision): number {
  let high = versions.length - 1;
  // Most reads are of the present.
  if (high < 0 || versions[high]!.modRevision <= revision) return high;
  let low = -1;
  // Of the versions up to `low` all are old enough, of those from `high` on none is.
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (versions[middle]!.modRevision <= revision) low = middle;
    else high = middle;
  }
  return low;
}

/** What the key was at a revision, or null where it did not exist. */
export function liveAt(versions: readonly KeyValue[] | undefined, revision: Revision): KeyValue | null {
  if (versions === undefined) return null;
  const position = positionAt(versions, revision);
  if (position < 0) return null;
  const kv = versions[position]!;
  return kv.version === 0 ? null : kv;
}

/** The versions with one more, in a copy of just that capacity. */
export function withVersion(versions: readonly KeyValue[], kv: KeyValue): readonly KeyValue[] {
  const { length } = versions;
  const copy = new Array<KeyValue>(length + 1);
  for (let i = 0; i < length; i++) copy[i] = versions[i]!;
  copy[length] = kv;
  return copy;
}
