import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Failure } from "../harness/failure.ts";
import { type BugsResult, BugsResultSchema } from "../harness/result.ts";
import { check } from "../harness/schema.ts";
import { main } from "./main.ts";
import { FIXTURES, type Finished, Reports, seatrial } from "./testing.ts";

const reports = new Reports();
const SUITES = ["--suites", "suites.ts"];
let bugs: Finished;

beforeAll(async () => {
  const args = ["bugs", "C01", "C02", ...SUITES, "--runs", "40", "--workers", "2", "--reports", reports.path];
  bugs = await seatrial([...args, "--json", reports.at("bugs.json")]);
}, 60_000);

afterAll(() => reports.remove());

afterEach(() => {
  vi.restoreAllMocks();
});

/** Replays without a child process, which a run without a seeded bug does not need. */
async function replay(...args: readonly string[]): Promise<{ readonly status: number; readonly stdout: string }> {
  let stdout = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  const status = await main(["replay", ...args, "--suites", `${FIXTURES}suites.ts`]);
  return { status, stdout };
}

describe("bugs", () => {
  test("prints which bugs were found, and ends with status 1 when one was not", () => {
    expect(bugs.status).toBe(1);
    expect(bugs.stdout).toMatch(/^C01 +yes +counter\/acknowledged-is-durable +2 .* yes +A count is acknowledged/m);
    expect(bugs.stdout).toMatch(/^C02 +NO +- +40 /m);
    expect(bugs.stdout).toContain("1 of 2 bugs found");
  });

  test("writes the table as its schema says", () => {
    const table = reports.json<BugsResult>("bugs.json");
    expect(check(BugsResultSchema, table).kind).toBe("fits");
    expect(table.bugs).toMatchObject([
      { id: "C01", found: true, runs: 2, faults: 1, operations: 1, replays: true },
      { id: "C02", found: false, runs: 40, property: null },
    ]);
  });

  test("refuses an edit that no longer applies, and names its place", async () => {
    const { status, stderr } = await seatrial(["bugs", "C03", ...SUITES, "--reports", reports.path]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /C03\.yaml:\d+:1: edits: bug C03: expected this text exactly once in counter\.ts, found it nowhere:\nreturn nothing;/,
    );
  });
});

describe("replay", () => {
  test("of a seeded bug's failure puts the bug into the model, and gives the recorded trace", async () => {
    const { status, stdout } = await seatrial(["replay", reports.at("bugs", "C01.json"), ...SUITES, "--tail", "3"]);
    expect(status).toBe(1);
    expect(stdout).toContain("with the seeded bug C01\n  VIOLATED counter/acknowledged-is-durable");
    expect(stdout).toContain("The trace is the recorded one.");
    expect(stdout.split("\n").slice(0, 3).join()).toContain("violated counter/acknowledged-is-durable");
  });

  test("without the bug holds, and names the first event that differs", async () => {
    const failure = reports.json<Failure>("bugs", "C01.json");
    writeFileSync(reports.at("fixed.json"), JSON.stringify({ ...failure, bug: null, seatrial: "0.0.1" }));
    const { status, stdout } = await seatrial([
      "replay",
      reports.at("fixed.json"),
      ...SUITES,
      "--trace-file",
      reports.at("trace"),
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain("counter/acknowledged-is-durable was violated when the file was written");
    expect(stdout).toMatch(/The first event that differs is number \d+, now:\n.* ms {2}c\d/);
    expect(stdout).toContain("It was written by seatrial 0.0.1");
    expect(readFileSync(reports.at("trace"), "utf8")).toMatch(/^ +0\.000 ms {2}c1 {3}boot\n/);
  });

  test("of one run of a campaign", async () => {
    const { status, stdout } = await replay("1", "--suite", "counter", "--run", "1", "--profile", "limited");
    expect(status).toBe(1);
    expect(stdout).toContain("counter, seed 1, profile limited, run 1\n  VIOLATED counter/within-limit");
  });

  test("of a run that ends with an error shows how far it came", async () => {
    const { status, stdout } = await replay(
      "1",
      "--suite",
      "counter",
      "--run",
      "1",
      "--profile",
      "broken",
      "--tail",
      "1",
    );
    expect(status).toBe(4);
    expect(stdout).toContain("FAULT of a model or of seatrial: ModelBug: a counter cannot be broken");
  });
});
