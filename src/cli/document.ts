import { readFileSync } from "node:fs";
import { type Document, LineCounter, parseDocument } from "yaml";
import { type Place, placeOf } from "../harness/places.ts";
import { type Flaw, renderPath } from "../harness/schema.ts";
import { UsageError } from "./exit.ts";
import { improve } from "./flaws.ts";

/** A YAML or JSON file: its value, and where in the file each part of the value stands. */
export class SourceDocument {
  readonly file: string;
  readonly value: unknown;
  readonly #text: string;
  #parsed: { readonly document: Document.Parsed; readonly lines: LineCounter } | null = null;

  /**
   * @param file as the user names it
   * @throws UsageError when the text is neither YAML nor JSON
   */
  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
    this.value = this.#fastJson() ?? this.#parse().document.toJS({ maxAliasCount: 100 });
  }

  /** `file:line:column: field: what was expected` for each flaw, in the order of the file. */
  describe(flaws: readonly Flaw[], under: readonly (string | number)[] = []): readonly string[] {
    return flaws
      .map((flaw) => ({ ...improve(flaw, valueAt(this.value, [...under, ...flaw.path])) }))
      .map(({ path, message }) => ({ path: [...under, ...path], message }))
      .map(({ path, message }) => ({ path, message, at: this.#placeOf(path) }))
      .sort((a, b) => a.at.line - b.at.line || a.at.col - b.at.col)
      .map(({ path, message, at }) => {
        const field = path.length === 0 ? "" : `${renderPath(path)}: `;
        return `${this.file}:${at.line}:${at.col}: ${field}${message}`;
      });
  }

  /** @throws UsageError that describes the flaws */
  reject(flaws: readonly Flaw[], under: readonly (string | number)[] = []): never {
    throw new UsageError(...this.describe(flaws, under));
  }

  /** JSON is parsed as such: a failure file is large, and the YAML parser slow. */
  #fastJson(): unknown {
    if (!this.file.endsWith(".json")) return undefined;
    try {
      return JSON.parse(this.#text);
    } catch {
      return undefined;
    }
  }

  #placeOf(path: readonly (string | number)[]): Place {
    const { document, lines } = this.#parse();
    return placeOf(document, lines, path);
  }

  #parse(): { readonly document: Document.Parsed; readonly lines: LineCounter } {
    if (this.#parsed !== null) return this.#parsed;
    const lines = new LineCounter();
    const document = parseDocument(this.#text, { lineCounter: lines, prettyErrors: false });
    if (document.errors.length > 0)
      throw new UsageError(
        ...document.errors.slice(0, 10).map(({ pos, message }) => {
          const { line, col } = lines.linePos(pos[0]);
          return `${this.file}:${line}:${col}: not well-formed: ${message}`;
        }),
      );
    this.#parsed = { document, lines };
    return this.#parsed;
  }
}

/** Reads a YAML or JSON file. Throws UsageError when it cannot be read or parsed. */
export function readDocument(file: string): SourceDocument {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${reasonOf(error)}`);
  }
  return new SourceDocument(file, text);
}

/** Why the file system refused, in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: "there is no such file",
    EISDIR: "it is a directory",
    ENOTDIR: "part of its path is a file, not a directory",
    EEXIST: "a file is in the place of the directory",
    EACCES: "permission denied",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
  };
  return known[code ?? ""] ?? message;
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}
