import type { CampaignResult, SuiteResult } from "../harness/result.ts";
import { count, counted, duration, short } from "./format.ts";

const MARKS = { holds: "✅ holds", violated: "❌ violated", unknown: "❓ undecided" } as const;

/** A summary for the page of a CI job. */
export function render(result: CampaignResult): string {
  const lines = [`## seatrial: ${MARKS[result.verdict]}`, "", setting(result), ""];
  lines.push("| suite | verdict | runs | virtual time | events | events/s | violated | never reached |");
  lines.push("|---|---|--:|--:|--:|--:|--:|--:|");
  for (const suite of result.suites) lines.push(suiteRow(suite));
  for (const suite of result.suites) {
    for (const violation of suite.violations) lines.push("", ...violationPart(violation));
    const missed = Object.keys(suite.reached).filter((id) => suite.reached[id] === 0);
    if (missed.length > 0 && suite.runs > 0)
      lines.push("", `**${suite.suite}: never reached:** ${missed.map(code).join(", ")}`);
    if (suite.unknown.length > 0)
      lines.push(
        "",
        `**${suite.suite}: ${suite.unknown.length} undecided**, for instance: ${cell(suite.unknown[0]!.reason)}`,
      );
  }
  for (const { suite, run, seed, message } of result.faults)
    lines.push(
      "",
      `**Fault of seatrial or a model** in ${suite}, ${run === null ? "corpus" : `run ${run} (scenario seed ${seed})`}:`,
      ...fenced(message),
    );
  return `${lines.join("\n")}\n`;
}

function setting({
  profile,
  seed,
  shard,
  workers,
  wallSeconds,
  stoppedBy,
  suites,
  hash,
  seatrial,
  node,
}: CampaignResult): string {
  return [
    `Profile ${profile}, seed ${seed}`,
    ...(shard.of > 1 ? [`part ${shard.index + 1} of ${shard.of}`] : []),
    `${counted(workers, "worker")}, ${duration(wallSeconds)}`,
    ...(stoppedBy === null ? [] : [`stopped early (${stoppedBy})`]),
    ...(suites.some(({ runs }) => runs > 0) ? [`hash ${code(hash)}`] : []),
    `seatrial ${seatrial}, Node.js ${node}`,
  ].join("; ");
}

function suiteRow(suite: SuiteResult): string {
  const missed = Object.values(suite.reached).filter((runs) => runs === 0).length;
  const runs = suite.corpus > 0 ? `${count(suite.runs)} + ${suite.corpus}` : count(suite.runs);
  const cells = [
    suite.suite,
    MARKS[suite.verdict],
    runs,
    duration(suite.virtualSeconds),
    short(suite.events),
    short(suite.eventsPerSecond),
    String(suite.violations.length),
    `${missed} of ${Object.keys(suite.reached).length}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function violationPart(violation: SuiteResult["violations"][number]): string[] {
  const { property, explanation, run, occurrences, actionsBefore, actionsAfter, replay, scenarioFile } = violation;
  const where = run === null ? "by a file of the corpus" : `in ${counted(occurrences, "run")}, first in run ${run}`;
  return [
    `### ❌ ${code(property)}`,
    "",
    `Violated ${where}: ${cell(explanation)}`,
    ...(violation.shrinkExecutions > 0
      ? ["", `Shrunk from ${actionsBefore} to ${actionsAfter} faults and operations.`]
      : []),
    ...(scenarioFile === null ? [] : ["", `Failure file: ${code(scenarioFile)}`]),
    ...(replay === null ? [] : ["", ...fenced(replay)]),
  ];
}

function fenced(text: string): string[] {
  return ["```", text.replaceAll("```", "'''"), "```"];
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

/** Text that stays in its line and its cell, and is no markup. */
function cell(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/([\\`*_<>|[\]#])/g, "\\$1");
}
