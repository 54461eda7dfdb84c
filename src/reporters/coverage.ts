import type { CampaignResult, SuiteResult } from "../harness/result.ts";
import { short, table } from "./format.ts";

/**
 * The tables of rule by fault: how often each message was delivered and each rule taken while a kind of fault was on.
 * A dot stands for never: a rule that no run has tried under that fault.
 */
export function renderCoverage({ suites }: CampaignResult): string {
  return suites.map(suiteCoverage).join("\n");
}

function suiteCoverage({ suite, coverage, reached }: SuiteResult): string {
  const { columns, rows, neverTaken } = coverage;
  const used = columns.map((_, column) => Object.values(rows).some((counts) => (counts[column] ?? 0) > 0));
  const shown = columns.flatMap((name, column) => (used[column] ? [{ name, column }] : []));
  const cells = Object.entries(rows).map(([row, counts]) => [
    row,
    ...shown.map(({ column }) => ((counts[column] ?? 0) === 0 ? "·" : short(counts[column]!))),
  ]);
  const lines = [`${suite}: how often each message was delivered and each rule taken, by the fault that was on`, ""];
  if (cells.length === 0) lines.push("  (nothing ran)");
  else lines.push(table([["", ...shown.map(({ name }) => name)], ...cells]));
  lines.push("", `Rules never taken: ${neverTaken.length === 0 ? "none" : neverTaken.join(", ")}`);
  const missed = Object.keys(reached).filter((id) => reached[id] === 0);
  lines.push(`Never reached: ${missed.length === 0 ? "nothing, all of it was reached" : missed.join(", ")}`, "");
  return lines.join("\n");
}
