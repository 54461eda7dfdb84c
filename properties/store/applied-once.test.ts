import { expect, test } from "vitest";
import { INITIAL_STORE } from "../../models/store/state.ts";
import { appliedOnce } from "./applied-once.ts";
import { putOf, StoreDrill } from "./testing.ts";

const written = () => new StoreDrill(appliedOnce).run(putOf("a", "1"), "w1").run(putOf("a", "2"), "w2");

test("holds when a member restarts behind, and applies what it lacks", () => {
  const run = written().commitBackend("m1").run(putOf("a", "3"), "w3").crash("m1").boot("m1");
  expect(run.apply("m1", 3).violated).toBeNull();
  expect(
    run
      .crash("m1")
      .boot("m1", { raft: { application: INITIAL_STORE } })
      .apply("m1").violated,
  ).toBeNull();
});

test("violated by a restart after which a command is carried out again", () => {
  const run = written().commitBackend("m1").crash("m1").boot("m1");
  const twice = { ...run.contentAt(2), revision: 4 };
  expect(run.apply("m1", 2, { application: twice }).violated).toBe(
    "m1 now is at revision 4 with all up to index 2 applied, which makes revision 3: something was applied that is not in the log",
  );
});

test("violated by a member that starts with an index ahead of its content", () => {
  const skipped = { ...written().contentAt(1), consistentIndex: 2 };
  expect(
    written()
      .crash("m2")
      .boot("m2", { raft: { application: skipped } }).violated,
  ).toMatch(/something was left out$/);
});

test("violated by a command that is in the log twice; what is left of a lease may be", () => {
  const checkpoint = { kind: "leaseCheckpoint" as const, checkpoints: [] };
  expect(written().run(checkpoint, "l").run(checkpoint, "l").violated).toBeNull();
  expect(written().run(putOf("a", "1"), "w1").violated).toBe(
    "command w1 is in the log twice: m1 applies it at index 3, after m1 has at index 1",
  );
});
