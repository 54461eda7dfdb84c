/**
 * Ranges of which addresses and ports are given out: the object in the store, and its bitmap (kubernetes
 * pkg/registry/core/service/allocator/bitmap.go, ipallocator, portallocator).
 */
import { fnv32a } from "../../machinery/hash.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import {
  type Bits,
  bitsOf,
  cidrContains,
  cidrOf,
  cidrSize,
  distance,
  firstAddress,
  firstFree,
  formatAddress,
  formatCidr,
  hasBit,
  indexedAddress,
  NO_BITS,
  parseAddressSloppy,
  unmapped,
  withBit,
  withoutBit,
} from "../../machinery/net/index.ts";
import { bytesFromBase64, bytesToBase64 } from "./bytes.ts";

/** pkg/apis/core RangeAllocation, as it lies in the store: `data` is the bitmap as one number, in bytes and base64. */
export interface RangeAllocation extends KubeObject {
  readonly kind: "RangeAllocation";
  /** `10.96.0.0/12`, `30000-32767`. Empty: not yet initialised. */
  readonly range: string;
  readonly data: string;
}

/** What is given out of: addresses, or ports. `spec` is its name in the store. */
export type RangeSpec =
  | { readonly kind: "ips"; readonly spec: string }
  | { readonly kind: "ports"; readonly spec: string; readonly base: number; readonly size: number };

/** A range with what is given out of it. An immutable value; plain data. */
export interface Range {
  readonly spec: RangeSpec;
  /** Places that can be given out: from 0 up to and without this. */
  readonly size: number;
  /** The first places are given to who asks for one of them, and else only when all others are (KEP-3070). */
  readonly staticBand: number;
  readonly used: Bits;
}

/** ipallocator calculateRangeOffset: min(max(16, n/16), 256); a range smaller than that has no static band. */
export function ipStaticBand(size: number): number {
  return band(size, 16, 256, 16);
}

/** portallocator calculateRangeOffset: min(max(16, n/32), 128). */
export function portStaticBand(size: number): number {
  return band(size, 16, 128, 32);
}

function band(size: number, least: number, most: number, step: number): number {
  if (size < least) return 0;
  return Math.min(Math.max(least, Math.floor(size / step)), most);
}

/** ipallocator New: not the network's own address, and with IPv4 not the broadcast; 65,536 of IPv6 at most. */
export function ipRange(cidr: string): Range {
  const block = cidrOf(cidr);
  const all = block.family === 6 ? 65_536n : 2n ** 32n;
  const whole = cidrSize(block) < all ? cidrSize(block) : all;
  const size = Math.max(0, Number(whole) - (block.family === 4 ? 2 : 1));
  return {
    spec: { kind: "ips", spec: formatCidr(block) },
    size,
    staticBand: ipStaticBand(Number(whole)),
    used: NO_BITS,
  };
}

/** net.ParsePortRange `30000-32767`. Null: it is none. */
export function portRange(text: string): Range | null {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [base, last] = [Number(match[1]), Number(match[2])];
  if (base > last || last > 65_535) return null;
  const size = last - base + 1;
  return {
    spec: { kind: "ports", spec: `${base}-${last}`, base, size },
    size,
    staticBand: portStaticBand(size),
    used: NO_BITS,
  };
}

/** The place of an address or a port; -1: it lies outside. */
export function placeIn({ spec, size }: Range, item: string): number {
  if (spec.kind === "ports") {
    const at = Number(item) - spec.base;
    return at >= 0 && at < size ? at : -1;
  }
  const block = cidrOf(spec.spec);
  const address = parseAddressSloppy(item);
  if (address === null || !cidrContains(block, address)) return -1;
  const at = Number(distance(firstAddress(block), unmapped(address))) - 1;
  return at >= 0 && at < size ? at : -1;
}

