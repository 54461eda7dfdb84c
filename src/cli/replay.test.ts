import { writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { has, inProcess, Reports, seedWith } from "./testing.ts";

const reports = new Reports();

afterAll(() => reports.remove());

function replay(...args: readonly string[]) {
  return inProcess(["replay", ...args, "--suites", "suites.ts"]);
}

/** Replays a scenario in which the second addition is beyond the limit, unless the limit is another. */
function replayExpecting(expectation: string, limit = 1) {
  const file = reports.at("scenario.yaml");
  const additions = "[{kind: add, atMs: 10}, {kind: add, atMs: 20}]";
  const lines = ["suite: counter", `system: {counters: 1, limit: ${limit}}`, `workload: ${additions}`];
  writeFileSync(file, [...lines, "phases: {chaosMs: 100}", expectation, ""].join("\n"));
  return replay(file);
}

test("of one run of a campaign", async () => {
  // The smallest workload that can be beyond the limit of this profile.
  const seed = seedWith("limited", 2, [1], ({ workload }) => workload.length > 3);
  const { status, stdout } = await replay(String(seed), "--suite", "counter", "--run", "1", "--profile", "limited");
  expect(status).toBe(1);
  expect(stdout).toContain(`counter, seed ${seed}, profile limited, run 1\n  VIOLATED counter/within-limit`);
  const before = await replay(String(seed), "--suite", "counter", "--run", "0", "--profile", "limited");
  expect(before.status).toBe(0);
  expect(before.stdout).toContain(`counter, seed ${seed}, profile limited, run 0\n  HOLDS`);
});

test("of a run that ends with an error shows how far it came", async () => {
  const seed = seedWith("broken", 2, [1], has("break"));
  const which = ["--suite", "counter", "--run", "1", "--profile", "broken"];
  const { status, stdout } = await replay(String(seed), ...which, "--tail", "1");
  expect(status).toBe(4);
  expect(stdout).toMatch(/^ +\d+\.\d{3} ms {2}\S/);
  expect(stdout).toContain("FAULT of a model or of seatrial: ModelBug: a counter cannot be broken");
});

test("of a scenario that violates what its file expects it to ends with status 0", async () => {
  const { status, stdout } = await replay("scenarios/counter/beyond-limit.yaml");
  expect(status).toBe(0);
  expect(stdout).toContain("VIOLATED counter/within-limit");
  expect(stdout).toContain("As its file expects.");
});

test.each([
  ["nothing is expected of it", "", 1, 1, null],
  ["any violation is expected", "expect: {verdict: violated}", 1, 0, "  As its file expects."],
  [
    "another property is expected to be violated",
    "expect: {verdict: violated, property: counter/copies-converge}",
    1,
    1,
    "  Not as its file expects: expected it to violate counter/copies-converge; it violates counter/within-limit",
  ],
  ["it is expected to hold", "expect: {verdict: holds}", 1, 1, "  Not as its file expects: scenario: c1 counted to 2"],
  [
    "it holds against what is expected",
    "expect: {verdict: violated}",
    9,
    1,
    "  Not as its file expects: expected it to violate a property; it holds",
  ],
])("of a scenario where %s", async (_case, expectation, limit, expectedStatus, said) => {
  const { status, stdout } = await replayExpecting(expectation, limit);
  expect(status).toBe(expectedStatus);
  expect(stdout).toContain(limit === 1 ? "  VIOLATED counter/within-limit" : "  HOLDS");
  if (said === null) expect(stdout).not.toMatch(/as its file expects/i);
  else expect(stdout).toContain(said);
});
