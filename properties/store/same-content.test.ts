import { expect, test } from "vitest";
import { INITIAL_STORE } from "../../models/store/state.ts";
import { sameContent } from "./same-content.ts";
import { putOf, StoreDrill } from "./testing.ts";

const drill = () => new StoreDrill(sameContent);
/** Another content after as many commands. */
const otherwise = (value: string) => new StoreDrill(sameContent).run(putOf("a", value)).contentAt();

test("holds when members get there in different steps, restart, and remove history in their own time", () => {
  const run = drill().commit(putOf("a", "1")).apply("m1").commit({ kind: "leaseGrant", id: 7, ttlUs: 9 }).apply("m1");
  run
    .apply("m2")
    .apply("m3", 1)
    .apply("m3")
    .commit(putOf("b", "2", { lease: 7 }))
    .apply("m1")
    .apply("m2");
  run
    .crash("m1")
    .boot("m1", { raft: { application: INITIAL_STORE } })
    .apply("m1");
  run.step("m2", { raft: { application: { ...run.contentAt(), scrubbedRevision: 2 } } });
  expect(run.atEnd().violated).toBeNull();
});

test("violated by members that hold different values after the same index", () => {
  const run = drill()
    .commit(putOf("a", "1"))
    .apply("m1")
    .apply("m2", 1, { application: otherwise("x") });
  expect(run.violated).toMatch(/^after index 1, m2 does not hold what m1 held: key a is \{.*"1".*\} and \{.*"x".*\}$/);
});

test("violated by a restart that brings other content", () => {
  const run = drill()
    .run(putOf("a", "1"))
    .crash("m2")
    .boot("m2", { raft: { application: otherwise("x") } });
  expect(run.violated).toMatch(/^after index 1, m2 does not hold what m1 held/);
});

test("violated by leases or compactions that differ", () => {
  const granted = drill().run({ kind: "leaseGrant", id: 7, ttlUs: 9 });
  const without = { ...INITIAL_STORE, consistentIndex: 1 };
  expect(granted.step("m2", { raft: { application: without } }).violated).toMatch(/: lease 7 is \{.*\} and null$/);
  const compacted = { ...otherwise("1"), compactRevision: 2 };
  expect(
    drill()
      .run(putOf("a", "1"))
      .step("m2", { raft: { application: compacted } }).violated,
  ).toMatch(/compacted up to 0 and 2$/);
});
