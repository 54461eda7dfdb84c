import { FAILURE_FORMAT, type Failure, FailureSchema } from "../harness/failure.ts";
import type { Scenario } from "../harness/scenario.ts";
import { check, type Flaw } from "../harness/schema.ts";
import type { AnySuite } from "../harness/suite.ts";
import { readDocument, type SourceDocument } from "./document.ts";
import { withFieldsKnown } from "./fields.ts";
import { withManifests } from "./manifests.ts";
import { didYouMean } from "./nearest.ts";
import { unknownSuite } from "./suites.ts";

/** A scenario and the suite that it is for. */
export interface LoadedScenario {
  readonly kind: "scenario";
  readonly file: string;
  readonly suite: AnySuite;
  readonly scenario: Scenario;
}

/** A failure file and the suite that it is for. */
export interface LoadedFailure {
  readonly kind: "failure";
  readonly file: string;
  readonly suite: AnySuite;
  readonly failure: Failure;
}

/** Reads a scenario file. Throws UsageError that names file, line and field of each flaw. */
export function loadScenario(suites: readonly AnySuite[], file: string): LoadedScenario {
  return scenarioIn(suites, readDocument(file));
}

/** Reads a failure file. Throws UsageError that names file, line and field of each flaw. */
export function loadFailure(suites: readonly AnySuite[], file: string): LoadedFailure {
  return failureIn(suites, readDocument(file));
}

/** Reads a file that is one or the other: a failure file says so by its `format`. */
export function loadEither(suites: readonly AnySuite[], file: string): LoadedScenario | LoadedFailure {
  const document = readDocument(file);
  return "format" in asObject(document.value) ? failureIn(suites, document) : scenarioIn(suites, document);
}

function scenarioIn(suites: readonly AnySuite[], document: SourceDocument): LoadedScenario {
  const suite = suiteOf(suites, document);
  return { kind: "scenario", file: document.file, suite, scenario: checkScenario(suite, document, []) };
}

function failureIn(suites: readonly AnySuite[], document: SourceDocument): LoadedFailure {
  const { format } = asObject(document.value);
  if (format !== FAILURE_FORMAT)
    document.reject([
      {
        path: ["format"],
        message: `expected ${FAILURE_FORMAT}, the format of this seatrial's failure files, not ${JSON.stringify(format)}`,
      },
    ]);
  const checked = check(FailureSchema, document.value);
  if (checked.kind === "flawed") document.reject(checked.flaws);
  const suite = suiteOf(suites, document);
  const scenario = checkScenario(suite, document, ["scenario"]);
  const { original } = checked.value;
  return {
    kind: "failure",
    file: document.file,
    suite,
    failure: {
      ...checked.value,
      scenario,
      original: original === null ? null : { ...original, scenario: original.scenario as Scenario },
    },
  };
}

/** The suite that a file names. */
function suiteOf(suites: readonly AnySuite[], document: SourceDocument): AnySuite {
  const { value } = document;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    document.reject([{ path: [], message: "expected an object with the fields of a scenario or a failure" }]);
  const { suite: name } = asObject(value);
  if (typeof name !== "string")
    document.reject([
      {
        path: ["suite"],
        message: `the name of the suite is missing: expected one of ${suites.map((suite) => suite.name).join(", ")}`,
      },
    ]);
  const suite = suites.find((candidate) => candidate.name === name);
  return suite ?? document.reject([{ path: ["suite"], message: unknownSuite(suites, name) }]);
}

function checkScenario(suite: AnySuite, document: SourceDocument, under: readonly string[]): Scenario {
  const value = under.reduce((at, key) => asObject(at)[key], document.value);
  const flaws = flawsOf(suite, withManifests(suite, document.file, value));
  return flaws.kind === "flawed" ? document.reject(flaws.flaws, under) : flaws.value;
}

/** What is wrong with a scenario of a suite: its fields, or what contradicts itself in them. */
export function flawsOf(
  suite: AnySuite,
  value: unknown,
): { readonly kind: "fits"; readonly value: Scenario } | { readonly kind: "flawed"; readonly flaws: readonly Flaw[] } {
  const checked = check(suite.schema, value);
  if (checked.kind === "flawed")
    return { kind: "flawed", flaws: checked.flaws.map(withFieldsKnown(suite.schema, value)) };
  const scenario = checked.value as Scenario;
  const contradiction =
    suite.contradiction(scenario) ??
    tooLate(scenario) ??
    unknownExpectation(suite, scenario) ??
    idleExpectation(scenario);
  return contradiction === null ? { kind: "fits", value: scenario } : { kind: "flawed", flaws: [contradiction] };
}

/** What is to happen after the chaos would never happen. */
function tooLate({ workload, faults, phases: { chaosMs } }: Scenario): Flaw | null {
  for (const [list, actions] of Object.entries({ workload, faults }))
    for (const [i, { atMs }] of actions.entries())
      if (atMs > chaosMs)
        return {
          path: [list, i, "atMs"],
          message: `expected at most phases.chaosMs, which is ${chaosMs}: all operations and faults belong to the chaos`,
        };
  return null;
}

/** An expectation that contradicts itself. */
function idleExpectation({ expect }: Scenario): Flaw | null {
  if (expect?.property !== undefined && expect.verdict === "holds")
    return { path: ["expect", "property"], message: "expected only beside `verdict: violated`" };
  const both = expect?.notReached.findIndex((id) => expect.reached.includes(id)) ?? -1;
  if (both < 0) return null;
  return { path: ["expect", "notReached", both], message: "expected another than those in `reached`" };
}

/** An expectation that names a property that the suite does not have, and so could never be met. */
function unknownExpectation(suite: AnySuite, { expect }: Scenario): Flaw | null {
  if (expect === undefined) return null;
  const ids = suite.properties.map(({ id }) => id);
  const sometimes = suite.properties.filter(({ kind }) => kind === "sometimes").map(({ id }) => id);
  const wrong = (path: Flaw["path"], id: string, known: readonly string[]): Flaw | null => {
    if (known.includes(id)) return null;
    const hint = didYouMean(id, known);
    // A suite has dozens: all of them hide the one that was meant.
    const which =
      hint === "" ? `: ${known.join(", ")}; not ${id}` : `, not ${id}${hint}; seatrial list ${suite.name} has all`;
    return { path: ["expect", ...path], message: `expected the id of a property of ${suite.name}${which}` };
  };
  if (expect.property !== undefined) {
    const flaw = wrong(["property"], expect.property, ids);
    if (flaw !== null) return flaw;
  }
  for (const list of ["reached", "notReached"] as const)
    for (const [i, id] of expect[list].entries()) {
      const flaw = wrong([list, i], id, sometimes);
      if (flaw !== null) return flaw;
    }
  return null;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
