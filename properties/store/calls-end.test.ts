import { expect, test } from "vitest";
import { callsEnd } from "./calls-end.ts";
import { putOf, StoreDrill } from "./testing.ts";

const call = { kind: "call" as const, session: 0, request: putOf("a", "1"), endpoint: null };
const asked = () => new StoreDrill(callsEnd).ask("c1", "old", call);

test("holds when all has ended, and something new has succeeded", () => {
  const run = asked();
  expect(run.pending).toBe("c1 has not ended old, call, asked for 0 ms ago");
  run.done("c1", "old", null, "unknown");
  expect(run.pending).toBe("nothing that a client was asked to do since the heal has succeeded yet");
  expect(run.ask("c2", "new", call).done("c2", "new").pending).toBeNull();
});

test("pending again when something new takes longer than its deadlines", () => {
  const run = asked().done("c1", "old");
  expect(run.pending).toMatch(/^nothing/);
  run.now = 1;
  run.ask("c2", "new", call).done("c2", "new").ask("c1", "late", call);
  expect(run.pending).toBeNull();
  run.now = 2_200_000;
  expect(run.pending).toBeNull();
  run.now = 2_200_002;
  expect(run.pending).toBe("c1 has not ended late, call, asked for 2200 ms ago");
});

test("asks nothing of clients that crashed, and of calls for one member alone", () => {
  expect(asked().crash("c1").pending).toMatch(/^nothing/);
  const run = asked();
  const request = { ...call, endpoint: "m1" };
  const work = {
    id: "old",
    request,
    step: "call",
    call: null,
    attempts: 1,
    failures: 0,
    code: null,
    memo: {},
    doubtful: false,
  };
  const [session, ...others] = run.client("c1").state.sessions;
  run.stepClient("c1", { sessions: [{ ...session!, work }, ...others] });
  expect(run.pending).toMatch(/^nothing/);
});
