import { table } from "../../reporters/format.ts";
import type { Paint } from "../../reporters/text.ts";
import type { NodeResult, PodResult } from "./result.ts";

/** Abbreviations that are known from kubectl and the plugins' documentation. */
const SHORT: Readonly<Record<string, string>> = {
  NodeResourcesFit: "Fit",
  NodeResourcesBalancedAllocation: "Balanced",
  PodTopologySpread: "Spread",
};

/** A row for each pod: where it goes, or why it cannot. */
export function renderPods(pods: readonly PodResult[], paint: Paint): string {
  const rows = pods.map(({ namespace, name, priority, node, message, victims, nominatedNode }) => [
    `${namespace}/${name}`,
    String(priority),
    node ?? paint.bad("none"),
    victims.length > 0 ? `${message} On ${nominatedNode}, these must go: ${victims.join(", ")}` : (message ?? ""),
  ]);
  return lines([["POD", "PRIORITY", "NODE", ""], ...rows]);
}

/** What each node answered, and each plugin's score of it: raw, normalised, times its weight. */
export function renderExplanation(pod: PodResult, paint: Paint): string {
  return `\n${pod.namespace}/${pod.name}${heading(pod)}\n${explanation(pod, paint)}`;
}

function heading({ node, qosClass, notScoring }: PodResult): string {
  const quiet = notScoring.length === 0 ? "" : `; with nothing to score by: ${notScoring.join(", ")}`;
  return ` (${qosClass}) ${node === null ? "has no node" : `goes to ${node}`}${quiet}`;
}

function explanation({ nodes, node: chosen }: PodResult, paint: Paint): string {
  const entries = Object.entries(nodes);
  if (entries.length === 0) return "  not tried\n";
  const plugins = Object.keys(entries.find(([, { scores }]) => scores !== null)?.[1].scores ?? {});
  const header = ["", "NODE", "TOTAL", ...plugins.map((plugin) => SHORT[plugin] ?? plugin), "ANSWER"];
  const rows = entries
    .toSorted(([, one], [, two]) => (two.total ?? -1) - (one.total ?? -1))
    .map(([name, result]) => [
      name === chosen ? paint.good("→") : " ",
      name,
      result.total === null ? "" : String(result.total),
      ...plugins.map((plugin) => scoreCell(result, plugin)),
      answerCell(result),
    ]);
  const own = entries.flatMap(([name, { filters }]) => ownAnswers(name, filters));
  return lines([header, ...rows]) + (own.length === 0 ? "" : `\n${lines([["", "NODE", "FILTER", "ANSWER"], ...own])}`);
}

/** `75 × 2 (3)`: normalised, weight, and the raw score where it is another number. */
function scoreCell({ scores }: NodeResult, plugin: string): string {
  const score = scores?.[plugin];
  if (score === undefined) return "";
  const { raw, normalised, weight } = score;
  return `${normalised} × ${weight}${raw === normalised ? "" : ` (${raw})`}`;
}

function answerCell({ status, plugin, reasons }: NodeResult): string {
  return status === "Success" ? "fits" : `${plugin}: ${reasons.join(", ")} [${status}]`;
}

function ownAnswers(name: string, filters: NodeResult["filters"]): readonly (readonly string[])[] {
  return Object.entries(filters ?? {})
    .filter(([, { status }]) => status !== "Success")
    .map(([plugin, { status, reasons }]) => ["", name, plugin, `${reasons.join(", ")} [${status}]`]);
}

function lines(rows: readonly (readonly string[])[]): string {
  return `${table(rows)}\n`;
}
