import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The top of seatrial's own files. */
export const PROJECT_ROOT = fileURLToPath(new URL("../../", import.meta.url)).replace(/[/\\]$/, "");

/** The version of seatrial. */
export const VERSION: string = JSON.parse(readFileSync(resolve(PROJECT_ROOT, "package.json"), "utf8")).version;

/** The version of Node.js, without its `v`. */
export const NODE_VERSION = process.versions.node;

/** Where scenarios and seeded bugs are looked for: the user's own directory, then seatrial's. */
export function libraryRoots(): readonly string[] {
  return [...new Set([process.cwd(), PROJECT_ROOT])];
}

/** A path as it is shown: from the current directory where that is shorter. */
export function shownPath(path: string): string {
  const absolute = resolve(path);
  const near = relative(process.cwd(), absolute);
  return near === "" ? "." : near.startsWith("..") ? absolute : near;
}
