/** The guarantees of a watch (etcd, API guarantees), checked on what one watcher is told. */
import type {
  Key,
  KeyRange,
  KeyValue,
  Revision,
  StoreEvent,
  WatchCreate,
  WatchResponse,
} from "../../models/store/types.ts";
import { type CommittedEvent, type CommittedEvents, isTombstone, sameVersion } from "./committed-events.ts";

/**
 * What a watch promises; the first five in etcd's words, "Watch APIs".
 *
 * - ordered: "events are ordered by revision; an event will never appear on a watch if it precedes an event in time that has
 *   already been posted".
 * - unique: "an event will never appear on a watch twice".
 * - reliable: "a sequence of events will never drop any subsequence of events within the available history window".
 * - atomic: "a list of events is guaranteed to encompass complete revisions".
 * - bookmarks: "progress notification events guarantee that all events up to a revision have been already delivered".
 * - previousValue: "prev_kv holds the key-value pair before the event happens".
 * - filter: nothing is told that was not asked for: by range, filters, and the revision to start from.
 * - compaction: who asks for what is compacted is told so, and who does not is served.
 */
export type Guarantee =
  | "compaction"
  | "ordered"
  | "unique"
  | "filter"
  | "bookmarks"
  | "atomic"
  | "reliable"
  | "previousValue";

/** Told of a guarantee that is broken: how, in words, and what shows it. */
export type Report = (guarantee: Guarantee, explanation: string, evidence: Readonly<Record<string, unknown>>) => void;

const NO_EVENTS: readonly StoreEvent[] = [];

/**
 * One watch, as its watcher is told of it: a stream, or several of which each goes on where the one before broke off. It
 * is fed with the responses in their order, and compares them with what was committed.
 *
 * Each revision is looked at once, so that what a response costs does not grow with the run.
 */
export class WatchAudit {
  readonly create: WatchCreate;
  readonly #committed: CommittedEvents;
  readonly #noPut: boolean;
  readonly #noDelete: boolean;
  /** The first revision of interest; 0 while it is not known. */
  #start: Revision;
  /** All committed events up to here were told, or need not be. */
  #told: Revision;
  /** The revision of the last event, and the keys that were told at it. */
  #seen: Revision = 0;
  #seenKeys: readonly Key[] = [];
  /** All events up to here were promised to have been told. */
  #promised: Revision = 0;
  /** Where the next event that is to be told is looked for. */
  #lookFrom: Revision = 0;
  #partial: readonly StoreEvent[] = NO_EVENTS;

  constructor(create: WatchCreate, committed: CommittedEvents) {
    this.create = create;
    this.#committed = committed;
    this.#noPut = create.filters.includes("noPut");
    this.#noDelete = create.filters.includes("noDelete");
    this.#start = create.startRevision;
    this.#told = create.startRevision - 1;
  }

  /** All that is to be told up to here was told; -1 while it is not known where the watch starts. */
  get told(): Revision {
    return this.#told;
  }

  /** The revision of the last event, or 0. */
  get seen(): Revision {
    return this.#seen;
  }

  /** The stream broke off: what was not complete will come again. */
  breakOff(): void {
    this.#partial = NO_EVENTS;
  }

