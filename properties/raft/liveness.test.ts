import { describe, expect, test } from "vitest";
import { leaderIsElected } from "./leader-is-elected.ts";
import { membersConverge } from "./members-converge.ts";
import { membershipChangeCompletes } from "./membership-change-completes.ts";
import { proposalsSettle } from "./proposals-settle.ts";
import type { RaftProperty } from "./raft-property.ts";
import { configurationOf, Drill, leaderOf, logOf } from "./testing.ts";

const ids = ["m1", "m2", "m3"];
const steady = (property: RaftProperty) =>
  new Drill(property, ids).lead("m1", 4).follow("m2", "m1", 4).follow("m3", "m1", 4);

describe("leader-is-elected", () => {
  test("holds when all that are up follow one leader", () => {
    expect(steady(leaderIsElected).crash("m3").pending).toBeNull();
  });

  test("pending without a leader", () => {
    expect(new Drill(leaderIsElected, ["m1", "m2"]).crash("m2").pending).toBe(
      "no member leads: m1 follower in term 0, m2 down",
    );
  });

  test("pending while a member is elsewhere", () => {
    expect(steady(leaderIsElected).follow("m2", "m1", 3).pending).toBe("m2 is in term 3, but m1 leads term 4");
    expect(steady(leaderIsElected).follow("m2", null, 4).pending).toBe(
      "m2 does not follow m1, leader of term 4: it is a follower and knows no leader",
    );
    expect(steady(leaderIsElected).lead("m2", 2).pending).toBe("m2 still leads term 2, m1 term 4");
  });

  test("holds whatever a process does that is no member", () => {
    const run = new Drill(leaderIsElected, ids, configurationOf(["m1", "m2"])).lead("m1", 4).follow("m2", "m1", 4);
    expect(run.step("m3", { role: "candidate", currentTerm: 9 }).pending).toBeNull();
  });
});

describe("members-converge", () => {
  const log = logOf(4, 4);
  const all = { log, commitIndex: 2, lastApplied: 2 };

  test("holds when all have applied all", () => {
    expect(steady(membersConverge).step("m1", all).step("m2", all).step("m3", all).pending).toBeNull();
  });

  test("pending while one lags", () => {
    const run = steady(membersConverge).step("m1", all).step("m2", all).step("m3", { log, lastApplied: 1 });
    expect(run.pending).toBe("m3 has applied index 1 of 2, m1 leads and has committed index 2");
  });

  test("gives what is new the grace time, and no more", () => {
    const run = steady(membersConverge).step("m1", all).step("m2", all).step("m3", all);
    expect(run.pending).toBeNull();
    run.step("m1", { log: logOf(4, 4, 4) });
    expect(run.pending).toBeNull();
    expect(run.pending).toBeNull();
    run.now = 400_001;
    expect(run.pending).toMatch(/has applied index 2 of 3/);
  });
});

describe("proposals-settle", () => {
  const probed = () => steady(proposalsSettle).propose("m1", "probe0", "p").committed("m1", "probe0", 1, 4);

  test("pending until a probe is committed", () => {
    expect(steady(proposalsSettle).pending).toBe("no proposal made after the heal is committed yet");
    expect(probed().pending).toBeNull();
  });

  test("pending while a proposal waits longer than the grace time", () => {
    const run = probed().propose("m2", "op1", "x");
    expect(run.pending).toBeNull();
    run.now = 400_001;
    expect(run.pending).toBe("m2 has not answered op1");
    expect(run.reply("m2", "op1", { kind: "notLeader", leaderHint: "m1" }).pending).toBeNull();
  });

  test("holds when the proposal died with its member, or cannot be told yet", () => {
    const run = probed().propose("m2", "op1", "x").propose("m3", "op2", "x");
    run.step("m3", { pendingProposals: [{ id: "op2", index: 9, term: 3 }] });
    run.now = 400_001;
    expect(run.crash("m2").boot("m2").pending).toBeNull();
    run.step("m3", { lastApplied: 9 });
    expect(run.pending).toBe("m3 has not answered op2");
  });
});

describe("membership-change-completes", () => {
  const joint = configurationOf(["m1", "m2"], ids);
  const configurations = [{ index: 2, configuration: joint }];
  const run = () => steady(membershipChangeCompletes).step("m1", { configurations, leader: leaderOf() });

  test("holds when all go by the leader's configuration", () => {
    expect(steady(membershipChangeCompletes).pending).toBeNull();
  });

  test("pending while it is not committed, joint, or not known to all", () => {
    expect(run().pending).toBe("configuration (m1 m2)&&(m1 m2 m3) of index 2 is not committed");
    expect(run().step("m1", { commitIndex: 2 }).pending).toBe(
      "configuration (m1 m2)&&(m1 m2 m3) of index 2 is still joint",
    );
    const left = [{ index: 3, configuration: configurationOf(["m1", "m2"]) }];
    expect(run().step("m1", { commitIndex: 3, configurations: left }).pending).toBe(
      "m2 goes by configuration (m1 m2 m3), the leader by configuration (m1 m2) of index 3",
    );
  });
});
