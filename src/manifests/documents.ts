import { type Document, LineCounter, parseAllDocuments, type ScalarTag } from "yaml";
import { type Place, placeAt, placeOf } from "../harness/places.ts";

/** What a field's path is made of: names, and places in lists. */
export type Path = readonly (string | number)[];

/** A document of a file: its value, and where each part of it stands. */
export interface ManifestDocument {
  readonly value: unknown;
  placeOf(path: Path): Place;
}

export interface SyntaxFlaw extends Place {
  readonly message: string;
}

/** As kubectl's parser has it (YAML 1.1 in part): `yes` and `off` are booleans, and `0644` is octal. */
const OLDER_TAGS: readonly ScalarTag[] = [
  {
    identify: () => false,
    default: true,
    tag: "tag:yaml.org,2002:bool",
    test: /^(?:yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF)$/,
    resolve: (text) => /^(?:yes|on)$/i.test(text),
  },
  {
    identify: () => false,
    default: true,
    tag: "tag:yaml.org,2002:int",
    test: /^[-+]?0[0-7]+$/,
    resolve: (text) => Number.parseInt(text, 8),
  },
];

const ALIASES_MAX = 1000;

interface Documents {
  readonly documents: readonly ManifestDocument[];
  readonly flaws: readonly SyntaxFlaw[];
}

/** Reads the documents of a YAML or JSON file. Empty ones are left out. */
export function documentsOf(text: string): Documents {
  return jsonDocument(text) ?? yamlDocuments(text);
}

/**
 * A file that is one JSON object, which may be large. Where its parts stand is only found out when something is said of
 * one. Null where it is anything else, or not well-formed.
 */
function jsonDocument(text: string): Documents | null {
  if (!/^\s*\{/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    let slow: Documents | null = null;
    const placeOf = (path: Path): Place => {
      slow ??= yamlDocuments(text);
      return slow.documents[0]?.placeOf(path) ?? { line: 1, col: 1 };
    };
    return { documents: [{ value, placeOf }], flaws: [] };
  } catch {
    return null;
  }
}

function yamlDocuments(text: string): Documents {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    customTags: (tags) => [...OLDER_TAGS, ...tags],
  });
  const documents: ManifestDocument[] = [];
  const flaws: SyntaxFlaw[] = [];
  for (const document of (Array.isArray(parsed) ? parsed : []) as readonly Document.Parsed[]) {
    for (const { pos, message } of document.errors) flaws.push({ ...placeAt(lines, pos[0]), message });
    if (document.errors.length > 0) continue;
    const read = plainValue(document);
    if (read.kind === "flawed") flaws.push({ ...placeOf(document, lines, []), message: read.message });
    else if (read.value !== null && read.value !== undefined)
      documents.push({ value: read.value, placeOf: (path) => placeOf(document, lines, path) });
  }
  return { documents, flaws };
}

function plainValue(
  document: Document.Parsed,
): { readonly kind: "read"; readonly value: unknown } | { readonly kind: "flawed"; readonly message: string } {
  try {
    return { kind: "read", value: document.toJS({ maxAliasCount: ALIASES_MAX }) };
  } catch (error) {
    // An alias without its anchor, or aliases of aliases without end.
    return { kind: "flawed", message: (error as Error).message };
  }
}

/** The path of a field as the API writes it: `spec.containers[0].image`, `spec.resources.limits[cpu]`. */
export function pathOf(field: string): Path {
  return [...field.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([whole, index]) =>
    index === undefined ? whole : /^[0-9]+$/.test(index) ? Number(index) : index,
  );
}
