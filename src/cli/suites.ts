import { existsSync } from "node:fs";
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
 * @param names of built-in suites only these are loaded, where all of them are known: a suite takes a second to load. None:
 *   all.
 * @throws UsageError when a module has no suites
 */
export async function loadSuites(
  modules: readonly string[],
  names: readonly string[] = [],
): Promise<readonly AnySuite[]> {
  const own: AnySuite[] = [];
  for (const module of modules) own.push(...(await suitesIn(module)));
  const wanted = names.filter((name) => !own.some((suite) => suite.name === name));
  const builtIn = (names.length === 0 ? null : await builtInNamed(wanted)) ?? (await allBuiltIn());
  const byName = new Map([...builtIn, ...own].map((suite) => [suite.name, suite]));
  return [...byName.values()];
}

async function allBuiltIn(): Promise<readonly AnySuite[]> {
  return ((await import(BUILT_IN)) as SuitesModule).SUITES ?? [];
}

/** Built-in suites, each in the folder of its name; null when there is one that is not. */
async function builtInNamed(names: readonly string[]): Promise<readonly AnySuite[] | null> {
  const suites: AnySuite[] = [];
  for (const name of names) {
    const file = new URL(`${encodeURIComponent(name)}/suite.ts`, BUILT_IN);
    const exported = existsSync(file) ? Object.values((await import(file.href)) as Record<string, AnySuite>) : [];
    const suite = exported.find((value) => value?.name === name && Array.isArray(value.properties));
    if (suite === undefined) return null;
    suites.push(suite);
  }
  return suites;
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
