import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { bugNamed, editedSources, loadCatalogue } from "../../src/cli/catalogue.ts";
import { mismatchOf } from "../../src/cli/corpus.ts";
import { Pool } from "../../src/cli/pool.ts";
import { describeScenarios } from "../../src/cli/scenario-testing.ts";
import type { RunResult } from "../../src/harness/run.ts";
import { raftSuite } from "../../src/suites/raft/suite.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const named = describeScenarios(raftSuite, here);

test.each([
  ["rejoin-without-prevote", "rejoin-with-prevote", "preVote"],
  ["cut-off-leader-without-check-quorum", "cut-off-leader-with-check-quorum", "checkQuorum"],
  ["read-index-under-partition", "read-by-lease-under-partition", "readMode"],
  ["clock-drift-beyond-the-lease-bound", "clock-drift-within-the-lease-bound", "clockDriftBound"],
])("%s and %s differ in %s alone", (one, other, option) => {
  const withoutOption = (name: string) => {
    const { title: _title, expect: _expect, system, ...rest } = named(name).scenario;
    const { config, ...members } = system as { readonly config: Readonly<Record<string, unknown>> };
    return { ...rest, members, config: { ...config, [option]: null } };
  };
  expect(withoutOption(one)).toEqual(withoutOption(other));
  expect(named(one).scenario.system).not.toEqual(named(other).scenario.system);
});

describe.concurrent("with a seeded bug", () => {
  const folder = mkdtempSync(join(tmpdir(), "seatrial-scenarios-"));
  const module = join(folder, "suites.mjs");
  afterAll(() => rmSync(folder, { recursive: true }));
  // Beside the suite one that leaves out the rules, and sees only what comes of breaking them.
  writeFileSync(
    module,
    `import { raftSuite } from ${JSON.stringify(new URL("../../src/suites/raft/suite.ts", import.meta.url).href)};
     const outcomes = ["raft/leader-completeness", "raft/linearizable-reads"];
     const properties = raftSuite.properties.filter(({ id }) => outcomes.includes(id));
     export const SUITES = [raftSuite, { ...raftSuite, name: "outcomes", properties }];`,
  );

  async function runWithBug(bug: string, name: string, ...suites: readonly string[]): Promise<RunResult[]> {
    const pool = new Pool({ workers: 1, suites: [module], sources: editedSources(bugNamed(loadCatalogue(), bug)) });
    try {
      const task = { scenario: named(name).scenario, selfCheck: false };
      return await Promise.all(suites.map((suite) => pool.run("scenario", { suite, ...task })));
    } finally {
      await pool.close();
    }
  }

  test("R02, figure 8 breaks the rule in (c), and (d) shows what the rule is for", async () => {
    const [rule, outcome] = await runWithBug("R02", "figure-8", "raft", "outcomes");
    expect(violation(rule!)).toBe(
      "raft/commit-only-current-term: m1, leader of term 4, commits index 2 of term 2 by counting replicas",
    );
    expect(violation(outcome!)).toBe(
      "raft/leader-completeness: m5 leads term 5 without index 2 of term 2, which m1 committed in term 4",
    );
  });

  test("R22, S5 wins in figure 8 (e)", async () => {
    const [result] = await runWithBug("R22", "figure-8-e", "raft");
    expect(violation(result!)).toBe(
      "raft/leader-completeness: m5 leads term 5 without index 3 of term 4, which m1 committed in term 4",
    );
  });

  test("R05, a leader that is cut off answers from an old state", async () => {
    const [result] = await runWithBug("R05", "read-index-under-partition", "outcomes");
    expect(violation(result!)).toContain("raft/linearizable-reads: read op5 at m1 sees index 3");
  });

  test("R21, a leader steps down when nobody else has the configuration without it", async () => {
    const [result] = await runWithBug("R21", "leader-removes-itself", "raft");
    expect(mismatchOf(named("leader-removes-itself"), result!)?.explanation).toContain("configuration-reverted");
  });
});

function violation({ verdict }: RunResult): string | null {
  return verdict.kind === "violated" ? `${verdict.violation.property}: ${verdict.violation.explanation}` : null;
}
