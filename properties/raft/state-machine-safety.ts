import type { Entry, Index, RaftTypes } from "../../models/raft/types.ts";
import { samePlainData } from "../../src/checkers/plain-data.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import { IndexWindow } from "./index-window.ts";
import { describeEntry, entryAt, sameEntry } from "./log.ts";
import type { Member, MemberState, RaftContext, RaftProperty } from "./raft-property.ts";

/** What was applied at an index, by the first who did. */
interface Applied {
  entry: Entry | null;
  member: string;
  /** Whether `application` is known: only where a step of some member ended at this index. */
  hasApplication: boolean;
  application: unknown;
  applicationMember: string;
}

/**
 * Raft fig. 3, State Machine Safety, as seen in the entries and as seen in the application's state, which also shows an
 * entry that was skipped or applied twice. Restarts and installed snapshots are compared as well.
 */
export const stateMachineSafety: RaftProperty = {
  id: "raft/state-machine-safety",
  kind: "always",
  source:
    'Raft fig. 3, State Machine Safety: "if a server has applied a log entry at a given index to its state machine, no other server will ever apply a different log entry for the same index"',
  monitor: (context) => watchApplied(context, true),
};

/** The same for applications whose states may differ though they have applied the same: only the entries are compared. */
export const stateMachineSafetyOfEntries: RaftProperty = {
  ...stateMachineSafety,
  monitor: (context) => watchApplied(context, false),
};

function watchApplied(context: RaftContext, withApplication: boolean): Monitor<RaftTypes<unknown>> {
  const applied = new IndexWindow<Applied>(context);
  /** By process index: up to where what it applied was compared. */
  const compared: Index[] = [];

  function compareEntry(process: Member, index: Index, entry: Entry): void {
    const known = applied.get(index);
    if (known === undefined)
      applied.set(index, {
        entry,
        member: process.id,
        hasApplication: false,
        application: null,
        applicationMember: "",
      });
    else if (known.entry === null) {
      known.entry = entry;
      known.member = process.id;
    } else if (known.entry !== entry && !sameEntry(known.entry, entry))
      context.violate(
        `at index ${index}, ${process.id} applies ${describeEntry(entry)}, but ${known.member} applied ${describeEntry(known.entry)}`,
        { index, members: [known.member, process.id], entries: [known.entry, entry] },
      );
  }

  function compareApplication(process: Member, state: MemberState): void {
    if (!withApplication) return;
    const index = state.lastApplied;
    const { application } = state;
    const known = applied.get(index);
    if (known === undefined)
      applied.set(index, {
        entry: null,
        member: "",
        hasApplication: true,
        application,
        applicationMember: process.id,
      });
    else if (!known.hasApplication) {
      known.hasApplication = true;
      known.application = application;
      known.applicationMember = process.id;
    } else if (known.application !== application && !samePlainData(known.application, application))
      context.violate(
        `after index ${index}, the state machine of ${process.id} is not in the state that it had at ${known.applicationMember}`,
        { index, members: [known.applicationMember, process.id], applications: [known.application, application] },
      );
  }

  return {
    concerns: { changes: withApplication ? ["lastApplied", "application", "log"] : ["lastApplied", "log"] },
    onBoot(process) {
      compared[process.index] = process.state.lastApplied;
      compareApplication(process, process.state);
    },
    onStep(process, before, after) {
      const known = compared[process.index] ?? 0;
      if (after.lastApplied === known && after.application === before.application) return;
      const end = after.lastApplied;
      // What was compacted in this same step, or came with a snapshot, is compared by the application's state alone.
      for (let index = Math.max(known, after.log.prevIndex) + 1; index <= end; index++) {
        const entry = entryAt(after.log, index);
        if (entry !== undefined) compareEntry(process, index, entry);
      }
      if (end === after.lastApplied) compareApplication(process, after);
      else if (before.lastApplied <= end) compareApplication(process, before);
      compared[process.index] = end;
    },
  };
}