/** The address or the port at a place. */
export function itemAt({ spec }: Range, at: number): string {
  return spec.kind === "ports" ? String(spec.base + at) : formatAddress(indexedAddress(cidrOf(spec.spec), at + 1)!);
}

export function isTaken(range: Range, item: string): boolean {
  const at = placeIn(range, item);
  return at >= 0 && hasBit(range.used, at);
}

/** All that is given out, in its order. */
export function takenIn(range: Range): readonly string[] {
  return bitsOf(range.used).map((at) => itemAt(range, at));
}

/** Why an item cannot be had, in the allocator's words. */
export type TakeError = { readonly kind: "outside" | "taken"; readonly message: string };

/** Allocate: this very item. */
export function take(range: Range, item: string): Range | TakeError {
  const at = placeIn(range, item);
  const what = range.spec.kind === "ips" ? "IP" : "port";
  if (at < 0) {
    const plural = range.spec.kind === "ips" ? "IPs" : "ports";
    const message = `provided ${what} is not in the valid range. The range of valid ${plural} is ${range.spec.spec}`;
    return { kind: "outside", message };
  }
  if (hasBit(range.used, at)) return { kind: "taken", message: `provided ${what} is already allocated` };
  return { ...range, used: withBit(range.used, at) };
}

/**
 * AllocateNext (randomScanStrategyWithOffset.AllocateBit): any item, of the static band only when nothing else is left.
 * The real one starts at random; here the start is a hash of `salt`, which the caller makes of who asks.
 */
export function takeNext(range: Range, salt: string): { readonly range: Range; readonly item: string } | null {
  const { used, size, staticBand } = range;
  if (used.count >= size) return null;
  const dynamic = size - staticBand;
  const start = staticBand + (dynamic > 0 ? fnv32a(salt) % dynamic : 0);
  const above = dynamic > 0 ? firstFree(used, staticBand, size, start) : -1;
  const below = staticBand > 0 ? fnv32a(salt) % Math.min(staticBand, size) : 0;
  const at = above >= 0 ? above : firstFree(used, 0, Math.min(staticBand, size), below);
  if (at < 0) return null;
  return { range: { ...range, used: withBit(used, at) }, item: itemAt(range, at) };
}

/** Release: "releasing an unallocated item or one out of the range is a no-op". */
export function give(range: Range, item: string): Range {
  const at = placeIn(range, item);
  if (at < 0) return range;
  const used = withoutBit(range.used, at);
  return used === range.used ? range : { ...range, used };
}

/** Snapshot: the object for the store. Its name is that of the key: `serviceips`, `servicenodeports`. */
export function toObject(range: Range, name: string): RangeAllocation {
  return {
    apiVersion: "v1",
    kind: "RangeAllocation",
    metadata: { name },
    range: range.spec.spec,
    data: bytesToBase64(bytesOf(range.used)),
  };
}

/** Restore. `configured` is this server's own range; null: what is stored is of another ("does not match the current"). */
export function fromObject(object: RangeAllocation | null, configured: Range): Range | null {
  if (object === null || object.range === "") return configured;
  if (object.range !== configured.spec.spec) return null;
  return { ...configured, used: bitsFrom(bytesFromBase64(object.data)) };
}

/** big.Int.Bytes: big-endian, without zeros in front. */
function bytesOf({ words }: Bits): readonly number[] {
  const bytes = words.flatMap((word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]);
  while (bytes.length > 0 && bytes[bytes.length - 1] === 0) bytes.pop();
  return bytes.reverse();
}

function bitsFrom(bytes: readonly number[]): Bits {
  const words: number[] = [];
  let count = 0;
  for (const [at, byte] of bytes.toReversed().entries()) {
    words[at >>> 2] = ((words[at >>> 2] ?? 0) | (byte << (8 * (at & 3)))) >>> 0;
    for (let rest = byte; rest > 0; rest >>>= 1) count += rest & 1;
  }
  while (words.length > 0 && words[words.length - 1] === 0) words.pop();
  return { count, words };
}
