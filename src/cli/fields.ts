import * as Schema from "effect/Schema";
import type { Flaw } from "../harness/schema.ts";
import { didYouMean } from "./nearest.ts";

/** As much of a JSON Schema as tells which fields there are. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly unknown[];
}

/** The flaw; where it is a field that there is not, together with the fields that there are. */
export function withFieldsKnown(schema: Schema.Constraint, value: unknown): (flaw: Flaw) => Flaw {
  let root: Node | null = null;
  return (flaw) => {
    if (flaw.message !== "Unknown field") return flaw;
    root ??= Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" }).schema as Node;
    const known = fieldsAt(root, value, flaw.path.slice(0, -1));
    if (known.length === 0) return flaw;
    const hint = didYouMean(String(flaw.path.at(-1)), known);
    return { ...flaw, message: `there is no such field here${hint}: expected one of ${known.join(", ")}` };
  };
}

function fieldsAt(node: Node | undefined, value: unknown, path: Flaw["path"]): readonly string[] {
  if (node === undefined) return [];
  if (node.anyOf !== undefined) {
    const { kind } = (value ?? {}) as { readonly kind?: unknown };
    const meant = node.anyOf.filter(({ properties }) => properties?.["kind"]?.enum?.includes(kind));
    return meant.length === 1 ? fieldsAt(meant[0], value, path) : [];
  }
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(node.properties ?? {});
  const next = typeof key === "number" ? node.items : node.properties?.[key];
  return fieldsAt(next, (value as Readonly<Record<string | number, unknown>>)[key], rest);
}
