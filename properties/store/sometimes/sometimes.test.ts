import { expect, test } from "vitest";
import { note as clientNote } from "../../../models/client/notes.ts";
import type { Note } from "../../../models/kernel/index.ts";
import { note as raftNote } from "../../../models/raft/notes.ts";
import { note as storeNote } from "../../../models/store/notes.ts";
import type { RangeResponse } from "../../../models/store/types.ts";
import { putOf, rangeOf, StoreDrill } from "../testing.ts";
import { storeSituations } from "./index.ts";

const put = putOf("a", "1");
const nothing = (revision: number): RangeResponse => ({ kind: "range", revision, kvs: [], count: 0, more: false });
const called = (drill: StoreDrill) => drill.call("c1", "m1", "w1", put);
const reading = (drill: StoreDrill) => drill.call("c1", "m1", "r1", rangeOf("a"));
const answered = (drill: StoreDrill) => drill.answer("m1", "c1", "r1", nothing(1));
const refused = (drill: StoreDrill) => called(drill).refuse("m1", "c1", "w1", "notLeader");
const swap = (drill: StoreDrill, id: string, operand: number) => {
  const compare = [{ key: "a", target: "mod", result: "equal", operand }] as const;
  return drill.write("c1", "m1", id, { kind: "txn", compare, success: [put], failure: [] });
};
const readAt = (drill: StoreDrill, revision: number) => {
  const success = [put, rangeOf("a", { revision })];
  return drill.write("c1", "m1", "t1", { kind: "txn", compare: [], success, failure: [] });
};
const asked = (drill: StoreDrill, kind: "client" | "member") => {
  const read = { id: "x", asker: { kind, process: "c1" }, request: rangeOf("a"), deadline: 0 };
  return drill.step("m1", { server: { reads: { asked: { id: "r", at: 0, reads: [read] }, waiting: [] } } });
};
const old = (drill: StoreDrill) => drill.call("c2", "m2", "r1", rangeOf("a", { serializable: true }));
const note = ({ name }: Note) => [(drill: StoreDrill) => drill, (drill: StoreDrill) => drill.note("m1", name)] as const;

/** By situation: what almost leads there, and what does. */
const WAYS: Readonly<
  Record<string, readonly [not: (drill: StoreDrill) => unknown, reached: (drill: StoreDrill) => unknown]>
> = {
  "backend-ahead-of-snapshot": note(storeNote.backendAheadOfSnapshot),
  "read-by-lease-served": note(raftNote.readLeaseServed),
  "read-of-compacted": note(storeNote.readCompacted),
  "forward-came-twice": note(storeNote.forwardDuplicate),
  "read-waits-for-next-batch": note(storeNote.readBatchJoined),
  "cas-conflict": note(clientNote.casConflict),
  "transfer-not-enough": note(clientNote.transferNotEnough),
  "set-element-found": note(clientNote.setAddFound),
  "queue-found-empty": note(clientNote.queueEmpty),
  "leader-proclaimed": note(clientNote.lockProclaimed),
  "unknown-outcome-happened": [
    (drill) => called(drill).giveUp("c1").run(put, "other"),
    (drill) => called(drill).giveUp("c1").run(put, "w1"),
  ],
  "unknown-outcome-never-happened": [
    (drill) => called(drill).giveUp("c1").run(put, "w1").atEnd(),
    (drill) => called(drill).giveUp("c1").atEnd(),
  ],
  "call-retried-elsewhere": [
    (drill) => refused(drill).write("c1", "m1", "w2", put),
    (drill) => refused(drill).write("c1", "m2", "w2", put),
  ],
  "read-served-by-follower": [(drill) => answered(reading(drill.lead("m1", 1))), (drill) => answered(reading(drill))],
  "stale-leader-asked": [
    (drill) => called(drill.lead("m1", 2).lead("m2", 1)),
    (drill) => called(drill.lead("m1", 1).lead("m2", 2)),
  ],
  "two-leaders-while-read": [
    (drill) => answered(reading(drill.lead("m1", 1))),
    (drill) => answered(reading(drill.lead("m1", 1).lead("m2", 2))),
  ],
  "crashed-with-unsynced-writes": [
    (drill) => drill.run(put).crash("m1"),
    (drill) => {
      const member = drill.run(put).member("m1");
      member.state = { ...member.state, raft: { ...member.state.raft, currentTerm: 9 } };
      drill.crash("m1");
    },
  ],
  "leader-crashed-before-answer": [
    (drill) => drill.write("c1", "m1", "w1", put).crash("m1"),
    (drill) => called(drill).run(put, "w1").crash("m1"),
  ],
  "state-installed-with-clients": [
    (drill) => drill.note("m1", "store/state-installed"),
    (drill) => asked(drill, "client").note("m1", "store/state-installed"),
  ],
  "compacted-while-read": [
    (drill) => answered(reading(drill)).run({ kind: "compact", revision: 1 }),
    (drill) => reading(drill).run({ kind: "compact", revision: 1 }),
  ],
  "transaction-refused-as-compacted": [
    (drill) => readAt(drill.run(put).run(put).run({ kind: "compact", revision: 3 }), 3),
    (drill) => readAt(drill.run(put).run(put).run({ kind: "compact", revision: 3 }), 2),
  ],
  "new-leader-asked": [
    (drill) => asked(drill, "member").note("m1", raftNote.readWaitsForCommit.name),
    (drill) => asked(drill, "client").note("m1", raftNote.readWaitsForCommit.name),
  ],
  "both-branches-taken": [
    (drill) => swap(swap(drill, "t1", 0), "t2", 2),
    (drill) => swap(swap(drill, "t1", 0), "t2", 0),
  ],
  "serializable-read-behind": [
    (drill) => old(drill).write("c1", "m1", "w1", put).answer("m2", "c2", "r1", nothing(1)),
    (drill) => old(drill.write("c1", "m1", "w1", put)).answer("m2", "c2", "r1", nothing(1)),
  ],
};

test.each(storeSituations)("$id", (property) => {
  const ways = WAYS[property.id.replace("store/sometimes/", "")];
  expect(ways, "has a story here").toBeDefined();
  const [not, reached] = ways!;
  const almost = new StoreDrill(property);
  not(almost);
  expect(almost.reached).toBe(false);
  const drill = new StoreDrill(property);
  reached(drill);
  expect(drill.reached).toBe(true);
});