  /**
   * Takes the next response.
   *
   * @param compacted the revision below which the member need not know what a key was before
   */
  take(response: WatchResponse, compacted: Revision, report: Report): void {
    if (response.created && !response.canceled && this.#start === 0) this.#begin(response.revision + 1);
    if (response.fragment) {
      if (!this.create.fragment)
        report("atomic", `is sent a fragment, though it did not ask for any`, { revision: response.revision });
      this.#partial = this.#partial.concat(response.events);
      return;
    }
    // What is canceled between two fragments never gets the others.
    const whole = this.#partial.length === 0 || response.canceled;
    const events = whole ? response.events : this.#partial.concat(response.events);
    this.#partial = NO_EVENTS;
    if (events.length > 0) this.#deliver(events, response.revision, compacted, report);
    if (response.canceled) this.#cancel(response.compactRevision, report);
    else if (events.length === 0 && !response.created) this.#promise(response.revision, report);
  }

  /** The revision of the first committed event up to `target` that the watcher has not been told of, or 0. */
  firstUntold(target: Revision): Revision {
    if (this.#start === 0) return 0;
    let revision = Math.max(this.#lookFrom, this.#told + 1);
    const end = Math.min(target, this.#committed.latest);
    while (revision <= end && !this.#wantsAnyOf(this.#committed.at(revision))) revision++;
    this.#lookFrom = revision;
    return revision <= end ? revision : 0;
  }

  #begin(start: Revision): void {
    this.#start = start;
    this.#told = start - 1;
  }

  #deliver(events: readonly StoreEvent[], header: Revision, compacted: Revision, report: Report): void {
    if (this.#start === 0) this.#begin(events[0]!.kv.modRevision);
    let last = this.#seen;
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!;
      const revision = event.kv.modRevision;
      if (revision < last)
        report("ordered", `is told of revision ${revision} after revision ${last}`, evidenceOf(event));
      this.#checkUnique(events, i, report);
      this.#checkAsked(event, report);
      if (revision <= this.#promised)
        report(
          "bookmarks",
          `is told of revision ${revision} after the promise that all up to ${this.#promised} was told`,
          evidenceOf(event),
        );
      this.#checkContent(event, compacted, report);
      if (revision > last) last = revision;
    }
    if (header < last)
      report("bookmarks", `is told of revision ${last} by a response of revision ${header}`, { header, last });
    this.#checkComplete(events, last, compacted, report);
    this.#remember(events, last);
  }

  #checkUnique(events: readonly StoreEvent[], position: number, report: Report): void {
    const event = events[position]!;
    const { key, modRevision } = event.kv;
    if (modRevision === this.#seen && !this.#seenKeys.includes(key))
      report(
        "atomic",
        `is told of revision ${modRevision} in two responses that are no fragments of one`,
        evidenceOf(event),
      );
    if (this.#wasTold(event.kv)) {
      report("unique", `is told of "${key}" at revision ${modRevision} again`, evidenceOf(event));
      return;
    }
    for (let i = position - 1; i >= 0 && events[i]!.kv.modRevision === modRevision; i--)
      if (events[i]!.kv.key === key)
        report("unique", `is told of "${key}" at revision ${modRevision} twice at once`, evidenceOf(event));
  }

  #wasTold({ key, modRevision }: KeyValue): boolean {
    if (modRevision > this.#seen) return false;
    if (modRevision === this.#seen) return this.#seenKeys.includes(key);
    if (modRevision < this.#start || modRevision > this.#told) return false;
    const found = eventOf(this.#committed.at(modRevision), key);
    return found !== null && this.#wants(found.kv);
  }

  #checkAsked(event: StoreEvent, report: Report): void {
    const { key, modRevision } = event.kv;
    if (!inRange(this.create, key))
      report("filter", `is told of "${key}", which is not in its range`, evidenceOf(event));
    if (event.type === "put" ? this.#noPut : this.#noDelete)
      report("filter", `is told of a ${event.type} of "${key}", which it has filtered out`, evidenceOf(event));
    if (modRevision < this.#start)
      report("filter", `is told of revision ${modRevision}, though it starts at ${this.#start}`, evidenceOf(event));
  }

  #checkContent(event: StoreEvent, compacted: Revision, report: Report): void {
    const { kv, prevKv } = event;
    const changes = this.#committed.at(kv.modRevision);
    if (changes === null) {
      if (kv.modRevision > this.#committed.latest)
        report("reliable", `is told of revision ${kv.modRevision}, which no member has applied`, evidenceOf(event));
      return;
    }
    const committed = eventOf(changes, kv.key);
    if (committed === null || !sameVersion(committed.kv, kv) || (event.type === "delete") !== isTombstone(kv)) {
      report("reliable", `is told of "${kv.key}" at revision ${kv.modRevision} what was not committed`, {
        told: event,
        committed: committed === null ? null : committed.kv,
      });
      return;
    }
    const { previous } = committed;
    if (previous === undefined) return;
    if (prevKv === null) {
      if (this.create.prevKv && previous !== null && kv.modRevision - 1 >= compacted)
        report("previousValue", `is not told what "${kv.key}" was before revision ${kv.modRevision}`, {
          told: event,
          previous,
        });
    } else if (!this.create.prevKv || previous === null || !sameVersion(previous, prevKv))
      report("previousValue", `is told wrongly what "${kv.key}" was before revision ${kv.modRevision}`, {
        told: event,
        previous,
      });
  }

  /** All that was committed from what was told last up to `last` has to be among the events. */
  #checkComplete(events: readonly StoreEvent[], last: Revision, compacted: Revision, report: Report): void {
    let next = 0;
    for (let revision = this.#told + 1; revision <= last; revision++) {
      while (next < events.length && events[next]!.kv.modRevision < revision) next++;
      const changes = this.#committed.at(revision);
      if (changes === null) continue;
      for (let i = 0; i < changes.length; i++) {
        const { kv } = changes[i]!;
        if (!this.#wants(kv) || isTold(events, next, kv)) continue;
        this.#reportMissing(kv, last, compacted, next < events.length && events[next]!.kv.modRevision, report);
        return;
      }
    }
  }

  #reportMissing(kv: KeyValue, last: Revision, compacted: Revision, partly: Revision | false, report: Report): void {
    const { key, modRevision } = kv;
    const evidence = { missing: kv, start: this.#start, toldUpTo: this.#told, last, compacted };
    const what = `${isTombstone(kv) ? "the delete" : "the put"} of "${key}" at revision ${modRevision}`;
    if (modRevision === compacted)
      report("compaction", `is not told of ${what}, which is not compacted: ${compacted} is the oldest left`, evidence);
    if (partly === modRevision)
      report("atomic", `is told of a part of revision ${modRevision}, without ${what}`, evidence);
    report("reliable", `is told of revision ${last}, and was not told of ${what}`, evidence);
  }

  #remember(events: readonly StoreEvent[], last: Revision): void {
    const keys = events.filter(({ kv }) => kv.modRevision === last).map(({ kv }) => kv.key);
    this.#seenKeys = last === this.#seen ? this.#seenKeys.concat(keys) : keys;
    this.#seen = last;
    if (last > this.#told) this.#told = last;
  }

  #promise(revision: Revision, report: Report): void {
    if (this.#start === 0) return;
    const end = Math.min(revision, this.#committed.latest);
    for (let untold = this.#told + 1; untold <= end; untold++) {
      if (!this.#wantsAnyOf(this.#committed.at(untold))) continue;
      report(
        "bookmarks",
        `is promised that all events up to revision ${revision} were told, and was not told of revision ${untold}`,
        { promised: revision, untold, toldUpTo: this.#told, start: this.#start },
      );
      break;
    }
    if (revision > this.#promised) this.#promised = revision;
    if (end > this.#told) this.#told = end;
  }

  #cancel(compactRevision: Revision, report: Report): void {
    if (compactRevision === 0) return;
    const next = Math.max(this.#start, this.#told + 1);
    if (this.#start > 0 && next >= compactRevision)
      report(
        "compaction",
        `is canceled because what is below revision ${compactRevision} is compacted, though it goes on from ${next}`,
        { compactRevision, next },
      );
    if (compactRevision - 1 > this.#told) this.#told = compactRevision - 1;
  }

  #wants(kv: KeyValue): boolean {
    return !(isTombstone(kv) ? this.#noDelete : this.#noPut) && inRange(this.create, kv.key);
  }

  #wantsAnyOf(changes: readonly CommittedEvent[] | null): boolean {
    if (changes === null) return false;
    for (let i = 0; i < changes.length; i++) if (this.#wants(changes[i]!.kv)) return true;
    return false;
  }
}

/** Whether a range has a key. */
export function inRange({ key: from, rangeEnd }: KeyRange, key: Key): boolean {
  if (rangeEnd === "") return key === from;
  return key >= from && (rangeEnd === "\0" || key < rangeEnd);
}

function eventOf(changes: readonly CommittedEvent[] | null, key: Key): CommittedEvent | null {
  if (changes === null) return null;
  for (let i = 0; i < changes.length; i++) if (changes[i]!.kv.key === key) return changes[i]!;
  return null;
}

/** Whether the events, from a position on that has the first of a revision, have one for a key. */
function isTold(events: readonly StoreEvent[], from: number, { key, modRevision }: KeyValue): boolean {
  for (let i = from; i < events.length && events[i]!.kv.modRevision === modRevision; i++)
    if (events[i]!.kv.key === key) return true;
  return false;
}

function evidenceOf(event: StoreEvent): Readonly<Record<string, unknown>> {
  return { type: event.type, key: event.kv.key, revision: event.kv.modRevision };
}
