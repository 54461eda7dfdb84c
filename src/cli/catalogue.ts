import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { applyEdits, type Bug, BugSchema, EditError } from "../harness/bugs.ts";
import { check } from "../harness/schema.ts";
import { filesIn } from "./corpus.ts";
import { readDocument, type SourceDocument } from "./document.ts";
import { UsageError } from "./exit.ts";
import { didYouMean } from "./nearest.ts";
import { libraryRoots, shownPath } from "./project.ts";

/** A seeded bug as its file tells it. */
export interface CataloguedBug {
  readonly bug: Bug;
  /** The directory from which its edits name files. */
  readonly root: string;
  readonly document: SourceDocument;
}

/** All seeded bugs, in the order of their ids. Throws UsageError when a file is flawed. */
export function loadCatalogue(): readonly CataloguedBug[] {
  const byId = new Map<string, CataloguedBug>();
  for (const root of libraryRoots())
    for (const file of filesIn(join(root, "scenarios", "bugs"), /\.ya?ml$/)) {
      const entry = loadBug(root, shownPath(file));
      if (!byId.has(entry.bug.id)) byId.set(entry.bug.id, entry);
    }
  return [...byId.values()].sort((a, b) => a.bug.id.localeCompare(b.bug.id, "en", { numeric: true }));
}

/** As many can be read in one message. */
const FEW = 20;

/** The bug of that id. Throws UsageError when there is none. */
export function bugNamed(catalogue: readonly CataloguedBug[], id: string): CataloguedBug {
  const entry = catalogue.find(({ bug }) => bug.id.toLowerCase() === id.toLowerCase());
  if (entry !== undefined) return entry;
  const ids = catalogue.map(({ bug }) => bug.id);
  const known =
    ids.length === 0
      ? "there are none in scenarios/bugs"
      : ids.length > FEW
        ? `seatrial list names all ${ids.length}`
        : `expected one of ${ids.join(", ")}`;
  throw new UsageError(`no seeded bug ${JSON.stringify(id)}${didYouMean(id, ids)}: ${known}`);
}

/** Reads the file of one bug. Throws UsageError that names file, line and field of each flaw. */
export function loadBug(root: string, file: string): CataloguedBug {
  const document: SourceDocument = readDocument(file);
  const checked = check(BugSchema, document.value);
  if (checked.kind === "flawed") document.reject(checked.flaws);
  const bug = checked.value;
  const name = (file.split(/[/\\]/).at(-1) ?? "").replace(/\.ya?ml$/, "");
  if (bug.id !== name) document.reject([{ path: ["id"], message: `expected ${name}, as its file is called` }]);
  for (const [i, edit] of bug.edits.entries())
    if (isAbsolute(edit.file) || edit.file.split("/").includes("..") || !existsSync(join(root, edit.file)))
      document.reject([{ path: ["edits", i, "file"], message: `expected a file below ${root}, not ${edit.file}` }]);
  return { bug, root, document };
}

/** What a pool needs to have a bug in it. Throws UsageError when an edit does not apply. */
export function poolWith(entry: CataloguedBug): {
  sources: ReadonlyMap<string, string>;
  properties?: readonly string[];
} {
  const { properties } = entry.bug;
  return { sources: editedSources(entry), ...(properties === undefined ? {} : { properties }) };
}

/**
 * The sources of the files that a bug edits, with its edits, by their URL.
 *
 * @throws UsageError when an edit does not apply
 */
export function editedSources({ bug, root, document }: CataloguedBug): ReadonlyMap<string, string> {
  const files = [...new Set(bug.edits.map(({ file }) => file))];
  return new Map(
    files.map((file) => {
      const path = join(root, file);
      try {
        return [pathToFileURL(path).href, applyEdits(bug, file, readFileSync(path, "utf8"))];
      } catch (error) {
        if (!(error instanceof EditError)) throw error;
        return document.reject([{ path: ["edits"], message: error.message }]);
      }
    }),
  );
}
