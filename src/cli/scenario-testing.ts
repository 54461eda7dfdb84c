/** What holds for every library of named scenarios. For tests only. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runScenario } from "../harness/run.ts";
import type { AnySuite } from "../harness/suite.ts";
import { filesIn, mismatchOf, nameOf } from "./corpus.ts";
import { flawsOf, type LoadedScenario, loadScenario } from "./load.ts";

/**
 * Tests the scenarios of a suite, and the example of it in the README above them.
 *
 * @param folder the folder of the suite's scenarios
 * @returns what finds one of them by its name
 */
export function describeScenarios(suite: AnySuite, folder: string): (name: string) => LoadedScenario {
  const readme = readFileSync(join(folder, "../README.md"), "utf8");
  const scenarios = filesIn(folder, /\.yaml$/).map((file) => loadScenario([suite], file));
  const library = basename(folder);

  describe.each(scenarios.map((entry) => [nameOf(entry), entry] as const))("%s", (name, entry) => {
    const { scenario } = entry;

    test("has a title, says what it expects, and is in the README", () => {
      expect(scenario.title).toBeDefined();
      expect(scenario.expect).toBeDefined();
      expect(readme).toContain(
        name.startsWith("regression-") ? "regression-*.yaml" : `[${name}](${library}/${name}.yaml)`,
      );
    });

    test("runs as it expects, twice in the same way, and all its faults strike", () => {
      const result = runScenario(suite, scenario);
      expect(mismatchOf(entry, result)).toBeNull();
      // An undecided run and one that is excused from liveness are no mismatch, and would show nothing.
      expect(result.verdict.kind).toBe(scenario.expect!.verdict);
      expect(result.excuse).toBeNull();
      expect(Object.values(result.struck).reduce((sum, count) => sum + count, 0)).toBe(scenario.faults.length);
      expect(runScenario(suite, scenario).hash).toBe(result.hash);
    });
  });

  test("the example of the README does as it expects", () => {
    const examples = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, example]) => parse(example!));
    const flaws = flawsOf(
      suite,
      examples.find((example) => example.suite === suite.name),
    );
    if (flaws.kind === "flawed") throw new Error(JSON.stringify(flaws.flaws));
    const entry = { kind: "scenario", file: "README.md", suite, scenario: flaws.value } as const;
    expect(mismatchOf(entry, runScenario(suite, flaws.value))).toBeNull();
  });

  return (name) => scenarios.find((entry) => nameOf(entry) === name)!;
}
