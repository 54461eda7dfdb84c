import { describe, expect, test } from "vitest";
import {
  creationObserved,
  deletionObserved,
  expectationsOf,
  expectCreations,
  forgetExpectations,
  lowerCreations,
  NO_EXPECTATIONS,
  raiseExpectations,
  setExpectations,
} from "./expectations.ts";
import {
  EMPTY_QUEUE,
  queueAdd,
  queueAddAfter,
  queueAddRateLimited,
  queueDone,
  queueFailures,
  queueForget,
  queueLength,
  queueNextDue,
  queueTake,
  queueWake,
  type WorkQueue,
} from "./workqueue.ts";

const added = (...keys: string[]): WorkQueue => keys.reduce(queueAdd, EMPTY_QUEUE);

/** All that can be taken, in its order. */
function drained(queue: WorkQueue): readonly string[] {
  const taken = queueTake(queue);
  return taken === null ? [] : [taken[1], ...drained(taken[0])];
}

describe("a work queue", () => {
  test("keeps the order, and a key once", () => {
    expect(drained(added("b", "a", "b", "c"))).toEqual(["b", "a", "c"]);
    const queue = added("a");
    expect(queueAdd(queue, "a")).toBe(queue);
  });

  test("a key that comes while it is worked on comes again when that is done", () => {
    const [working] = queueTake(added("a"))!;
    const again = queueAdd(queueAdd(working, "a"), "a");
    expect(queueLength(again)).toBe(0);
    expect(drained(queueDone(again, "a"))).toEqual(["a"]);
    expect(queueDone(working, "a")).toEqual({ ...working, processing: EMPTY_QUEUE.processing });
  });

  test("a key comes after a time, or the shorter one", () => {
    let queue = queueAddAfter(EMPTY_QUEUE, "a", 100, 50);
    queue = queueAddAfter(queue, "b", 100, 20);
    queue = queueAddAfter(queue, "a", 100, 70);
    expect(queueNextDue(queue)).toBe(120);
    queue = queueAddAfter(queue, "a", 100, 10);
    expect(queueNextDue(queue)).toBe(110);
    expect(queueWake(queue, 109)).toBe(queue);
    queue = queueWake(queue, 130);
    expect(drained(queue)).toEqual(["a", "b"]);
    expect(queueNextDue(queue)).toBeNull();
    expect(drained(queueAddAfter(EMPTY_QUEUE, "now", 100, 0))).toEqual(["now"]);
  });

  test("failures of a key wait for 5 ms, doubled up to 1000 s, until it is forgotten", () => {
    let queue = EMPTY_QUEUE;
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      queue = queueAddRateLimited(queue, "a", 0);
      waits.push(queueNextDue(queue)! / 1000);
      queue = queueDone(queueTake(queueWake(queue, 1e12))![0], "a");
    }
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.slice(-2)).toEqual([1_000_000, 1_000_000]);
    expect(queueFailures(queue, "a")).toBe(20);
    expect(queueNextDue(queueAddRateLimited(queueForget(queue, "a"), "a", 0))).toBe(5000);
    expect(queueForget(EMPTY_QUEUE, "a")).toBe(EMPTY_QUEUE);
  });
});

describe("expectations", () => {
  const key = "a/rs";
  const of = (expectations: typeof NO_EXPECTATIONS, now = 0) => expectationsOf(expectations, key, now);

  test("creations are met when as many were seen or have failed", () => {
    let expectations = expectCreations(NO_EXPECTATIONS, key, 3, 0);
    expect([of(NO_EXPECTATIONS), of(expectations)]).toEqual(["met", "unmet"]);
    expectations = lowerCreations(creationObserved(expectations, key), key, 1);
    expect(of(expectations)).toBe("unmet");
    expect(of(creationObserved(expectations, key))).toBe("met");
    expect(of(forgetExpectations(expectations, key))).toBe("met");
  });

  test("a deletion counts once, and only of an object that is expected to go", () => {
    let expectations = setExpectations(NO_EXPECTATIONS, key, 0, ["p", "q"], 0);
    expectations = deletionObserved(deletionObserved(expectations, key, "p"), key, "p");
    expectations = deletionObserved(expectations, key, "other");
    expect(of(expectations)).toBe("unmet");
    expect(of(deletionObserved(expectations, key, "q"))).toBe("met");
    expect(of(deletionObserved(raiseExpectations(expectations, key, 1, ["r"]), key, "q"))).toBe("unmet");
  });

  test("after 5 minutes they count no more", () => {
    const expectations = expectCreations(NO_EXPECTATIONS, key, 1, 7);
    expect([of(expectations, 300_000_007), of(expectations, 300_000_008)]).toEqual(["unmet", "expired"]);
  });
});
