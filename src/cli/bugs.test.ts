import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Failure } from "../harness/failure.ts";
import { type BugsResult, BugsResultSchema } from "../harness/result.ts";
import { check } from "../harness/schema.ts";
import { FIXTURES, type Finished, inProcess, Reports, seatrial } from "./testing.ts";

/** The bugs that the whole catalogue consists of; null: all there are. */
const catalogue = vi.hoisted(() => ({ ids: null as readonly string[] | null }));

vi.mock("./catalogue.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("./catalogue.ts")>();
  const loadCatalogue = () =>
    original.loadCatalogue().filter(({ bug }) => catalogue.ids === null || catalogue.ids.includes(bug.id));
  return { ...original, loadCatalogue };
});

const reports = new Reports();
const SUITES = ["--suites", "suites.ts"];

afterAll(() => reports.remove());

/** Looks for all bugs of a catalogue that consists of these. */
async function wholeCatalogue(...ids: readonly string[]): Promise<Finished & { readonly table: BugsResult }> {
  const args = ["bugs", ...SUITES, "--runs", "40", "--workers", "1", "--no-shrink"];
  catalogue.ids = ids;
  try {
    const finished = await inProcess([...args, "--reports", reports.path, "--json", reports.at("all.json")]);
    return { ...finished, table: reports.json<BugsResult>("all.json") };
  } finally {
    catalogue.ids = null;
  }
}

describe("bugs that are named", () => {
  let bugs: Finished;
  let table: BugsResult;

  beforeAll(async () => {
    const args = ["bugs", "C01", "C02", ...SUITES, "--runs", "40", "--workers", "2", "--reports", reports.at("named")];
    bugs = await seatrial([...args, "--json", reports.at("bugs.json")]);
    table = reports.json<BugsResult>("bugs.json");
  }, 60_000);

  test("are shown as found or not, and the status is 1 when one was not", () => {
    const { runs } = table.bugs[0]!;
    expect(bugs.status).toBe(1);
    expect(bugs.stdout).toMatch(
      new RegExp(`^C01 +yes +counter/acknowledged-is-durable +${runs} .* yes +A count is acknowledged`, "m"),
    );
    expect(bugs.stdout).toMatch(/^C02 +NO +- +40 /m);
    expect(bugs.stdout).toContain("1 of 2 bugs found");
  });

  test("are written as the schema of the table says", () => {
    expect(check(BugsResultSchema, table).kind).toBe("fits");
    expect(table.bugs).toMatchObject([
      { id: "C01", found: true, faults: 1, operations: 1, replays: true },
      { id: "C02", found: false, runs: 40, property: null },
    ]);
    // All runs up to the one that found it count, and no others.
    expect(table.bugs[0]!.runs).toBe(reports.json<Failure>("named", "bugs", "C01.json").origin!.run + 1);
  });

  test("say nothing of the properties that found none of them", () => {
    expect(table.unbroken).toEqual([]);
    expect(bugs.stdout).not.toContain("No bug was found by");
  });

  test("are refused where an edit no longer applies, with its place", async () => {
    const { status, stderr } = await inProcess(["bugs", "C03", ...SUITES, "--reports", reports.path]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /C03\.yaml:\d+:1: edits: bug C03: expected this text exactly once in counter\.ts, found it nowhere:\nreturn nothing;/,
    );
  });

  describe("and replayed", () => {
    test("are put into the model, and give the recorded trace", async () => {
      const file = reports.at("named", "bugs", "C01.json");
      const { status, stdout } = await inProcess(["replay", file, ...SUITES, "--tail", "3"]);
      expect(status).toBe(1);
      expect(stdout).toContain("with the seeded bug C01\n  VIOLATED counter/acknowledged-is-durable");
      expect(stdout).toContain("The trace is the recorded one.");
      expect(stdout.split("\n").slice(0, 3).join()).toContain("violated counter/acknowledged-is-durable");
    });

    test("without the bug hold, and name the first event that differs", async () => {
      const failure = reports.json<Failure>("named", "bugs", "C01.json");
      const fixed = reports.at("fixed.json");
      writeFileSync(fixed, JSON.stringify({ ...failure, bug: null, seatrial: "0.0.1" }));
      const { status, stdout } = await inProcess(["replay", fixed, ...SUITES, "--trace-file", reports.at("trace")]);
      expect(status).toBe(0);
      expect(stdout).toContain("counter/acknowledged-is-durable was violated when the file was written");
      expect(stdout).toMatch(/The first event that differs is number \d+, now:\n.* ms {2}c\d/);
      expect(stdout).toContain("It was written by seatrial 0.0.1");
      expect(readFileSync(reports.at("trace"), "utf8")).toMatch(/^ +0\.000 ms {2}c1 {3}boot\n/);
    });
  });
});

describe("the whole catalogue", () => {
  test("names the properties that found nothing, and ends with status 1 though all bugs were found", async () => {
    const { status, stdout, table } = await wholeCatalogue("C05");
    expect(status).toBe(1);
    expect(check(BugsResultSchema, table).kind).toBe("fits");
    expect(table.bugs).toMatchObject([{ id: "C05", found: true, replays: true }]);
    expect(table.unbroken).toEqual(["counter/acknowledged-is-durable", "counter/within-limit"]);
    expect(stdout).toContain("1 of 1 bugs found");
    expect(stdout).toContain("\nNo bug was found by: counter/acknowledged-is-durable, counter/within-limit.\n");
  });

  test("ends with status 0 when each property has found a bug", async () => {
    const { status, stdout, table } = await wholeCatalogue("C01", "C04", "C05");
    expect(table.unbroken).toEqual([]);
    expect(stdout).toContain("3 of 3 bugs found");
    expect(stdout).not.toContain("No bug was found by");
    expect(status).toBe(0);
    // The edit of C04 is in C05 too: there only the property that its file names can have watched.
    expect(table.bugs.map(({ id, property }) => [id, property])).toEqual([
      ["C01", "counter/acknowledged-is-durable"],
      ["C04", "counter/within-limit"],
      ["C05", "counter/copies-converge"],
    ]);
    const again = await inProcess(["replay", reports.at("bugs", "C05.json"), ...SUITES]);
    expect(again.status).toBe(1);
    expect(again.stdout).toContain("with the seeded bug C05\n  VIOLATED counter/copies-converge");
  });
});

test("a bug's properties must be of its suite", async () => {
  const bug = [
    "id: P01",
    "title: A bug that no property of this name can find",
    "suite: counter",
    "source: a test",
    "violates: []",
    "faults: none",
    "edits:",
    "  - { file: model.ts, find: right, replace: wrong }",
    "properties:",
    "  - counter/within-limit",
    "  - counter/within-limits",
    "",
  ];
  mkdirSync(reports.at("scenarios", "bugs"), { recursive: true });
  writeFileSync(reports.at("scenarios", "bugs", "P01.yaml"), bug.join("\n"));
  writeFileSync(reports.at("model.ts"), "right\n");
  const args = ["bugs", "P01", "--suites", `${FIXTURES}suites.ts`, "--reports", reports.path];
  const { status, stderr } = await inProcess(args, reports.path);
  expect(status).toBe(2);
  expect(stderr).toContain(
    "scenarios/bugs/P01.yaml:11:5: properties[1]: expected a property of suite counter, not counter/within-limits\n",
  );
});
