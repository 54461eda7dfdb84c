import type { Configuration } from "../../models/raft/types.ts";
import { describeConfiguration } from "./log.ts";
import { disjointQuorum } from "./quorum.ts";
import type { Member, MemberState, RaftProperty } from "./raft-property.ts";

/** Any quorum of a configuration has a member in common with any quorum of the one that follows it in the same log. */
export const quorumsIntersect: RaftProperty = {
  id: "raft/quorums-intersect",
  kind: "always",
  source:
    'Raft thesis 4.1: "any majority of the old cluster overlaps with any majority of the new cluster"; Raft 6: with joint consensus, "it is not possible for C_old and C_new to both make unilateral decisions"',
  monitor(context) {
    /** Configurations found to be safe after the one before them. Entries are shared, so most are seen only once. */
    const safeAfter = new WeakMap<Configuration, Configuration>();

    function compare(process: Member, { configurations }: MemberState): void {
      for (let i = 1; i < configurations.length; i++) {
        const { configuration: first } = configurations[i - 1]!;
        const { configuration: second, index } = configurations[i]!;
        if (safeAfter.get(second) === first) continue;
        safeAfter.set(second, first);
        // A member that joins does not know the configuration before the first that it is sent.
        if (first.voters.length === 0) continue;
        const members = disjointQuorum(first, second);
        if (members === null) continue;
        context.violate(
          `at ${process.id}, configuration ${describeConfiguration(second)} of index ${index} follows ${describeConfiguration(first)}, of which ${members.join(", ")} can decide without it`,
          { member: process.id, index, first, second, quorum: members },
        );
      }
    }

    return {
      concerns: { changes: ["configurations"] },
      onBoot(process) {
        compare(process, process.state);
      },
      onStep(process, before, after) {
        if (after.configurations !== before.configurations) compare(process, after);
      },
    };
  },
};
