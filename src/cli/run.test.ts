import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Failure } from "../harness/failure.ts";
import type { CampaignResult } from "../harness/result.ts";
import { runScenario } from "../harness/run.ts";
import type { Scenario } from "../harness/scenario.ts";
import { COUNTER, has, inProcess, Reports, scenariosOf, seatrial, seedWith } from "./testing.ts";

let reports: Reports;

beforeEach(() => {
  reports = new Reports();
});

afterEach(() => reports.remove());

/** Runs the suite of the fixtures with seed 1, on one worker unless told otherwise. */
function run(...args: readonly string[]) {
  return inProcess([...COMMON, "--reports", reports.path, ...args]);
}

const COMMON = ["run", "counter", "--suites", "suites.ts", "--seed", "1", "--workers", "1"];

function violates(scenario: Scenario): boolean {
  return runScenario(COUNTER, scenario).verdict.kind === "violated";
}

function lastRun(): CampaignResult {
  return reports.json<CampaignResult>("last-run.json");
}

const LIMITED = ["--profile", "limited", "--no-corpus"];
/** A seed of which runs 1 and 3, and no others of the first five, violate the limit. */
const LIMITED_SEED = seedWith("limited", 5, [1, 3], violates);
const TWICE_VIOLATED = [...LIMITED, "--runs", "5", "--seed", String(LIMITED_SEED)];

describe("a campaign", () => {
  test("that finds nothing wrong says what it has tried, and ends with status 0", async () => {
    const { status, stdout, stderr } = await run("--junit", reports.at("j.xml"), "--markdown", reports.at("m.md"));
    expect(status).toBe(0);
    expect(stderr).toContain("counter (12 runs of profile quick, 2 files of the corpus first), seed 1 (given)");
    expect(stdout).toContain("counter: HOLDS");
    expect(stdout).toContain("12 generated runs and 2 files of the corpus");
    expect(stdout).toContain("Never reached, so not tried by these runs: counter/sometimes/flown.");
    const result = lastRun();
    expect(result).toMatchObject({
      verdict: "holds",
      runs: 12,
      seed: 1,
      interrupted: false,
      stoppedBy: null,
      faults: [],
    });
    expect(result.suites[0]).toMatchObject({ corpus: 2, reached: { "counter/sometimes/flown": 0 } });
    expect(result.suites[0]!.coverage.neverTaken).toEqual(["subtracted"]);
    expect(readFileSync(reports.at("j.xml"), "utf8")).toContain('<testsuite name="counter" tests="6" failures="0"');
    expect(readFileSync(reports.at("m.md"), "utf8")).toBe(readFileSync(reports.at("last-run.md"), "utf8"));
  });

  test("with a violation ends with status 1, and leaves a failure file that is tried first the next time", async () => {
    const { status, stdout } = await run(...TWICE_VIOLATED);
    expect(status).toBe(1);
    const [violation, ...others] = lastRun().violations;
    expect(others).toEqual([]);
    expect(violation).toMatchObject({ property: "counter/within-limit", run: 1, occurrences: 2, actionsAfter: 4 });
    expect(violation!.shrinkExecutions).toBeGreaterThan(1);
    expect(stdout).toContain(`Again: ${violation!.replay} --tail 40`);
    // One file only: those of later runs that violate the same property do not stay.
    const files = readdirSync(reports.at("failures"));
    expect(files).toEqual([expect.stringMatching(/^counter-within-limit-[0-9a-f]{8}\.json$/)]);
    const failure = reports.json<Failure>("failures", files[0]!);
    expect(failure).toMatchObject({ property: "counter/within-limit", traceHash: violation!.traceHash, bug: null });
    expect(failure.origin).toEqual({ seed: LIMITED_SEED, profile: "limited", run: 1 });
    expect(failure.scenario.workload).toHaveLength(4);
    expect(failure.original!.scenario.workload.length).toBeGreaterThanOrEqual(4);
    expect(failure.eventHashes).toHaveLength(failure.events * 8 + 8);

    const again = await run("--runs", "1");
    expect(again.status).toBe(1);
    expect(lastRun().violations).toMatchObject([
      { property: "counter/within-limit", run: null, traceHash: failure.traceHash },
    ]);
    expect(lastRun().suites[0]!.corpus).toBe(3);
  });

  test("is undecided when a failure file of the corpus cannot be read", async () => {
    mkdirSync(reports.at("failures"), { recursive: true });
    writeFileSync(reports.at("failures", "old.json"), '{"format": 9}');
    const { status, stderr } = await run("--runs", "2");
    expect(status).toBe(3);
    expect(stderr).toContain("old.json:1:12: format: expected 1");
    expect(lastRun().suites[0]!.unknown).toEqual([
      { run: null, reason: expect.stringMatching(/old\.json: cannot be read$/) },
    ]);
  });

  test("bounded by time alone makes as many runs as fit", async () => {
    const { status, stderr } = await run("--no-corpus", "--time", "1s");
    expect(status).toBe(0);
    expect(stderr).toContain("as many runs as there is time for");
    expect(lastRun()).toMatchObject({ stoppedBy: "time" });
    expect(lastRun().runs).toBeGreaterThan(12);
  });

  test("gives the same result at any number of workers", async () => {
    const results: CampaignResult[] = [];
    for (const workers of ["1", "3"]) {
      await run(...LIMITED, "--no-shrink", "--workers", workers);
      results.push(lastRun());
    }
    const [one, three] = results as [CampaignResult, CampaignResult];
    expect(one.violations).toHaveLength(1);
    expect(three.hash).toBe(one.hash);
    expect(three.violations).toEqual(one.violations);
    expect(three.suites[0]!.coverage).toEqual(one.suites[0]!.coverage);
  });

  test("stops at the first violation when told to, and forgets the runs after it", async () => {
    const { status } = await run(...TWICE_VIOLATED, "--bail", "--no-shrink", "--workers", "3");
    expect(status).toBe(1);
    expect(lastRun()).toMatchObject({ stoppedBy: "bail", runs: 2, violations: [{ run: 1, occurrences: 1 }] });
  });

  test("of scenario files holds them to what they expect", async () => {
    const odd = reports.at("odd.yaml");
    writeFileSync(odd, "suite: counter\nsystem: {counters: 1}\nphases: {chaosMs: 10}\nexpect: {verdict: violated}\n");
    const { status, stdout } = await run("--scenario", "scenarios/counter", odd);
    expect(status).toBe(1);
    expect(stdout).toContain("3 files of the corpus");
    expect(lastRun().violations).toMatchObject([
      { property: "scenario/odd", explanation: "expected it to violate a property; it holds", run: null },
    ]);
  });
});

