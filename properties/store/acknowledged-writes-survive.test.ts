import { expect, test } from "vitest";
import { logOf } from "../raft/testing.ts";
import { acknowledgedWritesSurvive } from "./acknowledged-writes-survive.ts";
import { putOf, StoreDrill } from "./testing.ts";

const written = () => new StoreDrill(acknowledgedWritesSurvive).write("c1", "m1", "w1", putOf("a", "1"));

test("holds when the write is kept, overwritten or deleted", () => {
  expect(written().lead("m2", 2).atEnd().violated).toBeNull();
  expect(written().run(putOf("a", "2")).lead("m2", 2).atEnd().violated).toBeNull();
  const gone = written().run({ kind: "deleteRange", key: "a", rangeEnd: "", prevKv: false });
  expect(gone.lead("m2", 2).atEnd().violated).toBeNull();
});

test("violated by an acknowledgement of what nobody has applied", () => {
  const run = new StoreDrill(acknowledgedWritesSurvive).call("c1", "m1", "w1", putOf("a", "1"));
  expect(run.answer("m1", "c1", "w1", { kind: "put", revision: 2, prevKv: null }).violated).toBe(
    `c1's put a="1" at m1 (w1) is acknowledged, but no member has applied it`,
  );
});

test("violated by a later leader without it", () => {
  const run = written().step("m2", { raft: { log: logOf() } });
  expect(run.lead("m2", 2).violated).toBe(
    `m2 leads term 2 without index 1 of term 1: c1's put a="1" at m1 (w1), which was acknowledged`,
  );
});

test("violated by content at the end without it", () => {
  const run = written();
  const other = new StoreDrill(acknowledgedWritesSurvive).run(putOf("b", "1")).contentAt();
  expect(
    run
      .lead("m2", 2)
      .step("m2", { raft: { application: other } })
      .atEnd().violated,
  ).toBe(`c1's put a="1" at m1 (w1), acknowledged at revision 2, is lost: at the end a is not there at m2`);
});
