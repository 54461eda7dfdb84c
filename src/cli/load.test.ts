import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "./exit.ts";
import { SUITES } from "./fixtures/suites.ts";
import { loadEither, loadFailure, loadScenario } from "./load.ts";

const directory = mkdtempSync(join(tmpdir(), "seatrial-load-"));

afterAll(() => rmSync(directory, { recursive: true }));

/** What is said of a file with this content, with its directory left out. */
function complaints(
  name: string,
  content: string,
  load: typeof loadScenario | typeof loadFailure = loadScenario,
): string[] {
  const file = join(directory, name);
  writeFileSync(file, content);
  try {
    load(SUITES, file);
  } catch (error) {
    if (error instanceof UsageError) return error.lines.map((line) => line.replace(`${directory}/`, ""));
    throw error;
  }
  return [];
}

const FAILURE = {
  format: 1,
  seatrial: "0.1.0",
  node: "20.19.0",
  suite: "counter",
  bug: null,
  property: "counter/within-limit",
  explanation: "beyond",
  evidence: {},
  origin: null,
  scenario: { suite: "counter", system: { counters: 1 }, phases: { chaosMs: 100 } },
  traceHash: "0123456789abcdef",
  events: 3,
  atUs: 100,
  eventHashes: "",
  original: null,
  shrinking: null,
  replay: "npx seatrial replay x.json",
};

