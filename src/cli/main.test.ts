import process from "node:process";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { editedSources, loadCatalogue } from "./catalogue.ts";
import { main } from "./main.ts";
import { nearest } from "./nearest.ts";
import { durationOption, shardOption, wholeOption } from "./options.ts";
import { FIXTURES } from "./testing.ts";

let output = "";
const SUITES = ["--suites", `${FIXTURES}suites.ts`];

beforeEach(() => {
  output = "";
  // In CI the seed is the same by itself; what is tested here is a terminal.
  vi.stubEnv("CI", "");
  const write = (text: string | Uint8Array) => {
    output += String(text);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(write);
  vi.spyOn(process.stderr, "write").mockImplementation(write);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("wrong usage ends with status 2 and says what was expected", () => {
  test.each([
    [["rnu"], "unknown command 'rnu'\n(Did you mean run?)"],
    [["run", "--bale"], "unknown option '--bale'\n(Did you mean --bail?)"],
    [["run", "--runs", "many"], "Expected a whole number from 0 to 1000000000."],
    [["run", "--shard", "3/2"], "Expected part/parts"],
    [["run", "--time", "soon"], "Expected a duration such as 90s, 5m or 1h."],
    [["run", "--schedule", "fair"], "Allowed choices are timed, pct, random."],
    [
      ["run", "countr", ...SUITES],
      'no suite "countr" (did you mean counter?): expected one of raft, store, control-plane, scheduler, network, counter',
    ],
    [
      ["run", "counter", "--profile", "quik", ...SUITES],
      "the suite counter has no such profile; it has quick, limited",
    ],
    [["run", "counter", "--runs", "2", "--seed", "1", "--shard", "3/3", ...SUITES], "this part has none of the 2 runs"],
    [["run", "counter", "--shard", "1/2", ...SUITES], "--shard needs --seed: the parts of a campaign have one seed"],
    [["run", "--suites", "nowhere.ts"], "nowhere.ts: cannot be loaded as a module of suites"],
    [["run", "--scenario", "nowhere.yaml"], "nowhere.yaml: cannot be read: there is no such file or directory"],
    [["replay"], "nothing to replay: expected a failure file, a scenario file, or --suite, --seed and --run"],
    [["replay", "7"], "expected both the campaign's seed and the number of the run"],
    [["replay", "nowhere.json"], "nowhere.json: cannot be read: there is no such file"],
    [["bugs", "R999"], 'no seeded bug "R999"'],
    [["report", "nowhere.json"], "nowhere.json: cannot be read"],
    [["report", "--reports", "/nowhere"], "there is no last run yet; seatrial run makes one"],
    [["schema", "scenari"], 'no schema "scenari" (did you mean scenario?)'],
  ])("%j", async (args, message) => {
    expect(await main(args)).toBe(2);
    expect(output).toContain(message);
  });
});

test("help teaches by example, and is no error", async () => {
  expect(await main(["run", "--help"])).toBe(0);
  expect(output).toContain("seatrial run raft --shard 2/4 --seed 7");
  expect(output).toContain("Exit status:");
});

test("list tells what there is", async () => {
  expect(await main(["list", "counter", ...SUITES])).toBe(0);
  expect(output).toContain("counter: Counters that are copied to each other");
  expect(output).toContain("always: must hold at every step\n    counter/acknowledged-is-durable");
  output = "";
  expect(await main(["list", "--json", ...SUITES])).toBe(0);
  const suites = [
    { name: "raft" },
    { name: "store" },
    { name: "control-plane" },
    { name: "scheduler" },
    { name: "network" },
    { name: "counter" },
  ];
  expect(JSON.parse(output)).toMatchObject({ suites, faults: { length: 13 } });
});

test.each(["scenario", "failure", "result", "bugs", "bug"])("schema %s is a JSON Schema", async (what) => {
  expect(await main(["schema", what])).toBe(0);
  expect(JSON.parse(output)).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" });
});

test("durations, shards and numbers", () => {
  expect(["90", "90s", "5m", "1.5h", "250ms"].map(durationOption)).toEqual([90, 90, 300, 5400, 0.25]);
  expect(["0", "-1s", "5 m", "1d"].map((text) => () => durationOption(text))).toSatisfy((calls: (() => void)[]) =>
    calls.every((call) => throws(call)),
  );
  expect(shardOption("2/4")).toEqual({ index: 1, of: 4 });
  expect(throws(() => shardOption("0/4"))).toBe(true);
  expect(wholeOption(0, 9)("7")).toBe(7);
  expect(["", "10", "1.5", "1e0", "0x1"].every((text) => throws(() => wholeOption(0, 9)(text)))).toBe(true);
});

test("the name that was probably meant", () => {
  const known = ["holds", "violated", "crash", "clockRate"];
  expect(["hold", "crahs", "clockrate", "violate"].map((name) => nearest(name, known))).toEqual([
    "holds",
    "crash",
    "clockRate",
    "violated",
  ]);
  expect(nearest("partition", known)).toBeNull();
});

describe("the seeded bugs of seatrial", () => {
  test.each(loadCatalogue().map((entry) => [entry.bug.id, entry] as const))("%s applies", (_id, entry) => {
    expect(editedSources(entry).size).toBeGreaterThan(0);
  });
});

function throws(call: () => unknown): boolean {
  try {
    call();
    return false;
  } catch {
    return true;
  }
}
