import { describe, expect, test } from "vitest";
import { put, runToys, send, setTimer } from "./testing.ts";
import { firstDifference, renderLine, type TraceLine, TraceRecorder } from "./trace.ts";

const line: TraceLine = { event: 3, atUs: 1_500, process: "m1", text: "boot", hash: 7 };

describe("firstDifference", () => {
  test("is null for equal traces", () => {
    expect(firstDifference([line, { ...line }], [{ ...line }, line])).toBeNull();
    expect(firstDifference([], [])).toBeNull();
  });

  test.each([{ hash: 8 }, { text: "timer" }, { atUs: 1_501 }, { process: "m2" }])("sees %o", (change) => {
    const changed = { ...line, ...change };
    expect(firstDifference([line, line, line], [line, changed, line])).toEqual({ left: line, right: changed });
  });

  test("sees that one ends early", () => {
    expect(firstDifference([line], [line, line])).toEqual({ left: undefined, right: line });
    expect(firstDifference([line, line], [line])).toEqual({ left: line, right: undefined });
  });
});

describe("a trace", () => {
  test("tells what happens, event by event", () => {
    const trace = new TraceRecorder();
    runToys(
      { a: { onBoot: [send("b", "hello", 1), setTimer("t", 500)], onTimer: { t: [put(1)] } }, b: {} },
      [{ kind: "crash", atMs: 2, target: "b", downMs: 1, torn: true }],
      10,
      { trace },
    );
    expect(trace.lines.map((each) => `${each.event} ${renderLine(each)}`).join("\n")).toMatchInlineSnapshot(`
      "0        0.000 ms  a    boot
      0        0.000 ms  a      {"kind":"send","to":"b","message":{"kind":"hello","n":1}}
      0        0.000 ms  a      {"kind":"setTimer","name":"t","minUs":500,"maxUs":500}
      0        0.000 ms  b    boot
      1        0.500 ms  a    timer t
      1        0.500 ms  a      {"kind":"persist","record":{"kind":"put","values":[1]},"sync":false}
      2        1.000 ms  b    receive from a {"kind":"hello","n":1}
      3        2.000 ms       fault crash strikes b
      3        2.000 ms  b    power lost, last write torn
      4        3.000 ms       fault crash ends
      4        3.000 ms  b    boot"
    `);
    const hashes = new Map(trace.lines.map(({ event, hash }) => [event, hash]));
    expect(new Set(hashes.values()).size).toBe(hashes.size);
  });
});
