import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { AnySuite, Given, GivenFile } from "../harness/suite.ts";
import { reasonOf } from "./document.ts";
import { UsageError } from "./exit.ts";
import { shownPath } from "./project.ts";

const MANIFEST = /\.(ya?ml|json)$/;

/**
 * The objects in the manifests below a directory, or in one file.
 *
 * @param warn is told what is odd in them
 * @throws UsageError when there are none, or one is flawed
 */
export function manifestsBelow(suite: AnySuite, path: string, warn: (line: string) => void): readonly unknown[] {
  const { manifests } = suite;
  if (manifests === undefined)
    throw new UsageError(`--manifests: the suite ${suite.name} takes no manifests; seatrial run control-plane does`);
  if (!existsSync(path)) throw new UsageError(`${path}: cannot be read: there is no such file or directory`);
  const names = filesBelow(path);
  if (names.length === 0) throw new UsageError(`${path}: expected a directory with .yaml, .yml or .json files in it`);
  const given = manifests.read(names.map(fileAt));
  const objects = objectsOf(given, warn);
  if (objects.length === 0) throw new UsageError(`${path}: there are no objects in its files`);
  return objects;
}

/**
 * A scenario as its file has it, with the objects of the manifests that it names: files, or directories of them, relative to
 * its own file.
 *
 * @throws UsageError when one cannot be read, or is flawed
 */
export function withManifests(suite: AnySuite, file: string, scenario: unknown): unknown {
  const { manifests } = suite;
  if (manifests === undefined) return scenario;
  return manifests.inline(scenario, (names) => {
    const files = names.flatMap((name) => filesBelow(join(dirname(file), name)));
    return objectsOf(manifests.read(files.map(fileAt)), () => {});
  });
}

function objectsOf({ objects, warnings, flaws }: Given, warn: (line: string) => void): readonly unknown[] {
  for (const warning of warnings) warn(`warning: ${warning}`);
  if (flaws.length > 0) throw new UsageError(...flaws);
  return objects;
}

/** The manifests at a path, in the order of their names; those below it where it is a directory. */
function filesBelow(path: string): readonly string[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => MANIFEST.test(name))
    .sort()
    .map((name) => join(path, name));
}

function fileAt(path: string): GivenFile {
  const shown = shownPath(resolve(path));
  try {
    return { path: shown, text: readFileSync(path, "utf8") };
  } catch (error) {
    throw new UsageError(`${shown}: cannot be read: ${reasonOf(error)}`);
  }
}
