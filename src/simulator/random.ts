import alea from "seedrandom/lib/alea.js";

/**
 * The key of a stream of random draws. A draw is a mix of the key and a logical address (the message's number on its
 * link, the timer's arming), so that taking away one fault or operation leaves every unrelated draw as it was.
 */
export type StreamKey = number;

/** The key of the stream called `name` under a seed. seedrandom's alea turns the two into 32 bits. */
export function streamKey(seed: string | number, name: string): StreamKey {
  return alea(`${seed}/${name}`).int32();
}

/** 32 bits for an address of a stream, as a signed integer. `salt` tells apart the draws made at one address. */
export function bits(key: StreamKey, address: number, salt: number): number {
  let h = Math.imul(address ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b) ^ key;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39) ^ Math.imul(key, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 16);
}

/** A number in [0, 1) for an address of a stream. */
export function uniform(key: StreamKey, address: number, salt: number): number {
  return (bits(key, address, salt) >>> 0) * 2 ** -32;
}

/** A whole number in [min, max] for an address of a stream. */
export function between(key: StreamKey, address: number, salt: number, min: number, max: number): number {
  return min + Math.floor(uniform(key, address, salt) * (max - min + 1));
}

/**
 * A whole number from a distribution with a heavy tail: half of the draws lie in [0, scale), and each doubling of the
 * value halves what is left, up to `doublingsMax` doublings (a Pareto tail of exponent 1, cut off). Integer arithmetic
 * only, so that it is the same on every machine.
 */
export function heavyTail(key: StreamKey, address: number, salt: number, scale: number, doublingsMax: number): number {
  if (scale <= 0) return 0;
  const h = bits(key, address, salt);
  const doublings = Math.min(Math.clz32(h), doublingsMax);
  const floor = doublings === 0 ? 0 : scale * 2 ** (doublings - 1);
  const width = doublings === 0 ? scale : floor;
  return floor + Math.floor(((h & 0xffff) / 0x10000) * width);
}
