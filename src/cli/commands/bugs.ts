import { availableParallelism } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { type CampaignPlan, scenarioOf, type Tally } from "../../harness/campaign.ts";
import type { BugResult, BugsResult } from "../../harness/result.ts";
import type { AnySuite } from "../../harness/suite.ts";
import { counted, duration, table } from "../../reporters/format.ts";
import { type CampaignOutcome, RUNS_UNBOUNDED, runCampaign } from "../campaign.ts";
import { bugNamed, type CataloguedBug, loadCatalogue, poolWith } from "../catalogue.ts";
import { EXIT, type ExitStatus, UsageError } from "../exit.ts";
import { failureOf, Output, replayCommand } from "../findings.ts";
import { catchInterrupts, unlessAborted } from "../interrupt.ts";
import { flawsOf } from "../load.ts";
import { paintFor } from "../paint.ts";
import { Pool } from "../pool.ts";
import { Progress } from "../progress.ts";
import { NODE_VERSION, shownPath, VERSION } from "../project.ts";
import { loadSuites } from "../suites.ts";
import { mustBeWritable } from "../writing.ts";
import { profileOf } from "./run.ts";

/** The options of `bugs`, as commander gives them. */
export interface BugsCommandOptions {
  readonly suites?: readonly string[];
  readonly seconds: number;
  readonly runs?: number;
  readonly seed: number;
  readonly profile: string;
  readonly shrink: boolean;
  readonly workers?: number;
  readonly reports: string;
  readonly json?: string;
}

/** A bug that is ready to be looked for. */
interface Hunt {
  readonly entry: CataloguedBug;
  readonly suite: AnySuite;
  readonly plan: CampaignPlan;
  readonly inPool: ReturnType<typeof poolWith>;
}

