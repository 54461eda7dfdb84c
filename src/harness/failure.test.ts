import { describe, expect, test } from "vitest";
import { TraceRecorder } from "../simulator/trace.ts";
import { EVENT_HASHES_MAX, eventHashes, FAILURE_FORMAT, FailureSchema, firstChangedEvent } from "./failure.ts";
import { runScenario } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { check, renderPath } from "./schema.ts";
import { puts, type ToyOperation, toyScenario, toySuite } from "./testing.ts";

const suite = toySuite([]);
const scenario = toyScenario({
  workload: puts(1, 2, 3, 4, 5),
  faults: [{ kind: "kill", atMs: 500, target: "t2", downMs: 100 }],
});

function linesOf(run: Scenario) {
  const trace = new TraceRecorder();
  runScenario(suite, run, { trace });
  return trace.lines;
}

/** The first event of a run that differs from those recorded of the scenario, as a text. */
function firstChanged(run: Scenario): string | null {
  const line = firstChangedEvent(eventHashes(suite, scenario), linesOf(run));
  return line === null ? null : `${line.atUs / 1000} ${line.process} ${line.text.trim()}`;
}

function withWorkload(change: (operation: ToyOperation, i: number) => ToyOperation): Scenario {
  return { ...scenario, workload: scenario.workload.map(change) };
}

describe("the hashes of a run's events", () => {
  test("are 8 digits for each event, and the same each time", () => {
    const { events } = runScenario(suite, scenario);
    const hashes = eventHashes(suite, scenario);
    expect(hashes).toMatch(/^[0-9a-f-]+$/);
    expect(hashes.length).toBe((events + 1) * 8);
    expect(eventHashes(suite, scenario)).toBe(hashes);
  });

  test("stop at a bound", () => {
    const long = toyScenario({ system: { members: 3, beatMs: 1 }, phases: { chaosMs: 1000 } });
    expect(runScenario(suite, long).events).toBeGreaterThan(EVENT_HASHES_MAX);
    expect(eventHashes(suite, long).length).toBe(EVENT_HASHES_MAX * 8);
    expect(firstChangedEvent(eventHashes(suite, long), linesOf(long))).toBeNull();
  });
});

describe("the first event that changed", () => {
  test("is none when nothing changed", () => {
    expect(firstChanged(scenario)).toBeNull();
  });

  test("is the step at which a run went another way", () => {
    expect(firstChanged(withWorkload((op, i) => (i === 2 ? { ...op, to: "t3" } : op)))).toMatch(/^20 t3 /);
    expect(firstChanged(withWorkload((op, i) => (i === 4 ? { ...op, atMs: 41 } : op)))).toMatch(/^41 /);
    expect(firstChanged({ ...scenario, faults: [{ ...scenario.faults[0]!, atMs: 777 }] })).toMatch(/^500 /);
  });

  test("is the last one of a run that ended early", () => {
    const short = { ...scenario, phases: { ...scenario.phases, chaosMs: 0, settleMs: 100 } };
    const lines = linesOf(short);
    expect(firstChangedEvent(eventHashes(suite, scenario), lines)).not.toBeNull();
    expect(firstChangedEvent(eventHashes(suite, scenario), [])).toBeNull();
  });

  test("is found among recorded ones only: what comes after them is not known", () => {
    const recorded = eventHashes(suite, scenario).slice(0, 8 * 5);
    expect(
      firstChangedEvent(recorded, linesOf(withWorkload((op, i) => (i === 4 ? { ...op, to: "t3" } : op)))),
    ).toBeNull();
    expect(firstChangedEvent("", linesOf(scenario))).toBeNull();
  });
});

describe("a failure file", () => {
  const failure = {
    format: FAILURE_FORMAT,
    seatrial: "0.1.0",
    node: "20",
    suite: "toy",
    bug: null,
    property: "toy/one",
    explanation: "1 was put",
    evidence: { values: [1] },
    origin: { seed: 1, profile: "quick", run: 17 },
    scenario,
    traceHash: "0123456789abcdef",
    events: 12,
    atUs: 20_000,
    eventHashes: eventHashes(suite, scenario),
    original: { scenario, traceHash: "0123456789abcdef", events: 20, explanation: "1 was put" },
    shrinking: { executions: 40, events: 4000, seconds: 0.5, exhausted: false },
    replay: "seatrial replay reports/failures/x.json",
  };

  test("survives being written and read", () => {
    expect(check(FailureSchema, JSON.parse(JSON.stringify(failure)))).toEqual({ kind: "fits", value: failure });
    const plain = { ...failure, origin: null, original: null, shrinking: null, bug: "vote-twice" };
    expect(check(FailureSchema, plain).kind).toBe("fits");
  });

  test.each([
    [{ format: 2 }, "format"],
    [{ events: -1 }, "events"],
    [{ property: null }, "property"],
    [{ original: { scenario } }, "original.traceHash"],
    [{ signature: "x" }, "signature"],
  ])("with %o is flawed there", (part, place) => {
    const checked = check(FailureSchema, { ...failure, ...part });
    expect(checked.kind === "flawed" && renderPath(checked.flaws[0]!.path)).toBe(place);
  });
});
