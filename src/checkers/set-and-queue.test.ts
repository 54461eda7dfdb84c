import { expect, test } from "vitest";
import { QueueChecker } from "./queue.ts";
import { SetChecker } from "./set.ts";

test("a set must have what was acknowledged before the read began, and may have what was asked for", () => {
  const set = new SetChecker();
  set.add("a");
  set.beginRead("r1");
  set.acknowledge("a");
  set.beginRead("r2");
  set.add("b");
  expect(set.endRead("r1", [])).toBeNull();
  expect(set.endRead("r2", ["a", "b"])).toBeNull();
  expect(set.end(["b"])).toBe("a is not in it, though its addition was acknowledged");
  expect(set.end(["a", "a"])).toBe("an element is in it twice");
  set.refuse("b");
  expect(set.end(["a", "b"])).toBe("b is in it, which nobody has added");
});

test("a queue gives each value out once, and keeps what it was given", () => {
  const queue = new QueueChecker();
  for (const value of ["a", "b", "c"]) queue.add(value);
  for (const value of ["a", "b"]) queue.acknowledge(value);
  expect(queue.takeOut("a")).toBeNull();
  expect(queue.end(["b"])).toBeNull();
  expect(queue.end(["b", "c"])).toBeNull();
  expect(queue.end([])).toBe("b is lost: acknowledged 1 times, came out 0");
  expect(queue.end(["a", "b"])).toBe("a is in it 1 times and came out 1 times, put in 1");
  queue.maybeTakeOut(null);
  expect(queue.end([])).toBeNull();
  queue.refuse("c");
  expect(queue.takeOut("c")).toBe("c comes out, which nobody has put in");
  expect(queue.takeOut("a")).toBe("a comes out 2 times, put in 1");
});
