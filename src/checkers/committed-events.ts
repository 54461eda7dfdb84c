import type { Key, KeyValue, Revision } from "../../models/store/types.ts";

/** Revisions remembered; later ones push out the earliest. */
const REVISIONS_MAX = 65_536;

/** One change of a committed revision. */
export interface CommittedEvent {
  /** The version after the change; a tombstone for a delete. */
  readonly kv: KeyValue;
  /** The version before, null where the key did not exist, undefined where that is not known. */
  readonly previous: KeyValue | null | undefined;
}

/** A store that was never written to has this revision. */
const FIRST: Revision = 1;

/** What each revision of a store has changed, as the first that got there has it. Revisions come in ascending order. */
export class CommittedEvents {
  #base: Revision = FIRST + 1;
  #revisions: (readonly CommittedEvent[] | null)[] = [];
  /** The latest version of each key. */
  readonly #current = new Map<Key, KeyValue>();
  /** Revisions before it were left out, so that a key without a version here may have had one. */
  #completeFrom: Revision = FIRST + 1;

  /** The latest revision that is known. */
  get latest(): Revision {
    return this.#base + this.#revisions.length - 1;
  }

  /** What a revision has changed, in its order; null where it is not known: to come, left out or long ago. */
  at(revision: Revision): readonly CommittedEvent[] | null {
    const position = revision - this.#base;
    return position >= 0 && position < this.#revisions.length ? this.#revisions[position]! : null;
  }

  /** Adds a revision after the {@link latest}. What lies between them is not known. */
  add(revision: Revision, changes: readonly KeyValue[]): void {
    if (revision > this.latest + 1) {
      this.#completeFrom = revision;
      this.#current.clear();
      while (this.latest < revision - 1) this.#revisions.push(null);
    }
    this.#revisions.push(changes.map((kv) => ({ kv, previous: this.#previousOf(kv) })));
    for (const kv of changes) this.#current.set(kv.key, kv);
    if (this.#revisions.length > REVISIONS_MAX) {
      this.#base += REVISIONS_MAX / 2;
      this.#revisions = this.#revisions.slice(REVISIONS_MAX / 2);
    }
  }

  #previousOf({ key }: KeyValue): KeyValue | null | undefined {
    const previous = this.#current.get(key);
    if (previous === undefined) return this.#completeFrom > FIRST + 1 ? undefined : null;
    return isTombstone(previous) ? null : previous;
  }
}

/** Whether a version says that the key was deleted. */
export function isTombstone({ version }: KeyValue): boolean {
  return version === 0;
}

/** Whether two versions of keys are the same in every field. */
export function sameVersion(left: KeyValue, right: KeyValue): boolean {
  return (
    left === right ||
    (left.key === right.key &&
      left.modRevision === right.modRevision &&
      left.createRevision === right.createRevision &&
      left.version === right.version &&
      left.value === right.value &&
      left.lease === right.lease)
  );
}
