/**
 * Addresses of the Internet Protocol, read and written as Go does (net/netip, net.IP.String).
 *
 * An {@link Address} is for arithmetic within a step; states and objects keep addresses as text.
 */
import { assert } from "../../kernel/index.ts";

export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  /** The 32 or 128 bits as one number. */
  readonly bits: bigint;
}

export function bitLength(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** netip.ParseAddr without zones: four decimal fields without leading zeros, or RFC 4291 text. Null: it is none. */
export function parseAddress(text: string): Address | null {
  return text.includes(":") ? parseIPv6(text, false) : parseIPv4(text, false);
}

/** k8s.io/utils/net ParseIPSloppy, Go before 1.17: leading zeros are nothing, `010.0.0.1` is `10.0.0.1`. */
export function parseAddressSloppy(text: string): Address | null {
  return text.includes(":") ? parseIPv6(text, true) : parseIPv4(text, true);
}

/** The address of a text that is known to be one. Throws ModelBug otherwise. */
export function addressOf(text: string): Address {
  const address = parseAddressSloppy(text);
  assert(address !== null, `${text} is no address`);
  return address;
}

function parseIPv4(text: string, sloppy: boolean): Address | null {
  const fields = text.split(".");
  if (fields.length !== 4) return null;
  let bits = 0n;
  for (const field of fields) {
    if (!/^[0-9]+$/.test(field)) return null;
    if (!sloppy && field.length > 1 && field.startsWith("0")) return null;
    const digits = field.replace(/^0+(?=.)/, "");
    if (digits.length > 3 || Number(digits) > 255) return null;
    bits = bits * 256n + BigInt(digits);
  }
  return { family: 4, bits };
}

function parseIPv6(text: string, sloppy: boolean): Address | null {
  const gap = text.indexOf("::");
  if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) return null;
  const head = groupsOf(gap < 0 ? text : text.slice(0, gap), gap < 0, sloppy);
  const tail = gap < 0 ? [] : groupsOf(text.slice(gap + 2), true, sloppy);
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  // "::" stands for one group at least.
  if (gap < 0 ? missing !== 0 : missing < 1) return null;
  let bits = 0n;
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) bits = bits * 65_536n + BigInt(group);
  return { family: 6, bits };
}

/** Groups of up to four hexadecimal digits; at the end of the whole text two of them may be written as IPv4. */
function groupsOf(text: string, isEnd: boolean, sloppy: boolean): readonly number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    if (part.includes(".")) {
      const embedded = isEnd && at === parts.length - 1 ? parseIPv4(part, sloppy) : null;
      if (embedded === null) return null;
      groups.push(Number(embedded.bits >> 16n), Number(embedded.bits & 65_535n));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

/** IPv4 in an IPv6 address: `::ffff:1.2.3.4` (netip.Addr.Is4In6). */
export function isIPv4Mapped({ family, bits }: Address): boolean {
  return family === 6 && bits >> 32n === 0xffffn;
}

/** As the other family's address where one is mapped into it (netip.Addr.Unmap, net.IP.To4). */
export function unmapped(address: Address): Address {
  return isIPv4Mapped(address) ? { family: 4, bits: address.bits & 0xffffffffn } : address;
}

/** Canonical text: netip.Addr.String, RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return formatIPv4(address.bits);
  if (isIPv4Mapped(address)) return `::ffff:${formatIPv4(address.bits & 0xffffffffn)}`;
  const groups = Array.from({ length: 8 }, (_, at) => Number((address.bits >> BigInt(112 - 16 * at)) & 65_535n));
  const { start, length } = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function formatIPv4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join(".");
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (start + length < groups.length && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** The address so much further on; null where the family ends (netip.Addr.Next for one). */
export function addressPlus({ family, bits }: Address, by: number | bigint): Address | null {
  const sum = bits + BigInt(by);
  return sum < 0n || sum >> BigInt(bitLength(family)) !== 0n ? null : { family, bits: sum };
}

/** How far the second is behind the first. */
export function distance(from: Address, to: Address): bigint {
  assert(from.family === to.family, "addresses of two families");
  return to.bits - from.bits;
}

/** Whether two texts are one address. */
export function sameAddress(one: string, other: string): boolean {
  if (one === other) return true;
  const [left, right] = [parseAddressSloppy(one), parseAddressSloppy(other)];
  if (left === null || right === null) return false;
  const [a, b] = [unmapped(left), unmapped(right)];
  return a.family === b.family && a.bits === b.bits;
}
