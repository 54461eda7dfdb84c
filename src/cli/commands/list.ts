import process from "node:process";
import type { AnySuite } from "../../harness/suite.ts";
import { counted, table, wrapped } from "../../reporters/format.ts";
import { FAULT_KINDS } from "../../simulator/faults.ts";
import { loadCatalogue } from "../catalogue.ts";
import { namedScenarios, nameOf } from "../corpus.ts";
import { EXIT, type ExitStatus } from "../exit.ts";
import { loadSuites, pickSuites } from "../suites.ts";

/** The options of `list`, as commander gives them. */
export interface ListCommandOptions {
  readonly suites?: readonly string[];
  readonly json?: boolean;
}

/** Prints what there is, and gives the exit status. */
export async function list(names: readonly string[], options: ListCommandOptions): Promise<ExitStatus> {
  const suites = await loadSuites(options.suites ?? []);
  const picked = pickSuites(suites, names);
  const bugs = loadCatalogue().filter(({ bug }) => picked.some(({ name }) => name === bug.suite));
  const inventory = {
    suites: picked.map((suite) => inventoryOf(suites, suite)),
    bugs: bugs.map(({ bug: { id, title, suite, source, violates } }) => ({ id, title, suite, source, violates })),
    faults: [...FAULT_KINDS],
  };
  process.stdout.write(options.json === true ? `${JSON.stringify(inventory, null, 2)}\n` : render(inventory));
  return EXIT.holds;
}

function inventoryOf(suites: readonly AnySuite[], suite: AnySuite) {
  return {
    name: suite.name,
    summary: suite.summary,
    profiles: Object.values(suite.profiles),
    properties: suite.properties.map(({ id, kind, source }) => ({ id, kind, source })),
    scenarios: namedScenarios(suites, suite).map((entry) => ({
      name: nameOf(entry),
      file: entry.file,
      title: entry.scenario.title ?? "",
      expect: entry.scenario.expect?.verdict ?? "holds",
    })),
  };
}

interface Inventory {
  readonly suites: readonly ReturnType<typeof inventoryOf>[];
  readonly bugs: readonly {
    readonly id: string;
    readonly title: string;
    readonly suite: string;
    readonly source: string;
  }[];
  readonly faults: readonly string[];
}

const KINDS = {
  always: "must hold at every step",
  eventually: "must come to hold once the faults have stopped",
  sometimes: "must be reached by some run, or the campaign has not tried it",
} as const;

function render({ suites, bugs, faults }: Inventory): string {
  const lines: string[] = [];
  for (const suite of suites) {
    lines.push(`${suite.name}: ${suite.summary}`, "");
    lines.push(
      "  Profiles:",
      indented(table([["", "runs", "chaos s", "operations", "faults"], ...suite.profiles.map(profileRow)])),
    );
    for (const kind of ["always", "eventually", "sometimes"] as const) {
      const properties = suite.properties.filter((property) => property.kind === kind);
      if (properties.length === 0) continue;
      lines.push("", `  ${kind}: ${KINDS[kind]}`);
      for (const { id, source } of properties) lines.push(`    ${id}`, wrapped(source, 100, "        "));
    }
    if (suite.scenarios.length > 0) lines.push("", `  ${counted(suite.scenarios.length, "named scenario")}:`);
    for (const { file, title, expect } of suite.scenarios)
      lines.push(
        `    ${file}${expect === "holds" ? "" : `  (expected to be ${expect})`}`,
        ...(title === "" ? [] : [`        ${title}`]),
      );
    lines.push("");
  }
  if (bugs.length > 0)
    lines.push(
      "Seeded bugs (seatrial bugs ID):",
      indented(table(bugs.map(({ id, title, source }) => [id, `${title} (${source})`]))),
      "",
    );
  lines.push("Kinds of fault:", wrapped(`${faults.join(", ")}.`, 100, "  "), "");
  return `${lines.join("\n")}`;
}

function profileRow({
  name,
  runs,
  chaosMsMax,
  operationsMax,
  faultsMax,
}: Inventory["suites"][number]["profiles"][number]): string[] {
  return [name, String(runs), String(chaosMsMax / 1000), String(operationsMax), String(faultsMax)];
}

function indented(text: string): string {
  return text.replace(/^/gm, "    ");
}
