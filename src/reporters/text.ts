import type { CampaignResult, SuiteResult } from "../harness/result.ts";
import { count, counted, duration, short, wrapped } from "./format.ts";

/** How parts of a text stand out; each takes a text and gives it back, perhaps in colour. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly faint: (text: string) => string;
}

const same = (text: string) => text;

/** No colour. */
export const PLAIN: Paint = { good: same, bad: same, doubtful: same, faint: same };

const WIDTH = 100;

/** What a campaign did, found, and did not try, for a person at a terminal. */
export function render(result: CampaignResult, paint: Paint = PLAIN): string {
  const parts = result.suites.map((suite) => suitePart(suite, result, paint));
  if (result.faults.length > 0) parts.push(faultsPart(result, paint));
  parts.push(closing(result, paint));
  return `${parts.join("\n\n")}\n`;
}

const VERDICTS = { holds: "HOLDS", violated: "VIOLATED", unknown: "UNDECIDED" } as const;

function painted(verdict: SuiteResult["verdict"], paint: Paint): string {
  const painter = { holds: paint.good, violated: paint.bad, unknown: paint.doubtful }[verdict];
  return painter(VERDICTS[verdict]);
}

function suitePart(suite: SuiteResult, { profile, seed }: CampaignResult, paint: Paint): string {
  const lines = [
    `${suite.suite}: ${painted(suite.verdict, paint)}  ${paint.faint(`profile ${profile}, seed ${seed}`)}`,
  ];
  lines.push(paragraph(whatRan(suite)));
  if (Object.keys(suite.faults).length > 0) lines.push(paragraph(`Trouble that struck: ${counts(suite.faults)}.`));
  lines.push(paragraph(whatWasChecked(suite)));
  if (suite.excused > 0)
    lines.push(
      paragraph(
        `In ${counted(suite.excused, "run")} faults took a quorum for good: safety was checked there, liveness was not asked for.`,
      ),
    );
  const missed = Object.keys(suite.reached).filter((id) => suite.reached[id] === 0);
  // Files are there for one situation each: that they do not reach others is nothing to tell.
  if (missed.length > 0 && suite.runs > 0)
    lines.push(paragraph(paint.doubtful(`Never reached, so not tried by these runs: ${missed.join(", ")}.`)));
  if (suite.mended.length > 0)
    lines.push(
      paragraph(`Earlier failures that hold now: ${suite.mended.join(", ")}. Delete them when they are fixed.`),
    );
  for (const violation of suite.violations) lines.push("", violationPart(violation, suite, paint));
  for (const { run, reason } of suite.unknown.slice(0, 5))
    lines.push(
      paragraph(paint.doubtful(`Undecided: ${run === null ? "a file of the corpus" : `run ${run}`}: ${reason}.`)),
    );
  if (suite.unknown.length > 5) lines.push(paragraph(`... and ${suite.unknown.length - 5} more undecided runs.`));
  return lines.join("\n");
}

function whatRan({ runs, corpus, wallSeconds, virtualSeconds, events, eventsPerSecond }: SuiteResult): string {
  const made = [
    ...(runs > 0 || corpus === 0 ? [counted(runs, "generated run")] : []),
    ...(corpus > 0 ? [counted(corpus, "file of the corpus", "files of the corpus")] : []),
  ].join(" and ");
  const speed = `${counted(events, "event")}, ${short(eventsPerSecond)} a second`;
  return `${made} in ${duration(wallSeconds)}: ${duration(virtualSeconds)} of virtual time (${speed}).`;
}

function whatWasChecked({ properties, reached }: SuiteResult): string {
  const number = (kind: string) => properties.filter((property) => property.kind === kind).length;
  const sometimes = Object.values(reached);
  const reachedCount = sometimes.filter((runs) => runs > 0).length;
  return [
    `Checked: ${counted(number("always"), "property", "properties")} at every step,`,
    `${number("eventually")} after the faults had stopped;`,
    `reached ${reachedCount} of the ${sometimes.length} situations that were to be tried.`,
  ].join(" ");
}