describe("a scenario file", () => {
  test.each([
    [
      "workload: [{kind: add, atMs: 101}]",
      "late.yaml:4:30: workload[0].atMs: expected at most phases.chaosMs, which is 100: all operations and faults belong to the chaos",
    ],
    [
      "faults: [{kind: storm, atMs: 200, durationMs: 1}]",
      "late.yaml:4:30: faults[0].atMs: expected at most phases.chaosMs, which is 100: all operations and faults belong to the chaos",
    ],
    [
      "expect: {property: counter/within-limit}",
      "late.yaml:4:20: expect.property: expected only beside `verdict: violated`",
    ],
    [
      "expect: {reached: [counter/sometimes/flown], notReached: [counter/sometimes/flown]}",
      "late.yaml:4:59: expect.notReached[0]: expected another than those in `reached`",
    ],
  ])("that contradicts itself is refused: %s", (line, complaint) => {
    const content = `suite: counter\nsystem: {counters: 2}\nphases: {chaosMs: 100}\n${line}\n`;
    expect(complaints("late.yaml", content)).toEqual([complaint]);
  });

  test("gets its defaults", () => {
    const file = join(directory, "good.yaml");
    writeFileSync(
      file,
      "suite: counter\nsystem: {counters: 2}\nphases: {chaosMs: 100}\nworkload: [{kind: add, atMs: 1}]\n",
    );
    const { suite, scenario } = loadScenario(SUITES, file);
    expect(suite.name).toBe("counter");
    expect(scenario).toMatchObject({ seed: 1, workload: [{ to: "c1" }], phases: { settleMs: 60_000 } });
  });

  test("may be JSON", () => {
    expect(complaints("good.json", JSON.stringify(FAILURE.scenario))).toEqual([]);
  });

  test("is told of each flaw where it stands, in the order of the file", () => {
    const content = [
      "suite: counter",
      "system:",
      "  counters: 99",
      "  colour: red",
      "network: { loss: lots }",
      "faults:",
      "  - { kind: crash, atMs: 10, target: c1 }",
      "  - kind: crsh",
      "    target: c1",
      "  - target: c1",
      "  - 7",
      "workload:",
      "  - kind: add",
      "expect:",
      "  verdict: hold",
    ].join("\n");
    expect(complaints("flawed.yaml", content)).toEqual([
      "flawed.yaml:1:1: phases: this field is missing, and has no default",
      "flawed.yaml:3:13: system.counters: expected a value between 1 and 5, not 99",
      "flawed.yaml:4:11: system.colour: there is no such field here: expected one of counters, limit",
      'flawed.yaml:5:18: network.loss: expected number, not "lots"',
      "flawed.yaml:7:5: faults[0].downMs: this field is missing, and has no default",
      'flawed.yaml:8:11: faults[1].kind: expected one of crash, kill, pause, slow, partition, link, clog, storm, slowDisk, fullDisk, corrupt, clockRate, clockJump, not "crsh" (did you mean crash?)',
      "flawed.yaml:10:5: faults[2]: the field kind is missing: expected one of crash, kill, pause, slow, partition, link, clog, storm, slowDisk, fullDisk, corrupt, clockRate, clockJump",
      "flawed.yaml:11:5: faults[3]: expected an object whose kind is one of crash, kill, pause, slow, partition, link, clog, storm, slowDisk, fullDisk, corrupt, clockRate, clockJump, not 7",
      "flawed.yaml:13:5: workload[0].atMs: this field is missing, and has no default",
      'flawed.yaml:15:12: expect.verdict: expected one of holds, violated, not "hold" (did you mean holds?)',
    ]);
  });

  test("with a field that there is not is told which there are, and which was probably meant", () => {
    const content = [
      "suite: counter",
      "system: { counters: 1 }",
      "phases: { chaosMs: 9, settle: 9 }",
      "workload:",
      "  - { kind: add, at: 1, atMs: 1 }",
      "faults:",
      "  - { kind: storm, atMs: 1, durationMs: 1, on: { effect: note, every: 2 } }",
      "seeds: 7",
    ].join("\n");
    expect(complaints("fields.yaml", content)).toEqual([
      "fields.yaml:3:31: phases.settle: there is no such field here (did you mean settleMs?): expected one of chaosMs, settleMs, stayDown",
      "fields.yaml:5:22: workload[0].at: there is no such field here (did you mean atMs?): expected one of kind, atMs, to",
      "fields.yaml:7:71: faults[0].on.every: there is no such field here: expected one of process, effect, detail, nth, edge",
      "fields.yaml:8:8: seeds: there is no such field here (did you mean seed?): expected one of suite, title, seed, schedule, network, disk, clock, faults, phases, expect, system, workload",
    ]);
  });

  test("must not contradict itself", () => {
    const content =
      "suite: counter\nsystem: {counters: 1}\nphases: {chaosMs: 9}\nworkload:\n  - {kind: add, atMs: 1, to: c2}\n";
    expect(complaints("odd.yaml", content)).toEqual(['odd.yaml:5:30: workload[0].to: expected one of c1, not "c2"']);
  });

  test("can only expect what its suite has", () => {
    const content =
      "suite: counter\nsystem: {counters: 1}\nphases: {chaosMs: 9}\nexpect:\n  reached:\n    - counter/nothing\n";
    expect(complaints("expect.yaml", content)).toEqual([
      expect.stringMatching(
        /^expect\.yaml:6:7: expect\.reached\[0\]: expected the id of a property of counter: .*; not counter\/nothing$/,
      ),
    ]);
  });

  test("that expects what is nearly the id of a property is told which", () => {
    const content =
      "suite: counter\nsystem: {counters: 1}\nphases: {chaosMs: 9}\nexpect: {reached: [counter/sometimes/flwn]}\n";
    expect(complaints("nearly.yaml", content)).toEqual([
      "nearly.yaml:4:20: expect.reached[0]: expected the id of a property of counter, not counter/sometimes/flwn (did you mean counter/sometimes/flown?); seatrial list counter has all",
    ]);
  });

  test("must be of a suite that there is", () => {
    expect(complaints("suite.yaml", "# a comment\nsuite: countr\n")).toEqual([
      'suite.yaml:2:8: suite: no suite "countr" (did you mean counter?): expected one of counter',
    ]);
    expect(complaints("none.yaml", "system: {}\n")).toEqual([
      "none.yaml:1:1: suite: the name of the suite is missing: expected one of counter",
    ]);
  });

  test("must be well-formed, and not empty", () => {
    expect(complaints("tab.yaml", "suite: counter\nfaults: [1, 2\n")).toEqual([
      expect.stringMatching(/^tab\.yaml:3:1: not well-formed: /),
    ]);
    expect(complaints("twice.yaml", "suite: a\nsuite: b\n")).toEqual([
      "twice.yaml:2:1: not well-formed: Map keys must be unique",
    ]);
    expect(complaints("cut.json", '{"suite": "counter", "faults": [')[0]).toMatch(
      /^cut\.json:1:\d+: not well-formed: /,
    );
    expect(complaints("empty.yaml", "")).toEqual([
      "empty.yaml:1:1: expected an object with the fields of a scenario or a failure",
    ]);
  });

  test("must be there", () => {
    expect(() => loadScenario(SUITES, join(directory, "no.yaml"))).toThrow(
      "no.yaml: cannot be read: there is no such file",
    );
    expect(() => loadScenario(SUITES, directory)).toThrow("cannot be read: it is a directory");
  });
});

describe("a failure file", () => {
  const pretty = (value: unknown) => JSON.stringify(value, null, 2);

  test("is known by its format", () => {
    const file = join(directory, "failure.json");
    writeFileSync(file, pretty(FAILURE));
    expect(loadEither(SUITES, file)).toMatchObject({ kind: "failure", failure: { scenario: { seed: 1 } } });
  });

  test("of another format is told so", () => {
    expect(complaints("later.json", pretty({ ...FAILURE, format: 2 }), loadFailure)).toEqual([
      "later.json:2:13: format: expected 1, the format of this seatrial's failure files, not 2",
    ]);
  });

  test("is told of flaws in it and in its scenario", () => {
    expect(complaints("events.json", pretty({ ...FAILURE, events: -1 }), loadFailure)).toEqual([
      "events.json:21:13: events: expected a value between 0 and 1000000000000000, not -1",
    ]);
    const scenario = { ...FAILURE.scenario, system: { counters: 0 } };
    expect(complaints("inner.json", pretty({ ...FAILURE, scenario }), loadFailure)).toEqual([
      "inner.json:14:19: scenario.system.counters: expected a value between 1 and 5, not 0",
    ]);
  });
});
