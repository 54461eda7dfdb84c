/** The routes of a node: where the addresses of pods and nodes are. An immutable value; plain data. */
import { emptyOrderedMap, mapDelete, mapGet, mapSet, type OrderedMap } from "../../kernel/index.ts";
import { parseAddressSloppy, unmapped } from "./address.ts";
import { cidrAround, formatCidr, parseCidrSloppy } from "./cidr.ts";

export interface Routes {
  /** By block: the node that has it. */
  readonly byBlock: OrderedMap<string>;
  /** The lengths of the blocks, longest first, and how many there are of each. */
  readonly lengths: readonly { readonly prefix: number; readonly count: number }[];
}

export const NO_ROUTES: Routes = Object.freeze({
  byBlock: emptyOrderedMap<string>(),
  lengths: Object.freeze([]) as readonly [],
});

/** With a route to a node; one of the same block is replaced. What is no block changes nothing. */
export function withRoute(routes: Routes, block: string, node: string): Routes {
  const cidr = parseCidrSloppy(block)?.cidr;
  if (cidr === undefined) return routes;
  const key = formatCidr(cidr);
  const byBlock = mapSet(routes.byBlock, key, node);
  if (byBlock.size === routes.byBlock.size) return { byBlock, lengths: routes.lengths };
  return { byBlock, lengths: counted(routes.lengths, cidr.prefix, 1) };
}

/** Without the route to a node; one that is another node's by now stays. */
export function withoutRoute(routes: Routes, block: string, node: string): Routes {
  const cidr = parseCidrSloppy(block)?.cidr;
  if (cidr === undefined) return routes;
  const key = formatCidr(cidr);
  if (mapGet(routes.byBlock, key) !== node) return routes;
  return { byBlock: mapDelete(routes.byBlock, key), lengths: counted(routes.lengths, cidr.prefix, -1) };
}

function counted(lengths: Routes["lengths"], prefix: number, by: number): Routes["lengths"] {
  const known = lengths.find((one) => one.prefix === prefix);
  const others = lengths.filter((one) => one !== known);
  const count = (known?.count ?? 0) + by;
  return count === 0 ? others : [...others, { prefix, count }].toSorted((one, other) => other.prefix - one.prefix);
}

/** The node that has an address, by the longest block that it is in; null: nobody has. */
export function routeTo(routes: Routes, address: string): string | null {
  const parsed = parseAddressSloppy(address);
  if (parsed === null) return null;
  const plain = unmapped(parsed);
  for (const { prefix } of routes.lengths) {
    if (prefix > (plain.family === 4 ? 32 : 128)) continue;
    const node = mapGet(routes.byBlock, formatCidr(cidrAround(plain, prefix)));
    if (node !== undefined) return node;
  }
  return null;
}
