import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { TimedAgenda } from "./agenda.ts";

interface Item {
  readonly lane: number;
  readonly number: number;
}

/** What an agenda must do, written the naive way: a list that is sorted at each take. */
class NaiveAgenda {
  #items: { due: number; order: number; item: Item }[] = [];
  #pushed = 0;

  push(due: number, item: Item): void {
    this.#items.push({ due, order: this.#pushed++, item });
  }

  take(horizon: number): Item | null {
    this.#items.sort((a, b) => a.due - b.due || a.order - b.order);
    return (this.#items[0]?.due ?? Number.POSITIVE_INFINITY) <= horizon ? this.#items.shift()!.item : null;
  }
}

describe("TimedAgenda", () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), after: fc.nat({ max: 5 }) }),
    fc.record({ kind: fc.constant("take" as const), horizon: fc.nat({ max: 40 }) }),
  );

  test.prop([fc.array(action, { maxLength: 600, size: "max" })], { seed: 1, numRuns: 200 })(
    "takes what is due first, then what was pushed first, as a sorted list does",
    (actions) => {
      const agenda = new TimedAgenda<Item>();
      const naive = new NaiveAgenda();
      let number = 0;
      for (const action of actions) {
        if (action.kind === "push") {
          const item = { lane: 0, number: number++ };
          naive.push(agenda.now + action.after, item);
          agenda.push(agenda.now + action.after, item);
        } else expect(agenda.take(action.horizon)).toBe(naive.take(action.horizon));
      }
      for (let left = agenda.size; left > 0; left--) expect(agenda.take(Infinity)).toBe(naive.take(Infinity));
    },
  );

  test("moves time to what it takes, and never back", () => {
    const agenda = new TimedAgenda<Item>();
    agenda.push(10, { lane: 0, number: 0 });
    expect(agenda.take(9)).toBeNull();
    agenda.advance(20);
    expect(agenda.take(20)).toMatchObject({ number: 0 });
    expect([agenda.now, agenda.takenDue]).toEqual([20, 10]);
  });
});
