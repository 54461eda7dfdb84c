import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { AnySuite } from "../harness/suite.ts";
import { UsageError } from "./exit.ts";
import { didYouMean } from "./nearest.ts";

/** What a module of suites exports. */
interface SuitesModule {
  readonly SUITES?: readonly AnySuite[];
}

const BUILT_IN = new URL("../suites/index.ts", import.meta.url).href;

/**
 * The suites of seatrial, and those that modules of the user's own export as `SUITES`. A suite of the user's takes the
 * place of a built-in one of the same name.
 *
 * @param modules paths of modules, from the current directory
 * @throws UsageError when a module has no suites
 */
export async function loadSuites(modules: readonly string[]): Promise<readonly AnySuite[]> {
  const builtIn = ((await import(BUILT_IN)) as SuitesModule).SUITES ?? [];
  const byName = new Map(builtIn.map((suite) => [suite.name, suite]));
  for (const module of modules) for (const suite of await suitesIn(module)) byName.set(suite.name, suite);
  return [...byName.values()];
}

async function suitesIn(module: string): Promise<readonly AnySuite[]> {
  let loaded: SuitesModule;
  try {
    loaded = (await import(pathToFileURL(resolve(module)).href)) as SuitesModule;
  } catch (error) {
    throw new UsageError(`${module}: cannot be loaded as a module of suites: ${(error as Error).message}`);
  }
  if (!Array.isArray(loaded.SUITES)) throw new UsageError(`${module}: expected an export SUITES, an array of suites`);
  return loaded.SUITES;
}

/** The suites of these names, or all when none is named. */
export function pickSuites(suites: readonly AnySuite[], names: readonly string[]): readonly AnySuite[] {
  return names.length === 0 ? suites : [...new Set(names)].map((name) => suiteNamed(suites, name));
}

/** A suite in which only some of its properties watch; null: all of them. */
export function watchedBy(suite: AnySuite, properties: readonly string[] | null): AnySuite {
  if (properties === null) return suite;
  return { ...suite, properties: suite.properties.filter(({ id }) => properties.includes(id)) };
}

/** The suite of that name. */
export function suiteNamed(suites: readonly AnySuite[], name: string): AnySuite {
  const suite = suites.find((candidate) => candidate.name === name);
  if (suite === undefined) throw new UsageError(unknownSuite(suites, name));
  return suite;
}

/** What to say of a suite that does not exist. */
export function unknownSuite(suites: readonly AnySuite[], name: string): string {
  const names = suites.map((suite) => suite.name);
  return `no suite ${JSON.stringify(name)}${didYouMean(name, names)}: expected one of ${names.join(", ")}`;
}
