import { expect, test } from "vitest";
import type { RangeResponse } from "../../models/store/types.ts";
import { serializableReads } from "./serializable-reads.ts";
import { putOf, rangeOf, StoreDrill } from "./testing.ts";

const read = rangeOf("a", { serializable: true });
const written = () => new StoreDrill(serializableReads).write("c1", "m1", "w1", putOf("a", "1")).run(putOf("a", "2"));
const answer = (revision: number, value: string | null): RangeResponse => {
  const kv = {
    key: "a",
    value: value ?? "",
    createRevision: 2,
    modRevision: revision,
    version: revision - 1,
    lease: 0,
  };
  return { kind: "range", revision, kvs: value === null ? [] : [kv], count: value === null ? 0 : 1, more: false };
};
const answered = (run: StoreDrill, response: RangeResponse) =>
  run.call("c2", "m2", "r1", read).answer("m2", "c2", "r1", response).violated;

test("holds for the latest content, and for any older one", () => {
  expect(answered(written(), answer(3, "2"))).toBeNull();
  expect(answered(written(), answer(2, "1"))).toBeNull();
  expect(answered(written(), answer(1, null))).toBeNull();
});

test("violated by content that was not there at the revision of the answer", () => {
  expect(answered(written(), answer(3, "1"))).toMatch(/^c2's serializable read of a is answered by m2 otherwise/);
});

test("violated by a revision that nobody has come to", () => {
  expect(answered(written(), answer(4, "2"))).toBe(
    "c2's serializable read of a is answered by m2 at revision 4, but the members have got to 3 only",
  );
});

test("violated by a refusal as compacted of what is not", () => {
  const run = written().run({ kind: "compact", revision: 2 });
  const refuse = (id: string, revision: number) =>
    run
      .call("c1", "m1", id, rangeOf("a", { serializable: true, revision }))
      .answer("m1", "c1", id, { kind: "error", code: "compacted", leaderHint: null });
  expect(refuse("r1", 1).violated).toBeNull();
  expect(refuse("r2", 2).violated).toMatch(/is refused by m1 as compacted, but only what is before revision 2 is$/);
});