function violationPart(violation: SuiteResult["violations"][number], suite: SuiteResult, paint: Paint): string {
  const { property, explanation, run, occurrences, actionsBefore, actionsAfter } = violation;
  const where = run === null ? "by a file of the corpus" : `first in run ${run}`;
  const lines = [`  ${paint.bad("✗")} ${property}  ${paint.faint(`violated ${times(occurrences)}, ${where}`)}`];
  lines.push(wrapped(explanation, WIDTH, "    "));
  const source = suite.properties.find(({ id }) => id === property)?.source;
  if (source !== undefined) lines.push(paint.faint(wrapped(`Source: ${source}`, WIDTH, "    ")));
  if (violation.shrinkExecutions > 0)
    lines.push(
      `    Shrunk from ${actionsBefore} to ${counted(actionsAfter, "fault or operation", "faults and operations")}, ${count(violation.eventsBefore)} to ${counted(violation.eventsAfter, "event")}, in ${duration(violation.shrinkSeconds)} (${counted(violation.shrinkExecutions, "execution")}).`,
    );
  if (violation.scenarioFile !== null) lines.push(`    Saved: ${violation.scenarioFile}`);
  if (violation.replay !== null) lines.push(`    Again: ${violation.replay} --tail 40`);
  return lines.join("\n");
}

function faultsPart({ faults }: CampaignResult, paint: Paint): string {
  const lines = [
    paint.bad(`${counted(faults.length, "fault")} of seatrial or of a model, not of the system under test:`),
  ];
  for (const { suite, run, seed, message } of faults.slice(0, 5)) {
    const what = run === null ? "file of the corpus" : `run ${run}, scenario seed ${seed}`;
    lines.push(`  ${suite}, ${what}: ${message.replaceAll("\n", "\n  ")}`);
  }
  if (faults.length > 5) lines.push(`  ... and ${faults.length - 5} more.`);
  return lines.join("\n");
}

/** The verdict over all, why there were fewer runs than planned, and what to do next. */
function closing(result: CampaignResult, paint: Paint): string {
  const { verdict, stoppedBy, suites, violations, faults, hash } = result;
  const generated = suites.some(({ runs }) => runs > 0);
  const lines: string[] = [];
  if (stoppedBy === "interrupt") lines.push("Interrupted: what is told here is what was done by then.");
  if (stoppedBy === "time")
    lines.push("Stopped when the time was up: how many runs were made depends on this machine.");
  if (stoppedBy === "bail") lines.push("Stopped at the first violation (--bail).");
  // The hash is over the generated runs: without any it would say nothing, and be the same whatever happened.
  const hashed = generated ? `  ${paint.faint(`hash of all runs ${hash}`)}` : "";
  lines.push(`Verdict: ${painted(verdict, paint)}${hashed}`, "");
  lines.push("What next:");
  if (violations.length > 0) {
    lines.push("  Replay a violation with the command above; --trace shows every event of it.");
    lines.push("  After a fix, run again: failure files are tried first.");
  }
  if (faults.length > 0) lines.push("  A fault is a bug of a model, a property or seatrial.", ...faultReplay(result));
  if (violations.length === 0 && stoppedBy !== "interrupt") {
    if (!generated && suites.some(({ corpus }) => corpus > 0))
      lines.push("  See what happens in a file: npx seatrial replay FILE --trace");
    else if (suites.some(({ reached }) => Object.values(reached).includes(0)))
      lines.push("  More runs reach more: --runs, --profile ci, or --time 10m. Another --seed tries other trouble.");
    else lines.push("  Try more trouble: another --seed, --profile ci, or --time 10m.");
  }
  lines.push("  npx seatrial report shows which rule met which fault.");
  return lines.join("\n");
}

function faultReplay({ faults, seed, profile }: CampaignResult): string[] {
  const first = faults.find(({ run }) => run !== null);
  if (first === undefined) return [];
  return [
    `  See where it strikes: npx seatrial replay --suite ${first.suite} --seed ${seed} --profile ${profile} --run ${first.run} --tail 40`,
  ];
}

function times(occurrences: number): string {
  return occurrences === 1 ? "once" : `in ${count(occurrences)} runs`;
}

function counts(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([name, number]) => `${name} ${count(number)}`)
    .join(", ");
}

function paragraph(text: string): string {
  return wrapped(text, WIDTH, "  ");
}
