import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { bugNamed, editedSources, loadCatalogue } from "../../src/cli/catalogue.ts";
import { filesIn } from "../../src/cli/corpus.ts";
import { Pool } from "../../src/cli/pool.ts";
import { describeScenarios } from "../../src/cli/scenario-testing.ts";
import type { RunResult } from "../../src/harness/run.ts";
import { storeSuite } from "../../src/suites/store/suite.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const named = describeScenarios(storeSuite, here);

test.each(filesIn(here, /\.yaml$/).map((file) => basename(file, ".yaml")))("%s is shown to reach something", (name) => {
  expect(named(name).scenario.expect?.reached ?? []).not.toEqual([]);
});

/** By bug: the scenario that has its situation, and the property that sees what comes of it when no other one watches. */
const BROKEN: readonly (readonly [bug: string, scenario: string, property: string])[] = [
  ["B11", "regression-checkpoint-under-way", "lease-keys-stay"],
  ["B20", "transfers", "accounts-balance"],
  ["B21", "counters-under-leader-changes", "counter-exact"],
  ["B22", "set-with-unknown-outcomes", "set-complete"],
  ["B23", "queue-under-leader-changes", "queue-complete"],
  ["B25", "watch-atomic-with-fragments", "watch-atomic"],
  ["B26", "watch-previous-value", "watch-previous-value"],
  ["B29", "watch-filters", "watches-catch-up"],
  ["E01", "backend-replay-after-a-crash", "same-content"],
  ["E02", "sole-member-crash", "linearizable-history"],
  ["E03", "defragment-and-crash", "same-content"],
  ["E05", "watch-bookmarks-of-a-watcher-that-is-behind", "watch-bookmarks"],
  ["E06", "watch-over-an-installed-snapshot", "watch-ordered"],
  ["E07", "watch-unique", "watch-unique"],
  ["E08", "watch-reliable-over-a-slow-stream", "watch-reliable"],
  ["E09", "compaction-and-crash", "revision-monotonic"],
  ["E10", "watch-sees-the-delete-at-the-compaction", "watch-reliable"],
  ["E11", "transaction-at-a-compacted-revision", "same-content"],
  ["E12", "watch-from-a-future-revision", "watch-filter"],
  ["E13", "read-joins-no-batch-under-way", "linearizable-history"],
  ["E14", "lease-of-a-paused-leader", "lease-keys-stay"],
  ["E15", "lease-time-carried-over", "lease-time-carried-over"],
  ["E15-renewal", "lease-renewal-after-revocation", "lease-renewal-honest"],
  ["E17", "compare-and-swap-race", "linearizable-history"],
  ["R05-store", "stale-leader-is-asked", "linearizable-history"],
  ["R05-store", "paused-leader-partition-and-lost-fsyncs", "linearizable-history"],
  ["R06-store", "new-leader-is-asked", "linearizable-history"],
  ["R07-store", "delayed-heartbeat-replies", "linearizable-history"],
  ["R08-store", "stale-leader-with-a-lease", "linearizable-history"],
];

describe.concurrent("with a seeded bug", () => {
  test.each(BROKEN)("%s, %s breaks %s", async (bug, name, property) => {
    const { verdict } = await runWithBug(bug, name, `store/${property}`);
    expect(verdict).toMatchObject({ kind: "violated", violation: { property: `store/${property}` } });
  });
});

async function runWithBug(bug: string, name: string, property: string): Promise<RunResult> {
  const sources = editedSources(bugNamed(loadCatalogue(), bug));
  const pool = new Pool({ workers: 1, suites: [], sources, properties: [property] });
  try {
    return await pool.run("scenario", { suite: "store", scenario: named(name).scenario, selfCheck: false });
  } finally {
    await pool.close();
  }
}