/** What all hunts share. */
interface HuntSetting {
  readonly options: BugsCommandOptions;
  readonly output: Output;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Looks for seeded bugs, prints what came of it, and gives the exit status. */
export async function bugs(ids: readonly string[], options: BugsCommandOptions): Promise<ExitStatus> {
  mustBeWritable({ "--json": options.json });
  const catalogue = loadCatalogue();
  const picked = ids.length === 0 ? catalogue : [...new Set(ids.map((id) => bugNamed(catalogue, id)))];
  if (picked.length === 0) throw new UsageError("there are no seeded bugs in scenarios/bugs");
  const suites = await loadSuites(options.suites ?? [], [...new Set(picked.map(({ bug }) => bug.suite))]);
  // All edits are checked before the first bug is looked for: an edit that no longer applies is an error.
  const hunts = picked.map((entry) => huntFor(entry, suites, options));
  const output = new Output();
  output.prepare(join(options.reports, "bugs"));
  const progress = new Progress(options.seconds);
  const interrupts = catchInterrupts(() =>
    progress.say("Interrupted: stopping in good order; a second interrupt stops at once."),
  );
  const setting: HuntSetting = { options, output, progress, signal: interrupts.signal };
  const rows: BugResult[] = [];
  try {
    for (const target of hunts) {
      if (interrupts.signal.aborted) break;
      const row = await hunt(target, setting);
      // What an interrupt has cut short is not decided.
      if (interrupts.signal.aborted && !row.found) break;
      rows.push(row);
      progress.say(lineOf(row));
    }
  } finally {
    progress.clear();
    interrupts.release();
  }
  const result: BugsResult = {
    format: 1,
    seatrial: VERSION,
    node: NODE_VERSION,
    seed: options.seed,
    secondsMax: options.seconds,
    bugs: rows,
    unbroken: ids.length === 0 && !interrupts.signal.aborted ? unbroken(hunts, rows) : [],
  };
  if (options.json !== undefined) output.write(options.json, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(render(result));
  if (interrupts.signal.aborted)
    process.stdout.write(`Interrupted: ${rows.length} of ${hunts.length} bugs were tried.\n`);
  if (interrupts.signal.aborted) return EXIT.interrupted;
  if (!rows.every(({ found }) => found) || result.unbroken.length > 0) return EXIT.violated;
  return output.complete && rows.every(({ replays }) => replays === true) ? EXIT.holds : EXIT.fault;
}

function huntFor(entry: CataloguedBug, suites: readonly AnySuite[], options: BugsCommandOptions): Hunt {
  const { bug, document } = entry;
  const suite =
    suites.find(({ name }) => name === bug.suite) ??
    document.reject([{ path: ["suite"], message: `expected one of ${suites.map(({ name }) => name).join(", ")}` }]);
  if (bug.profile !== undefined && !Object.hasOwn(suite.profiles, bug.profile))
    document.reject([{ path: ["profile"], message: `expected one of ${Object.keys(suite.profiles).join(", ")}` }]);
  const plan: CampaignPlan = {
    suite: suite.name,
    profile: profileOf(suite, bug.profile ?? options.profile),
    seed: options.seed,
    runs: options.runs ?? RUNS_UNBOUNDED,
    shard: { index: 0, of: 1 },
    ...(bug.focus === undefined ? {} : { focus: bug.focus }),
  };
  const checked = flawsOf(suite, scenarioOf(suite, plan, 0));
  if (checked.kind === "flawed" && bug.focus !== undefined) document.reject(checked.flaws, ["focus"]);
  for (const [i, id] of (bug.properties ?? []).entries())
    if (!suite.properties.some((property) => property.id === id))
      document.reject([{ path: ["properties", i], message: `expected a property of suite ${suite.name}, not ${id}` }]);
  return { entry, suite, plan, inPool: poolWith(entry) };
}

async function hunt(target: Hunt, setting: HuntSetting): Promise<BugResult> {
  const { options, progress, signal } = setting;
  const { plan, entry, inPool } = target;
  const workers = Math.min(options.workers ?? availableParallelism(), plan.runs);
  const pool = new Pool({ workers, suites: options.suites ?? [], ...inPool });
  try {
    progress.begin(`${entry.bug.id}: starting`);
    await pool.load(plan.suite);
    progress.begin(entry.bug.id);
    const started = performance.now();
    const outcome = await runCampaign(pool, plan, {
      bail: true,
      selfCheck: false,
      secondsMax: options.seconds,
      runSecondsMax: Math.max(60, options.seconds),
      signal,
      onBatch: (_, tally) => progress.update(stateOf(tally, options.runs ?? null)),
    });
    return await rowOf(target, setting, pool, outcome, (performance.now() - started) / 1000);
  } finally {
    await pool.close();
  }
}

async function rowOf(
  { entry: { bug }, plan }: Hunt,
  { options, output, progress, signal }: HuntSetting,
  pool: Pool,
  { tally }: CampaignOutcome,
  seconds: number,
): Promise<BugResult> {
  const [found] = tally.violations;
  const runs = tally.sums.runs + tally.faults.length;
  const row = { id: bug.id, title: bug.title, suite: bug.suite, runs, seconds };
  const [fault] = tally.faults;
  if (fault !== undefined)
    progress.say(
      `! ${bug.id}: ${counted(tally.faults.length, "run")} ended with an error, first run ${fault.run}: ${fault.message}`,
    );
  if (found === undefined)
    return {
      ...row,
      found: false,
      property: null,
      faults: null,
      operations: null,
      shrinkExecutions: null,
      failureFile: null,
      replays: null,
    };
  progress.begin(`${bug.id}: shrinking`);
  const finish = pool.run("finish", { suite: plan.suite, scenario: found.scenario, shrink: options.shrink });
  const finished = await unlessAborted(finish, signal);
  const { scenario, hash } = finished ?? found;
  const file = join(options.reports, "bugs", `${bug.id}.json`);
  const origin = { seed: plan.seed, profile: plan.profile.name, run: found.run };
  const failure = failureOf(
    { suite: bug.suite, bug: bug.id, origin, ...found },
    finished,
    replayCommand(file, options.suites ?? []),
  );
  const saved = output.writeFailure(file, failure);
  const again = await unlessAborted(pool.run("scenario", { suite: plan.suite, scenario, selfCheck: false }), signal);
  return {
    ...row,
    found: true,
    property: found.violation.property,
    faults: scenario.faults.length,
    operations: scenario.workload.length,
    shrinkExecutions: finished?.shrinking?.executions ?? null,
    failureFile: saved ? shownPath(file) : null,
    replays: again === null ? null : again.hash === hash,
  };
}

/** The properties of the suites that none of the bugs has broken: nothing shows that they can fail. */
function unbroken(hunts: readonly Hunt[], rows: readonly BugResult[]): readonly string[] {
  const broken = new Set(rows.map(({ property }) => property));
  const properties = [...new Set(hunts.map(({ suite }) => suite))].flatMap((suite) => suite.properties);
  return properties.filter(({ id, kind }) => kind !== "sometimes" && !broken.has(id)).map(({ id }) => id);
}

function stateOf({ sums, violations, faults }: Tally, total: number | null) {
  return {
    done: sums.runs + faults.length,
    total,
    events: sums.events,
    virtualSeconds: sums.virtualUs / 1e6,
    violations: violations.length,
    faults: faults.length,
  };
}

function lineOf({ id, found, property, runs, seconds }: BugResult): string {
  return found
    ? `${id}: found by ${property} in run ${runs - 1}, after ${duration(seconds)}`
    : `${id}: NOT FOUND in ${counted(runs, "run")}, ${duration(seconds)}`;
}

function render({ bugs: rows, seed, unbroken }: BugsResult): string {
  const head = ["bug", "found", "by property", "runs", "seconds", "faults", "operations", "replays", "title"];
  const paint = paintFor(process.stdout);
  const cells = rows.map((row) => [
    row.id,
    row.found ? "yes" : "NO",
    row.property ?? "-",
    String(row.runs),
    row.seconds.toFixed(1),
    String(row.faults ?? "-"),
    String(row.operations ?? "-"),
    row.replays === null ? "-" : row.replays ? "yes" : "NO",
    row.title,
  ]);
  const found = rows.filter((row) => row.found).length;
  const closing = `${found} of ${rows.length} bugs found, seed ${seed}. Faults and operations are those left after shrinking.`;
  const missing = rows.filter((row) => !row.found).map(({ id }) => id);
  return [
    table([head, ...cells]),
    "",
    found === rows.length ? paint.good(closing) : paint.bad(closing),
    ...(missing.length > 0
      ? [`Not found: ${missing.join(", ")}. More time: seatrial bugs ${missing.join(" ")} --seconds 600`]
      : []),
    ...(unbroken.length > 0 ? [paint.bad(`No bug was found by: ${unbroken.join(", ")}.`)] : []),
    ...rows
      .slice(0, 1)
      .flatMap(({ failureFile }) =>
        failureFile === null ? [] : [`See one: npx seatrial replay ${failureFile} --tail 40`],
      ),
    "",
  ].join("\n");
}
