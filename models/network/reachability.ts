/** Who has an address now: a pure function of the nodes' blocks and of the sandboxes on them. */
import type { Uid } from "../machinery/kinds/index.ts";
import { cidrContains, cidrsOverlap, parseAddressSloppy, parseCidrSloppy } from "../machinery/net/index.ts";

/** A node as the network knows it. */
export interface NetworkNode {
  readonly name: string;
  readonly podCIDRs: readonly string[];
}

/** A sandbox with an address. */
export interface Holder {
  readonly node: string;
  readonly address: string;
  readonly pod: Uid;
}

/** By address, all that have it: more than one is a fault. */
export function holdersOf(holders: readonly Holder[]): ReadonlyMap<string, readonly Holder[]> {
  const byAddress = new Map<string, Holder[]>();
  for (const holder of holders) {
    if (holder.address === "") continue;
    byAddress.set(holder.address, [...(byAddress.get(holder.address) ?? []), holder]);
  }
  return byAddress;
}

/** The node to which packets for an address are routed; null: to none. Of two with that block the first gets them. */
export function nodeFor(nodes: readonly NetworkNode[], address: string): string | null {
  const parsed = parseAddressSloppy(address);
  if (parsed === null) return null;
  const found = nodes.find(({ podCIDRs }) =>
    podCIDRs.some((block) => {
      const cidr = parseCidrSloppy(block)?.cidr;
      return cidr !== undefined && cidrContains(cidr, parsed);
    }),
  );
  return found?.name ?? null;
}

/** The pod that gets a packet for an address, from a node that reaches those of `reachable`; null: nobody does. */
export function podAt(
  nodes: readonly NetworkNode[],
  holders: readonly Holder[],
  address: string,
  reachable: (node: string) => boolean,
): Holder | null {
  const node = nodeFor(nodes, address);
  if (node === null || !reachable(node)) return null;
  return holders.find((holder) => holder.node === node && holder.address === address) ?? null;
}

/** S43: blocks of two nodes that overlap; null: there are none. */
export function overlap(nodes: readonly NetworkNode[]): readonly [one: string, other: string] | null {
  const blocks = nodes.flatMap(({ name, podCIDRs }) =>
    podCIDRs.flatMap((block) => {
      const cidr = parseCidrSloppy(block)?.cidr;
      return cidr === undefined ? [] : [{ name, cidr }];
    }),
  );
  // Those that overlap are next to each other when they are in the order of their first addresses.
  const sorted = blocks.toSorted((one, other) => (one.cidr.base < other.cidr.base ? -1 : 1));
  for (let at = 1; at < sorted.length; at++) {
    const [one, other] = [sorted[at - 1]!, sorted[at]!];
    if (one.name !== other.name && cidrsOverlap(one.cidr, other.cidr)) return [one.name, other.name];
  }
  return null;
}
