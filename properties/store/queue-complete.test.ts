import { expect, test } from "vitest";
import { queueComplete } from "./queue-complete.ts";
import { putOf, StoreDrill } from "./testing.ts";

const enqueue = (value: string) => ({ kind: "enqueue" as const, session: 0, queue: "q", value });
const dequeue = { kind: "dequeue" as const, session: 0, queue: "q" };
const put = (value: string) =>
  new StoreDrill(queueComplete).ask("c1", "e", enqueue(value)).done("c1", "e").lead("m1", 1);

test("holds when values come out once, are left in, or may have come out", () => {
  expect(put("x").ask("c2", "d", dequeue).done("c2", "d", "x").atEnd().violated).toBeNull();
  expect(put("x").run(putOf("q/1", "x")).atEnd().violated).toBeNull();
  expect(put("x").ask("c2", "d", dequeue).done("c2", "d", "x", "unknown").atEnd().violated).toBeNull();
  expect(put("x").ask("c2", "d", dequeue).crash("c2").atEnd().violated).toBeNull();
});

test("violated by a value that comes out twice, or that nobody put in", () => {
  const run = put("x").ask("c2", "d", dequeue).done("c2", "d", "x").ask("c2", "f", dequeue).done("c2", "f", "x");
  expect(run.violated).toBe("queue q, dequeue by c2 (f): x comes out 2 times, put in 1");
  const stranger = put("x").ask("c2", "d", dequeue).done("c2", "d", "z");
  expect(stranger.violated).toBe("queue q, dequeue by c2 (d): z comes out, which nobody has put in");
});

test("violated by a value that is lost", () => {
  expect(put("x").atEnd().violated).toBe("queue q, at the end at m1: x is lost: acknowledged 1 times, came out 0");
});

test("violated by a value that came out and is still in", () => {
  const run = put("x").run(putOf("q/1", "x")).ask("c2", "d", dequeue).done("c2", "d", "x");
  expect(run.atEnd().violated).toBe("queue q, at the end at m1: x is in it 1 times and came out 1 times, put in 1");
});
