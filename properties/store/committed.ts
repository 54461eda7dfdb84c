import { at } from "../../models/kernel/index.ts";
import type { Revision, StoreState } from "../../models/store/types.ts";
import { CommittedEvents } from "../../src/checkers/committed-events.ts";
import { sharedByRun } from "./shared.ts";

/** What was committed in a run, as the members that were the first to apply it have it. */
export class CommittedHistory {
  readonly events = new CommittedEvents();
  /** The highest revision below which some member has compacted. */
  compactRevision: Revision = 0;

  /** A member has this content. What is new in it is taken; a snapshot brings what it has. */
  take(content: StoreState): void {
    const { events } = this;
    if (content.compactRevision > this.compactRevision) this.compactRevision = content.compactRevision;
    for (let revision = Math.max(events.latest + 1, content.eventsFrom); revision <= content.revision; revision++) {
      const changes = at(content.events, revision - content.eventsFrom);
      if (changes !== undefined) events.add(revision, changes);
    }
  }
}

/** The committed history of the run that a monitor watches. Whoever reads it has to feed it. */
export const committedHistoryOf = sharedByRun(() => new CommittedHistory());
