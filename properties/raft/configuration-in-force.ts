import type { Configuration, Index, Snapshot } from "../../models/raft/types.ts";
import { describeConfiguration, entryAt, firstChange, lastIndex, sameConfiguration } from "./log.ts";
import { inForce, inForceSince } from "./quorum.ts";
import type { Member, MemberState, RaftProperty } from "./raft-property.ts";

type Configurations = MemberState["configurations"];

/**
 * A member goes by the latest configuration in its log, committed or not, and falls back to the one before when that
 * entry is overwritten. Snapshots carry it whole, both halves, on disk and over the network.
 */
export const configurationInForce: RaftProperty = {
  id: "raft/configuration-in-force",
  kind: "always",
  source:
    'Raft 6: "a server always uses the latest configuration in its log, regardless of whether the entry is committed"; Raft 7: "the snapshot also includes the latest configuration in the log as of last included index"',
  monitor(context) {
    function expect(process: Member, expected: Configuration, actual: Configuration, why: string): void {
      if (sameConfiguration(expected, actual)) return;
      context.violate(
        `${process.id} goes by configuration ${describeConfiguration(actual)}, but ${why} is ${describeConfiguration(expected)}`,
        { member: process.id, expected, actual },
      );
    }

    /** The configuration in force, where the log has changed from index `changed` on. */
    function expectLatest(process: Member, state: MemberState, known: Configurations, changed: Index): void {
      const { log } = state;
      const behind = state.snapshot === null ? log.prevIndex : Math.max(state.snapshot.index, log.prevIndex);
      for (let index = lastIndex(log); index >= changed && index > behind; index--) {
        const entry = entryAt(log, index)!;
        if (entry.kind !== "configuration") continue;
        expect(process, entry.configuration, inForce(state), `the latest in its log, at index ${index},`);
        return;
      }
      for (let i = known.length - 1; i >= 0; i--) {
        const { index, configuration } = known[i]!;
        if (index >= changed) continue;
        if (index > behind) expect(process, configuration, inForce(state), `the latest in its log, at index ${index},`);
        break;
      }
      const since = inForceSince(state);
      if (since > behind && entryAt(log, since)?.kind !== "configuration")
        context.violate(`${process.id} goes by a configuration of index ${since}, which its log does not hold`, {
          member: process.id,
          index: since,
          lastIndex: lastIndex(log),
        });
    }

    function expectOfSnapshot(process: Member, state: MemberState, snapshot: Snapshot<unknown>): void {
      const actual = latestUpTo(state.configurations, snapshot.index);
      if (actual === null)
        context.violate(`${process.id} has no configuration for its snapshot at index ${snapshot.index}`, {
          member: process.id,
          index: snapshot.index,
        });
      else expect(process, snapshot.configuration, actual, `that of the snapshot at index ${snapshot.index}`);
    }

    return {
      concerns: { changes: ["log", "configurations"] },
      onBoot(process) {
        const { state, durable } = process;
        if (durable.snapshot !== null) expectOfSnapshot(process, state, durable.snapshot);
        expectLatest(process, state, state.configurations, state.log.prevIndex + 1);
      },
      onStep(process, before, after, input) {
        if (after.log === before.log && after.configurations === before.configurations) return;
        const changed = firstChange(before.log, after.log);
        expectLatest(process, after, before.configurations, changed);
        const { snapshot } = after;
        if (snapshot === before.snapshot || snapshot === null) return;
        if (input.kind === "receive" && input.message.kind === "installSnapshot") {
          expectOfSnapshot(process, after, input.message.snapshot);
          return;
        }
        if (snapshot.index >= Math.min(changed, lastIndex(before.log) + 1)) return;
        const expected = latestUpTo(before.configurations, snapshot.index);
        if (expected !== null)
          expect(process, expected, snapshot.configuration, `the latest up to its snapshot at index ${snapshot.index}`);
      },
    };
  },
};

function latestUpTo(configurations: Configurations, index: Index): Configuration | null {
  for (let i = configurations.length - 1; i >= 0; i--)
    if (configurations[i]!.index <= index) return configurations[i]!.configuration;
  return null;
}
