import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changeProblem,
  changeSimple,
  configurationsFrom,
  configurationsUpTo,
  enterJoint,
  leaveJoint,
  memberIds,
} from "./configuration.ts";
import { type Configuration, type MembershipChange, majority, simpleConfiguration } from "./index.ts";

const IDS = ["a", "b", "c", "d", "e", "f"];
const KINDS = ["addVoter", "addLearner", "promoteLearner", "demoteVoter", "removeMember"] as const;

const simple: fc.Arbitrary<Configuration> = fc
  .tuple(fc.subarray(IDS, { minLength: 1 }), fc.subarray(IDS))
  .map(([voters, others]) =>
    simpleConfiguration(
      voters,
      others.filter((id) => !voters.includes(id)),
    ),
  );
const change: fc.Arbitrary<MembershipChange> = fc.record({
  kind: fc.constantFrom(...KINDS),
  member: fc.constantFrom(...IDS),
});

function majorities(voters: readonly string[]): readonly (readonly string[])[] {
  const sets = Array.from({ length: 1 << voters.length }, (_, bits) => voters.filter((_voter, i) => bits & (1 << i)));
  return sets.filter((set) => set.length >= majority(voters.length));
}

function quorums({ voters, votersOutgoing }: Configuration): readonly (readonly string[])[] {
  if (votersOutgoing.length === 0) return majorities(voters);
  return majorities(voters).flatMap((set) => majorities(votersOutgoing).map((other) => [...set, ...other]));
}

function intersect(left: Configuration, right: Configuration): boolean {
  const others = quorums(right);
  return quorums(left).every((set) => others.every((other) => set.some((id) => other.includes(id))));
}

describe("configurations (S9: quorums of consecutive configurations intersect)", () => {
  it("thesis 4.1: after a single change any majority of the old meets any of the new", () => {
    fc.assert(
      fc.property(simple, change, (before, made) => {
        fc.pre(changeProblem(before, [made]) === null);
        expect(intersect(before, changeSimple(before, made))).toBe(true);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it("Raft 6: through joint consensus any change goes in steps whose quorums meet", () => {
    fc.assert(
      fc.property(simple, fc.array(change, { minLength: 1, maxLength: 4 }), (before, changes) => {
        fc.pre(changeProblem(before, changes) === null);
        const joint = enterJoint(before, changes);
        const after = leaveJoint(joint);
        expect(intersect(before, joint)).toBe(true);
        expect(intersect(joint, after)).toBe(true);
        expect(joint.votersOutgoing).toEqual(before.voters);
        // Nobody is voter and learner at once, in either half.
        expect(joint.learners.filter((id) => joint.voters.includes(id) || before.voters.includes(id))).toEqual([]);
        expect([...after.voters, ...after.learners].sort()).toEqual([...memberIds(after)].sort());
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it("refuses what makes no sense, and says why", () => {
    const given = simpleConfiguration(["a", "b"], ["c"]);
    const problem = (kind: MembershipChange["kind"], member: string) => changeProblem(given, [{ kind, member }]);
    expect(problem("addVoter", "a")).toBe("a is a member");
    expect(problem("addVoter", "c")).toBe("c is a member");
    expect(problem("addLearner", "a")).toBe("a is a member");
    expect(problem("promoteLearner", "a")).toBe("a is not a learner");
    expect(problem("demoteVoter", "c")).toBe("c is not a voter");
    expect(problem("removeMember", "d")).toBe("d is not a member");
    expect(changeProblem(given, [])).toBe("no change");
    expect(changeProblem(simpleConfiguration(["a"]), [{ kind: "removeMember", member: "a" }])).toBe(
      "no voter would be left",
    );
    const twice: MembershipChange[] = [
      { kind: "removeMember", member: "a" },
      { kind: "addLearner", member: "a" },
    ];
    expect(changeProblem(given, twice)).toBe("two changes of a");
    expect(problem("promoteLearner", "c")).toBe(null);
  });

  it("falls back when the log is cut, and forgets what a snapshot covers", () => {
    const configuration = simpleConfiguration(["a"]);
    const list = [0, 3, 7].map((index) => ({ index, configuration }));
    expect(configurationsUpTo(list, 7)).toBe(list);
    expect(configurationsUpTo(list, 6)).toEqual(list.slice(0, 2));
    expect(configurationsUpTo(list, 0)).toEqual(list.slice(0, 1));
    expect(configurationsFrom(list, 2)).toBe(list);
    expect(configurationsFrom(list, 3)).toEqual(list.slice(1));
    expect(configurationsFrom(list, 9)).toEqual(list.slice(2));
  });
});
