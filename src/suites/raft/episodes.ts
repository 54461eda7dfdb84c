import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Fault } from "../../simulator/faults.ts";
import {
  type Asking,
  type Episode,
  type EpisodeSetting,
  raftEpisodes,
  start,
  transferAway,
} from "../shared/episodes.ts";
import type { RaftOperation } from "./scenario.ts";

/** What the operations of a run are, beside proposals. */
export interface Having {
  readonly reads: boolean;
  readonly changes: boolean;
  readonly transfers: boolean;
}

/** An episode somewhere in the chaos. */
export function episode(
  setting: Omit<EpisodeSetting<RaftOperation>, "asking">,
  having: Having,
): Arbitrary<Episode<RaftOperation>> {
  const asking = askingOf(having);
  const full = { ...setting, asking };
  const kinds = raftEpisodes(full);
  if (having.changes) kinds.push(changesUnderWay(full));
  if (asking.transfer !== null) kinds.push(transferAway(full, asking.transfer));
  return fc.oneof(...kinds);
}

function askingOf({ reads, changes, transfers }: Having): Asking<RaftOperation> {
  return {
    write: (atMs, to, count) => ({ kind: "propose", atMs, to, command: "c", count }),
    read: reads ? (atMs, to, on) => ({ kind: "read", atMs, ...(on === undefined ? {} : { on }), to }) : null,
    transfer: transfers ? (atMs, target) => ({ kind: "transferLeadership", atMs, to: "leader", target }) : null,
    demote: changes
      ? (atMs, member, joint) => ({
          kind: "changeMembership",
          atMs,
          to: "leader",
          changes: [{ kind: "demoteVoter", member }],
          joint,
        })
      : null,
  };
}

/** What is done with one member: changes that follow each other. */
const PLANS = [
  ["addLearner", "promoteLearner"],
  ["promoteLearner"],
  ["demoteVoter", "promoteLearner"],
  ["removeMember"],
  ["removeMember", "addVoter"],
  ["addVoter"],
  ["addVoter", "removeMember"],
] as const;

/** Changes of the membership, one after the other, while leaders change. */
function changesUnderWay({
  electionTimeoutMs: timeout,
  chaosMs,
  members,
  asking,
}: EpisodeSetting<RaftOperation>): Arbitrary<Episode<RaftOperation>> {
  const member = fc.constantFrom(...members);
  const gap = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: timeout * 2 }));
  const plan = fc.record({
    member,
    kinds: fc.constantFrom(...PLANS),
    gaps: fc.tuple(gap, gap),
    to: fc.constantFrom("leader", "leader", "staleLeader"),
    second: fc.option(fc.record({ kind: fc.constantFrom("addVoter", "demoteVoter", "removeMember"), member }), {
      freq: 3,
    }),
    joint: fc.boolean(),
    proposals: fc.integer({ min: 0, max: 2 }),
  });
  const cut = fc.record({
    afterMs: fc.integer({ min: 0, max: timeout * 5 }),
    side: fc.oneof(
      fc.constant(["leader"]),
      fc.subarray([...members], { minLength: 1, maxLength: Math.max(1, members.length - 1) }),
    ),
    durationMs: fc.integer({ min: timeout, max: timeout * 4 }),
  });
  return fc
    .record({
      atMs: start(chaosMs, timeout),
      plans: fc.array(plan, { minLength: 1, maxLength: 4 }),
      cuts: fc.array(cut, { maxLength: 3 }),
    })
    .map(({ atMs, plans, cuts }) => {
      const workload: RaftOperation[] = [];
      let at = atMs;
      for (const { member, kinds, gaps, to, second, joint, proposals } of plans)
        kinds.forEach((kind, i) => {
          at += gaps[i]!;
          const changes = second === null || i > 0 ? [{ kind, member }] : [{ kind, member }, second];
          workload.push({ kind: "changeMembership", atMs: at, to, changes, joint });
          if (proposals > 0) workload.push(asking.write(at + 1, "leader", proposals));
        });
      const faults = cuts.map(({ afterMs, side, durationMs }): Fault => {
        return { kind: "partition", atMs: atMs + afterMs, side, direction: "both", durationMs };
      });
      return { faults, workload };
    });
}
