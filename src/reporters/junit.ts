import type { CampaignResult, SuiteResult } from "../harness/result.ts";

/**
 * JUnit XML for a CI server: a test suite for each suite, a test case for each property. A `sometimes` property that was
 * never reached is a skipped test; runs that could not be decided, and faults of seatrial itself, are errors.
 */
export function render(result: CampaignResult): string {
  const suites = result.suites.map((suite) => suiteElement(suite, result));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="seatrial">',
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

interface Case {
  readonly name: string;
  /** What is inside of the test case; empty when it passed. */
  readonly outcome: "" | "failure" | "error" | "skipped";
  readonly element: string;
}

function suiteElement(suite: SuiteResult, { faults, seed, profile, hash }: CampaignResult): string {
  const known = new Set(suite.properties.map(({ id }) => id));
  const cases: Case[] = [
    ...suite.properties.map(({ id, kind }) => propertyCase(suite, id, kind)),
    ...suite.violations.filter(({ property }) => !known.has(property)).map((violation) => violationCase(violation)),
    ...undecidedCases(suite),
    ...faults.filter((fault) => fault.suite === suite.suite).map(faultCase),
  ];
  const number = (outcome: Case["outcome"]) => cases.filter((each) => each.outcome === outcome).length;
  const counts = `tests="${cases.length}" failures="${number("failure")}" errors="${number("error")}" skipped="${number("skipped")}"`;
  const time = suite.wallSeconds.toFixed(3);
  const properties = { seed, profile, runs: suite.runs, hash };
  return [
    `  <testsuite name="${escaped(suite.suite)}" ${counts} time="${time}">`,
    "    <properties>",
    ...Object.entries(properties).map(
      ([name, value]) => `      <property name="${name}" value="${escaped(String(value))}"/>`,
    ),
    "    </properties>",
    ...cases.map(({ name, element }) => {
      const head = `    <testcase classname="${escaped(suite.suite)}" name="${escaped(name)}" time="0"`;
      return element === "" ? `${head}/>` : `${head}>\n${element}\n    </testcase>`;
    }),
    "  </testsuite>",
  ].join("\n");
}

function propertyCase(suite: SuiteResult, id: string, kind: string): Case {
  const violation = suite.violations.find(({ property }) => property === id);
  if (violation !== undefined) return violationCase(violation);
  if (kind === "sometimes" && (suite.reached[id] ?? 0) === 0)
    return { name: id, outcome: "skipped", element: '      <skipped message="never reached by these runs"/>' };
  return { name: id, outcome: "", element: "" };
}

function violationCase({
  property,
  explanation,
  run,
  occurrences,
  replay,
  scenarioFile,
}: SuiteResult["violations"][number]): Case {
  const details = [
    explanation,
    `runs that violate it: ${occurrences}${run === null ? "" : `, first ${run}`}`,
    ...(scenarioFile === null ? [] : [`failure file: ${scenarioFile}`]),
    ...(replay === null ? [] : [`replay: ${replay}`]),
  ].join("\n");
  const element = `      <failure message="${escaped(explanation)}" type="${escaped(property)}">${escaped(details)}</failure>`;
  return { name: property, outcome: "failure", element };
}

function undecidedCases({ unknown }: SuiteResult): Case[] {
  if (unknown.length === 0) return [];
  const details = unknown
    .map(({ run, reason }) => `${run === null ? "file of the corpus" : `run ${run}`}: ${reason}`)
    .join("\n");
  const element = `      <error message="${unknown.length} undecided" type="undecided">${escaped(details)}</error>`;
  return [{ name: "undecided runs", outcome: "error", element }];
}

function faultCase({ run, seed, message }: CampaignResult["faults"][number]): Case {
  const name = run === null ? "fault in the corpus" : `fault in run ${run}`;
  const details = run === null ? message : `run ${run}, scenario seed ${seed}\n${message}`;
  const element = `      <error message="${escaped(message.split("\n")[0]!)}" type="fault">${escaped(details)}</error>`;
  return { name, outcome: "error", element };
}

/** For XML text and attributes. Characters that XML does not allow become a replacement character. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
