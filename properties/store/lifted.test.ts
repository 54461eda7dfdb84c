import { expect, test } from "vitest";
import type { RaftMessage } from "../../models/raft/types.ts";
import { commandOf, logOf } from "../raft/testing.ts";
import { liftedProperties } from "./lifted.ts";
import { putOf, StoreDrill } from "./testing.ts";

const drill = (name: string) => new StoreDrill(liftedProperties.find(({ id }) => id === `store/${name}`)!);
const log = logOf(1, 1);

test("they have the names of Raft's, below store", () => {
  expect(liftedProperties.map(({ id }) => id)).toEqual([
    "store/election-safety",
    "store/log-matching",
    "store/leader-completeness",
    "store/committed-entries-stay",
    "store/state-machine-safety",
    "store/durable-acknowledgements",
    "store/acknowledged-entries-stay",
  ]);
});

test("none minds what a store does that keeps Raft's rules, restarts and clients included", () => {
  for (const { id } of liftedProperties) {
    const run = drill(id.replace("store/", "")).lead("m1", 1).write("c1", "m1", "w1", putOf("a", "1"));
    run.commitBackend("m2").crash("m2").boot("m2").apply("m2", 1).crash("c1").run(putOf("a", "2")).lead("m3", 2);
    expect(run.atEnd().violated, id).toBeNull();
  }
});

test("each sees in members what it sees in Raft", () => {
  expect(drill("election-safety").lead("m1", 3).lead("m2", 3).violated).toBe("m1 and m2 both lead term 3");
  const other = logOf(1, commandOf(1, "other"));
  const matching = drill("log-matching")
    .step("m1", { raft: { log } })
    .step("m2", { raft: { log: other } });
  expect(matching.violated).toMatch(/^index 2 of term 1 is command "other"/);
  const committed = { log, commitIndex: 2 };
  const completeness = drill("leader-completeness").step("m1", { raft: { ...committed, currentTerm: 1 } });
  expect(completeness.lead("m2", 2).violated).toMatch(/^m2 leads term 2 without index 2/);
  const stay = drill("committed-entries-stay").step("m2", { raft: { log } }).step("m1", { raft: committed });
  expect(stay.step("m2", { raft: { log: logOf(1) } }).violated).toMatch(/^m2 loses index 2 of term 1/);
  const applied = drill("state-machine-safety").step("m1", { raft: { log, lastApplied: 2 } });
  expect(applied.step("m2", { raft: { log: other, lastApplied: 2 } }).violated).toMatch(/^at index 2, m2 applies/);
  const durable = drill("durable-acknowledgements").lead("m1", 1).step("m1", { raft: { log } });
  expect(durable.step("m1", { raft: { commitIndex: 2 } }).violated).toMatch(/^m1 commits index 2 .* no quorum/);
  const reply: RaftMessage<never> = {
    kind: "appendEntriesReply",
    term: 1,
    success: true,
    matchIndex: 2,
    hintIndex: 0,
    hintTerm: 0,
    round: 0,
  };
  const acknowledged = drill("acknowledged-entries-stay").step("m2", { raft: { log, currentTerm: 1 } });
  acknowledged.send("m2", "m1", reply);
  expect(acknowledged.step("m2", { raft: { log: logOf(1) } }).violated).toMatch(/after it has acknowledged index 2/);
});
