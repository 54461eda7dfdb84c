import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type CampaignResult, CampaignResultSchema } from "../../harness/result.ts";
import { check } from "../../harness/schema.ts";
import { renderCoverage } from "../../reporters/coverage.ts";
import * as json from "../../reporters/json.ts";
import * as junit from "../../reporters/junit.ts";
import * as markdown from "../../reporters/markdown.ts";
import * as text from "../../reporters/text.ts";
import { readDocument, type SourceDocument } from "../document.ts";
import { EXIT, type ExitStatus, UsageError } from "../exit.ts";
import { Output } from "../findings.ts";
import { paintFor } from "../paint.ts";

/** The options of `report`, as commander gives them. */
export interface ReportCommandOptions {
  readonly format: "text" | "json" | "junit" | "markdown";
  readonly out?: string;
  readonly reports: string;
}

/** Renders a result that was written before, and gives the exit status. */
export async function report(file: string | undefined, options: ReportCommandOptions): Promise<ExitStatus> {
  const path = file ?? join(options.reports, "last-run.json");
  if (file === undefined && !existsSync(path))
    throw new UsageError(`${path}: there is no last run yet; seatrial run makes one`);
  const document: SourceDocument = readDocument(path);
  const checked = check(CampaignResultSchema, document.value);
  if (checked.kind === "flawed") return document.reject(checked.flaws);
  const rendered = render(checked.value, options);
  if (options.out === undefined) {
    process.stdout.write(rendered);
    return EXIT.holds;
  }
  return new Output().write(options.out, rendered) ? EXIT.holds : EXIT.fault;
}

function render(result: CampaignResult, { format, out }: ReportCommandOptions): string {
  switch (format) {
    case "json":
      return json.render(result);
    case "junit":
      return junit.render(result);
    case "markdown":
      return markdown.render(result);
    case "text": {
      const paint = out === undefined ? paintFor(process.stdout) : text.PLAIN;
      return `${text.render(result, paint)}\n${renderCoverage(result)}`;
    }
  }
}