describe("a campaign in trouble", () => {
  test("goes on after a worker died, and blames the run", async () => {
    const seed = seedWith("deadly", 12, [1, 11], has("exit"));
    const args = ["--profile", "deadly", "--seed", String(seed), "--no-corpus", "--workers", "2"];
    const { status, stdout } = await run(...args);
    expect(status).toBe(4);
    const { runs, faults, verdict } = lastRun();
    expect(verdict).toBe("unknown");
    const scenarios = scenariosOf("deadly", seed, 12);
    const message = "the worker died: worker exited with code: 9";
    expect(faults).toEqual([1, 11].map((run) => ({ suite: "counter", run, seed: scenarios[run]!.seed, message })));
    expect(runs).toBe(10);
    expect(stdout).toContain(`seatrial replay --suite counter --seed ${seed} --profile deadly --run 1`);
  });

  test("gives up a run that does not end", async () => {
    const seed = seedWith("endless", 3, [1], has("loop"));
    const args = ["--profile", "endless", "--seed", String(seed), "--no-corpus", "--runs", "3"];
    const { status } = await run(...args, "--run-timeout", "500ms");
    expect(status).toBe(4);
    expect(lastRun().faults).toMatchObject([{ run: 1, message: "the worker died: the run had not ended after 0.5 s" }]);
    expect(lastRun().runs).toBe(2);
  });

  test("goes on after a machine broke its own assumption", async () => {
    const seed = seedWith("broken", 12, [1, 9], has("break"));
    const { status } = await run("--profile", "broken", "--seed", String(seed), "--no-corpus");
    expect(status).toBe(4);
    expect(lastRun().faults).toMatchObject([{ run: 1 }, { run: 9 }]);
    expect(lastRun().runs).toBe(10);
    expect(lastRun().faults[0]!.message).toMatch(/^ModelBug: a counter cannot be broken \(at .*counter\.ts:\d+:\d+/);
  });

  test("names the first event that differs when a run is not deterministic", async () => {
    // So many runs that chance does not spare all of those that gamble.
    const runs = 200;
    const { status } = await run("--profile", "chance", "--no-corpus", "--self-check", "--runs", String(runs));
    expect(status).toBe(4);
    const { faults } = lastRun();
    const gambling = scenariosOf("chance", 1, runs).map(has("gamble"));
    expect(faults.filter(({ run }) => !gambling[run!])).toEqual([]);
    expect(faults.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        /^not deterministic: .* The first event that differs is number \d+:\n {2}once: .*\n {2}again: /,
      ),
    );
  });

  test("saves what it has found when it is interrupted", async () => {
    const args = [...COMMON, ...LIMITED, "--reports", reports.path, "--runs", "10000000"];
    const { status, stdout } = await seatrial(args, (child, text) => {
      if (text.includes("✗") && !text.includes("Interrupted")) child.kill("SIGINT");
    });
    expect(status).toBe(130);
    expect(stdout).toContain("Interrupted: what is told here is what was done by then.");
    expect(lastRun()).toMatchObject({ verdict: "violated", interrupted: true, stoppedBy: "interrupt" });
    const file = lastRun().violations[0]!.scenarioFile!;
    expect(existsSync(file)).toBe(true);
  });

  test("prints what it has found when it cannot be saved", async () => {
    writeFileSync(reports.at("file"), "");
    const { status, stdout, stderr } = await run(...TWICE_VIOLATED, "--reports", reports.at("file"));
    expect(status).toBe(1);
    expect(stderr).toContain(
      `${reports.at("file")}/failures: cannot be written: a file is in the place of the directory`,
    );
    const printed = stdout.split("\n").filter((line) => line.startsWith("{"));
    const failure = JSON.parse(printed.at(-1)!) as Failure;
    expect(failure).toMatchObject({ property: "counter/within-limit", origin: { run: 1 } });
    expect(failure.shrinking).not.toBeNull();
  });

  test("does not claim success when its result cannot be saved", async () => {
    writeFileSync(reports.at("file"), "");
    const { status } = await run("--runs", "1", "--no-corpus", "--reports", reports.at("file"));
    expect(status).toBe(4);
  });

  test.each(["--json", "--junit", "--markdown"])("does not begin where %s cannot be written", async (option) => {
    for (const file of ["/dev/null/result", "/proc/nowhere/result", reports.path]) {
      const { status, stderr } = await run("--runs", "1", "--no-corpus", option, file);
      expect(stderr).toMatch(new RegExp(`^${option} ${file}: cannot be written: .+\n$`));
      expect(status).toBe(2);
    }
  });
});
