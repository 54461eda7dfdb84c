import process from "node:process";
import * as Schema from "effect/Schema";
import { BugSchema } from "../../harness/bugs.ts";
import { FailureSchema } from "../../harness/failure.ts";
import { HistoriesResultSchema } from "../../harness/histories.ts";
import { BugsResultSchema, CampaignResultSchema } from "../../harness/result.ts";
import { EXIT, type ExitStatus, UsageError } from "../exit.ts";
import { didYouMean } from "../nearest.ts";
import { loadSuites, suiteNamed } from "../suites.ts";

const SCHEMAS = {
  scenario: null,
  failure: FailureSchema,
  result: CampaignResultSchema,
  bugs: BugsResultSchema,
  bug: BugSchema,
  histories: HistoriesResultSchema,
} as const;

/** Prints the JSON Schema of a kind of file, and gives the exit status. */
export async function schema(
  what: string,
  options: { readonly suite: string; readonly suites?: readonly string[] },
): Promise<ExitStatus> {
  if (!Object.hasOwn(SCHEMAS, what)) {
    const names = Object.keys(SCHEMAS);
    throw new UsageError(
      `no schema ${JSON.stringify(what)}${didYouMean(what, names)}: expected one of ${names.join(", ")}`,
    );
  }
  const known = SCHEMAS[what as keyof typeof SCHEMAS];
  const chosen = known ?? suiteNamed(await loadSuites(options.suites ?? []), options.suite).schema;
  const { schema: body, definitions } = Schema.toJsonSchemaDocument(chosen, { onExcessProperty: "error" });
  const document = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: what === "scenario" ? `A scenario of the suite ${options.suite}` : `seatrial: ${what}`,
    ...body,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  return EXIT.holds;
}
