/** Blocks of addresses, read and written as Go does (net.ParseCIDR, netip.ParsePrefix). */
import { assert } from "../../kernel/index.ts";
import {
  type Address,
  addressPlus,
  bitLength,
  type Family,
  formatAddress,
  parseAddress,
  parseAddressSloppy,
  unmapped,
} from "./address.ts";

export interface Cidr {
  readonly family: Family;
  /** The first address: bits beyond the prefix are zero. */
  readonly base: bigint;
  readonly prefix: number;
}

/** A block, and the address that it was written with. */
export interface WrittenCidr {
  readonly address: Address;
  readonly cidr: Cidr;
}

/** net.ParseCIDR: host bits may be set, and are masked away in the block. Null: it is none. */
export function parseCidr(text: string): WrittenCidr | null {
  return parse(text, parseAddress);
}

/** k8s.io/utils/net ParseCIDRSloppy: leading zeros in IPv4 fields are nothing. */
export function parseCidrSloppy(text: string): WrittenCidr | null {
  return parse(text, parseAddressSloppy);
}

function parse(text: string, address: (text: string) => Address | null): WrittenCidr | null {
  const slash = text.indexOf("/");
  if (slash < 0) return null;
  const written = address(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (written === null || !/^[0-9]+$/.test(digits)) return null;
  const prefix = Number(digits);
  return prefix > bitLength(written.family) ? null : { address: written, cidr: cidrAround(written, prefix) };
}

/** netip.ParsePrefix: as {@link parseCidr}, but the length has no leading zeros. */
export function parsePrefix(text: string): WrittenCidr | null {
  return /\/0[0-9]/.test(text) ? null : parseCidr(text);
}

/** The block of a text that is known to be one. Throws ModelBug otherwise. */
export function cidrOf(text: string): Cidr {
  const parsed = parseCidrSloppy(text);
  assert(parsed !== null, `${text} is no block of addresses`);
  return parsed.cidr;
}

/** The block of that length with the address in it. */
export function cidrAround({ family, bits }: Address, prefix: number): Cidr {
  const host = BigInt(bitLength(family) - prefix);
  return { family, base: (bits >> host) << host, prefix };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(firstAddress(cidr))}/${cidr.prefix}`;
}

export function firstAddress({ family, base }: Cidr): Address {
  return { family, bits: base };
}

/** netutils.RangeSize, without its upper limit. */
export function cidrSize({ family, prefix }: Cidr): bigint {
  return 1n << BigInt(bitLength(family) - prefix);
}

/** The last address: IPv4's broadcast. */
export function lastAddress(cidr: Cidr): Address {
  return { family: cidr.family, bits: cidr.base + cidrSize(cidr) - 1n };
}

/** net.IPNet.Contains: an IPv4 address mapped into IPv6 counts as IPv4. */
export function cidrContains(cidr: Cidr, written: Address): boolean {
  const address = unmapped(written);
  return address.family === cidr.family && cidrAround(address, cidr.prefix).base === cidr.base;
}

export function cidrsOverlap(one: Cidr, other: Cidr): boolean {
  return cidrContains(one, firstAddress(other)) || cidrContains(other, firstAddress(one));
}

/** The address at a place of a block; null beyond its end (netutils.GetIndexedIP). */
export function indexedAddress(cidr: Cidr, index: number): Address | null {
  const address = addressPlus(firstAddress(cidr), index);
  return address !== null && cidrContains(cidr, address) ? address : null;
}

/** CidrSet.indexToCIDRBlock: the block of a length at a place among those that a larger one is divided into. */
export function blockAt(cluster: Cidr, prefix: number, index: number): Cidr {
  assert(prefix >= cluster.prefix && prefix <= bitLength(cluster.family), `no /${prefix} in ${formatCidr(cluster)}`);
  const shift = BigInt(bitLength(cluster.family) - prefix);
  return { family: cluster.family, base: cluster.base | (BigInt(index) << shift), prefix };
}

/** CidrSet.getIndexForIP: the place of the block with the address in it; -1: it lies outside. */
export function blockIndexOf(cluster: Cidr, prefix: number, address: Address): number {
  if (!cidrContains(cluster, address)) return -1;
  const shift = BigInt(bitLength(cluster.family) - prefix);
  return Number((unmapped(address).bits - cluster.base) >> shift);
}
