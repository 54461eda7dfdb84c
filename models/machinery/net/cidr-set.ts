/** Blocks of a cluster's range that are given out (kubernetes pkg/controller/nodeipam/ipam/cidrset/cidr_set.go). */
import { bitLength } from "./address.ts";
import { type Bits, hasBit, NO_BITS, withBit, withBits, withoutBits } from "./bits.ts";
import {
  blockAt,
  blockIndexOf,
  type Cidr,
  cidrOf,
  cidrsOverlap,
  firstAddress,
  formatCidr,
  lastAddress,
} from "./cidr.ts";

/** Plain data, and immutable. */
export interface CidrSet {
  /** `10.244.0.0/16`. */
  readonly cluster: string;
  /** The length of a node's block. */
  readonly prefix: number;
  readonly used: Bits;
  /** Where the search for the next begins. */
  readonly next: number;
}

/** clusterSubnetMaxDiff: of IPv6, as the bitmap would be too large. */
const IPV6_DIFFERENCE_MAX = 16;

/** NewCIDRSet. A text: why there is none. */
export function newCidrSet(cluster: string, prefix: number): CidrSet | string {
  const { family, prefix: whole } = cidrOf(cluster);
  if (family === 6 && prefix - whole > IPV6_DIFFERENCE_MAX) return "New CIDR set failed; the node CIDR size is too big";
  if (prefix < whole || prefix > bitLength(family)) return `no blocks of /${prefix} in ${cluster}`;
  return { cluster: formatCidr(cidrOf(cluster)), prefix, used: NO_BITS, next: 0 };
}

/** maxCIDRs. */
export function blockCount({ cluster, prefix }: CidrSet): number {
  return 2 ** (prefix - cidrOf(cluster).prefix);
}

/** AllocateNext: on from the one given out last, and round. Null: "there are no remaining CIDRs left to allocate". */
export function allocateNext(set: CidrSet): { readonly set: CidrSet; readonly block: string } | null {
  const count = blockCount(set);
  if (set.used.count === count) return null;
  let candidate = set.next;
  while (hasBit(set.used, candidate)) candidate = (candidate + 1) % count;
  return {
    set: { ...set, used: withBit(set.used, candidate), next: (candidate + 1) % count },
    block: formatCidr(blockAt(cidrOf(set.cluster), set.prefix, candidate)),
  };
}

/** Occupy: "succeeds even if the CIDR range was previously used", and counts nothing twice. Null: it lies outside. */
export function occupy(set: CidrSet, block: string): CidrSet | null {
  return changed(set, block, withBits);
}

/** Release. Null: it lies outside. */
export function release(set: CidrSet, block: string): CidrSet | null {
  return changed(set, block, withoutBits);
}

function changed(set: CidrSet, block: string, change: (bits: Bits, from: number, to: number) => Bits): CidrSet | null {
  const indexes = indexesOf(set, cidrOf(block));
  if (indexes === null) return null;
  const used = change(set.used, ...indexes);
  return used === set.used ? set : { ...set, used };
}

/** getBeginningAndEndIndices: a block may be smaller or larger than those of nodes, and than the cluster's range. */
function indexesOf(set: CidrSet, block: Cidr): readonly [begin: number, end: number] | null {
  const cluster = cidrOf(set.cluster);
  if (block.family !== cluster.family || !cidrsOverlap(cluster, block)) return null;
  if (cluster.prefix >= block.prefix) return [0, blockCount(set) - 1];
  const begin = blockIndexOf(cluster, set.prefix, firstAddress(block));
  const end = blockIndexOf(cluster, set.prefix, lastAddress(block));
  return [begin, end];
}
