import { describe, expect, test } from "vitest";
import { type FaultPoint, FaultPoints } from "./fault-points.ts";
import { cancelTimer, note, put, reply, send, setTimer, type ToyEffect } from "./testing.ts";

function armed(point: Partial<FaultPoint>) {
  const points = new FaultPoints();
  const fired: string[] = [];
  const fire = (process: string) => fired.push(process);
  points.arm({ process: null, effect: "send", detail: null, nth: 1, edge: "after", fire, ...point });
  return { points, fired };
}

const EFFECTS: readonly ToyEffect[] = [
  send("b", "hello"),
  put(1),
  setTimer("tick", 1),
  cancelTimer("tick"),
  reply("q", "done"),
  note("rule"),
];

describe("FaultPoints", () => {
  test("fires at the n-th effect that fits, once", () => {
    const { points, fired } = armed({ nth: 3 });
    for (const process of ["a", "b", "c", "d", "e", "f"]) points.reach(process, EFFECTS[0]!, "after");
    expect(fired).toEqual(["c"]);
    expect(points.any).toBe(false);
  });

  test.each([
    ["send", "hello"],
    ["persist", "put"],
    ["setTimer", "tick"],
    ["cancelTimer", "tick"],
    ["reply", "done"],
    ["note", "rule"],
  ] as const)("knows the detail of %s: %s", (effect, detail) => {
    const right = armed({ effect, detail });
    const wrong = armed({ effect, detail: "other" });
    for (const each of EFFECTS) {
      right.points.reach("a", each, "after");
      wrong.points.reach("a", each, "after");
    }
    expect([right.fired, wrong.fired]).toEqual([["a"], []]);
  });

  test("knows a message by what the system calls it, beside its kind", () => {
    const points = new FaultPoints((message) => `${(message as { kind: string }).kind} there`);
    const fired: string[] = [];
    for (const detail of ["hello there", "hello", "hello here"])
      points.arm({ process: null, effect: "send", detail, nth: 1, edge: "after", fire: () => fired.push(detail) });
    points.reach("a", EFFECTS[0]!, "after");
    expect(fired).toEqual(["hello there", "hello"]);
  });

  test("waits for its process and its edge", () => {
    const { points, fired } = armed({ process: "b", edge: "before" });
    points.reach("a", EFFECTS[0]!, "before");
    points.reach("b", EFFECTS[0]!, "after");
    expect(fired).toEqual([]);
    points.reach("b", EFFECTS[0]!, "before");
    expect(fired).toEqual(["b"]);
  });

  test("several wait at once, each with a count of its own, and one may arm another", () => {
    const { points, fired } = armed({ nth: 2 });
    const fire = (process: string) => {
      fired.push(`first ${process}`);
      points.arm({
        process: null,
        effect: "send",
        detail: null,
        nth: 1,
        edge: "after",
        fire: () => fired.push("armed"),
      });
    };
    points.arm({ process: null, effect: "send", detail: null, nth: 1, edge: "after", fire });
    points.reach("a", EFFECTS[0]!, "after");
    expect(fired).toEqual(["first a"]);
    points.reach("a", EFFECTS[0]!, "after");
    expect(fired).toEqual(["first a", "a", "armed"]);
  });

  test("fires no more once disarmed", () => {
    const { points, fired } = armed({});
    expect(points.any).toBe(true);
    points.disarmAll();
    points.reach("a", EFFECTS[0]!, "after");
    expect([points.any, fired]).toEqual([false, []]);
  });
});
