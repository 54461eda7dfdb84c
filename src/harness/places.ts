import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Node } from "yaml";

/** Where something stands in a file, from 1. */
export interface Place {
  readonly line: number;
  readonly col: number;
}

/** Where the value at a path stands in a YAML document; for a key that is missing, where its parent stands. */
export function placeOf(document: Document.Parsed, lines: LineCounter, path: readonly (string | number)[]): Place {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    const next = childOf(node, key);
    if (next === null) break;
    offset = next.offset;
    node = next.node;
  }
  return placeAt(lines, offset);
}

export function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), col: Math.max(col, 1) };
}

function childOf(
  node: Node | null,
  key: string | number,
): { readonly node: Node | null; readonly offset: number } | null {
  if (isSeq(node)) {
    const item = node.items[Number(key)] as Node | undefined;
    return item === undefined ? null : { node: item, offset: item.range?.[0] ?? 0 };
  }
  if (!isMap(node)) return null;
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key) || String(pair.key.value) !== String(key)) continue;
    const value = pair.value as Node | null;
    // A scalar is pointed at itself, anything larger at its key.
    const offset = isScalar(value) && value.range && value.value !== null ? value.range[0] : pair.key.range![0];
    return { node: value, offset };
  }
  return null;
}
