import { describe, expect, test } from "vitest";
import { ChoiceError, ChosenAgenda, ExhaustiveChooser, pctChooser, randomChooser, replayChooser } from "./chooser.ts";

interface Item {
  readonly lane: number;
  readonly name: string;
}

/** Three lanes of two things each, all due at once. */
function filled(chooser: Parameters<typeof agendaOf>[0]): ChosenAgenda<Item> {
  const agenda = agendaOf(chooser);
  for (const number of [1, 2]) for (const lane of [0, 1, 2]) agenda.push(number, { lane, name: `${lane}${number}` });
  return agenda;
}

function agendaOf(chooser: { choose(lanes: readonly number[]): number }): ChosenAgenda<Item> {
  return new ChosenAgenda<Item>(chooser, Number.POSITIVE_INFINITY);
}

function drain(agenda: ChosenAgenda<Item>): string {
  const names: string[] = [];
  for (let item = agenda.take(Infinity); item !== null; item = agenda.take(Infinity)) names.push(item.name);
  return names.join(" ");
}

describe("ChosenAgenda", () => {
  test("keeps the order within a lane, whoever chooses", () => {
    for (const chooser of [randomChooser(7), pctChooser(7, 3, 6)]) {
      const order = drain(filled(chooser));
      for (const lane of [0, 1, 2]) expect(order.indexOf(`${lane}1`)).toBeLessThan(order.indexOf(`${lane}2`));
    }
  });

  test("replays what was chosen", () => {
    const first = filled(randomChooser(3));
    const order = drain(first);
    expect(drain(filled(replayChooser(first.choices)))).toBe(order);
  });

  test("refuses to replay a choice that is not open, and says which are", () => {
    expect(() => drain(filled(replayChooser([0, 0, 0])))).toThrow(ChoiceError);
    expect(() => drain(filled(replayChooser([0, 0, 0])))).toThrow(
      "choice 3: lane 0 was recorded, but only 1, 2 are open",
    );
  });

  test("offers nothing later than its window", () => {
    const agenda = new ChosenAgenda<Item>({ choose: (lanes) => lanes.length - 1 }, 5);
    agenda.push(0, { lane: 0, name: "now" });
    agenda.push(5, { lane: 1, name: "soon" });
    agenda.push(6, { lane: 2, name: "later" });
    expect(drain(agenda)).toBe("soon now later");
  });

  test("goes by time once told to", () => {
    const agenda = filled({ choose: (lanes) => lanes.length - 1 });
    agenda.take(Infinity);
    agenda.chooseByTime();
    expect(drain(agenda)).toBe("01 11 02 12 22");
  });

  test("takes back what was removed", () => {
    const agenda = agendaOf(randomChooser(1));
    const item = { lane: 0, name: "gone" };
    agenda.push(1, item);
    agenda.remove(item);
    expect([agenda.size, agenda.take(Infinity)]).toEqual([0, null]);
  });
});

describe("ExhaustiveChooser", () => {
  test("goes through every order once: 6!/(2! 2! 2!) of them", () => {
    const chooser = new ExhaustiveChooser(100);
    const orders: string[] = [];
    do orders.push(drain(filled(chooser)));
    while (chooser.next());
    expect(orders.length).toBe(90);
    expect(new Set(orders).size).toBe(90);
    expect(chooser.truncated).toBe(0);
  });

  test("says so when a bound cut it off", () => {
    const chooser = new ExhaustiveChooser(2);
    const orders: string[] = [];
    do orders.push(drain(filled(chooser)));
    while (chooser.next());
    expect(orders.length).toBe(9);
    expect(chooser.truncated).toBe(9);
  });
});

describe("pctChooser", () => {
  test("sticks to one lane between its change points", () => {
    expect(drain(filled(pctChooser(1, 1, 6)))).toMatch(/^(?<a>.)1 \k<a>2 (?<b>.)1 \k<b>2 (?<c>.)1 \k<c>2$/);
  });
});
