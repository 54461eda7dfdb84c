import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { reasonOf } from "./document.ts";
import { UsageError } from "./exit.ts";

/**
 * Makes a directory, and those above it. Throws what the file system says; mkdirSync's `recursive` does not return where
 * it says that a parent is missing that is there, as below /proc.
 */
export function makeDirectory(directory: string): void {
  if (isDirectory(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  try {
    mkdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && isDirectory(directory)) return;
    throw code === "ENOENT" ? new Error(`no directory can be made in ${parent}`) : error;
  }
}

/** Writes a file as a whole or not at all; to what is no file, such as a terminal or a pipe, it just writes. */
export function writeWhole(file: string, text: string): void {
  if (!isReplaceable(file)) {
    writeFileSync(file, text);
    return;
  }
  const part = partOf(file);
  makeDirectory(dirname(file));
  try {
    writeFileSync(part, text);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Where a file is written, until it is whole. */
export function partOf(file: string): string {
  return `${file}.${process.pid}.part`;
}

/**
 * Tries out whether files that options name can be written, before hours of work.
 *
 * @param outputs the files, by their options
 * @throws UsageError that names option and file
 */
export function mustBeWritable(outputs: Readonly<Record<string, string | undefined>>): void {
  const lines: string[] = [];
  for (const [option, file] of Object.entries(outputs)) {
    if (file === undefined) continue;
    try {
      tryOut(file);
    } catch (error) {
      lines.push(`${option} ${file}: cannot be written: ${reasonOf(error)}`);
    }
  }
  if (lines.length > 0) throw new UsageError(...lines);
}

function tryOut(file: string): void {
  if (isDirectory(file)) throw new Error("it is a directory");
  if (!isReplaceable(file)) return;
  makeDirectory(dirname(file));
  const part = partOf(file);
  writeFileSync(part, "");
  rmSync(part);
}

/** Whether another file may take its place: there is none, or an ordinary one. */
export function isReplaceable(file: string): boolean {
  const there = statSync(file, { throwIfNoEntry: false });
  return there === undefined || there.isFile();
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // A part of the path is a file.
    return false;
  }
}
