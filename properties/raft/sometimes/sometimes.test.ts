import { expect, test } from "vitest";
import { configurationOf, Drill, leaderOf, logOf, received } from "../testing.ts";
import { raftSituations } from "./index.ts";

const ids = ["m1", "m2", "m3"];
const old = configurationOf(ids);
const vote = { kind: "requestVote", term: 9, lastLogIndex: 0, lastLogTerm: 0, transfer: false } as const;
const timeoutNow = { kind: "timeoutNow", term: 1 } as const;
const joint = [old, configurationOf(["m1"], ids), configurationOf(["m1"])].map((configuration, index) => ({
  index,
  configuration,
}));
const candidate = (term: number) => ({ role: "candidate", currentTerm: term }) as const;
const steady = (drill: Drill) => drill.lead("m1", 4).follow("m2", "m1", 4).follow("m3", "m1", 4);
const late = (drill: Drill, matchIndex: number) =>
  drill
    .step("m1", { log: logOf(2, 2, 4) })
    .lead("m1", 4)
    .step("m1", { leader: leaderOf({ m2: matchIndex, m3: 0 }) });
const committing = (drill: Drill) =>
  drill
    .lead("m1", 1, { log: logOf(1), pendingProposals: [{ id: "a", index: 1, term: 1 }] })
    .step("m1", { commitIndex: 1, pendingProposals: [] });

/** By situation: what almost leads there, and what does. */
const WAYS: Readonly<Record<string, readonly [not: (drill: Drill) => void, reached: (drill: Drill) => void]>> = {
  "vote-split": [
    (drill) => drill.step("m1", candidate(2)).step("m1", candidate(3)),
    (drill) => drill.step("m1", candidate(2)).step("m2", candidate(2)).step("m1", candidate(3)),
  ],
  "two-leaders-at-once": [
    (drill) => drill.lead("m1", 1).follow("m1", null, 2).lead("m2", 2),
    (drill) => drill.lead("m1", 1).lead("m2", 2),
  ],
  "leader-deposed-with-entries-in-flight": [
    (drill) => drill.lead("m1", 1, { log: logOf(1), commitIndex: 1 }).follow("m1", null, 2),
    (drill) => drill.lead("m1", 1, { log: logOf(1) }).follow("m1", null, 2),
  ],
  "leader-deposed-by-rejoining-member": [
    (drill) =>
      steady(drill)
        .step("m2", candidate(9))
        .step("m1", { ...candidate(9), role: "follower" }, received("m3", vote)),
    (drill) =>
      steady(drill)
        .step("m3", candidate(9))
        .step("m1", { ...candidate(9), role: "follower" }, received("m3", vote)),
  ],
  "leadership-transferred": [
    (drill) => drill.step("m1", candidate(2)).lead("m1", 2),
    (drill) => drill.step("m1", candidate(2), received("m2", timeoutNow)).lead("m1", 2),
  ],
  "entry-of-old-term-committed-indirectly": [
    (drill) => drill.lead("m1", 4, { log: logOf(4, 4) }).step("m1", { commitIndex: 2 }),
    (drill) => drill.lead("m1", 4, { log: logOf(2, 4) }).step("m1", { commitIndex: 2 }),
  ],
  "figure-8-situation": [(drill) => late(drill, 0), (drill) => late(drill, 2)],
  "proposal-superseded": [
    (drill) => drill.reply("m1", "a", { kind: "unknown", index: 1, term: 1 }),
    (drill) => drill.reply("m1", "a", { kind: "superseded", index: 1, term: 1 }),
  ],
  "joint-configuration-entered-and-left": [
    (drill) => drill.lead("m1", 1).step("m1", { configurations: joint.slice(0, 2) }),
    (drill) => drill.lead("m1", 1).step("m1", { configurations: joint }),
  ],
  "crashed-with-unsynced-writes": [
    (drill) => drill.step("m1", { log: logOf(1), currentTerm: 1 }).crash("m1"),
    (drill) => drill.stepUnwritten("m1", { log: logOf(1) }).crash("m1"),
  ],
  "append-torn": [
    (drill) => drill.stepUnwritten("m1", { log: logOf(1, 1) }).crash("m1"),
    (drill) =>
      drill
        .stepUnwritten("m1", { log: logOf(1, 1) })
        .writeLog("m1", logOf(1))
        .crash("m1"),
  ],
  "committed-and-unacknowledged": [
    (drill) => committing(drill).reply("m1", "a", { kind: "committed", index: 1, term: 1, result: "" }).crash("m1"),
    (drill) => committing(drill).crash("m1"),
  ],
  "member-restarted-with-log": [
    (drill) => drill.crash("m1").boot("m1"),
    (drill) =>
      drill
        .step("m1", { log: logOf(1) })
        .crash("m1")
        .boot("m1"),
  ],
  "read-forwarded-served": [
    (drill) => drill.lead("m1", 1).reply("m1", "a", { kind: "read", readIndex: 1, appliedIndex: 1, result: "" }),
    (drill) => drill.reply("m1", "a", { kind: "read", readIndex: 1, appliedIndex: 1, result: "" }),
  ],
  "leader-elected": [(drill) => drill.note("m1", "election/started"), (drill) => drill.note("m1", "election/won")],
  "snapshot-installed": [
    (drill) => drill.note("m1", "snapshot/taken"),
    (drill) => drill.note("m1", "snapshot/installed"),
  ],
};

for (const [name, [not, reached]] of Object.entries(WAYS))
  test(`${name} is reached, and is not where it only nearly is`, () => {
    const property = raftSituations.find(({ id }) => id === `raft/sometimes/${name}`)!;
    const near = new Drill(property, ids);
    not(near);
    expect(near.reached).toBe(false);
    const there = new Drill(property, ids);
    reached(there);
    expect(there.reached).toBe(true);
  });
