import { assert } from "../kernel/index.ts";

/**
 * The next address of a block that nobody has: on from the one given out last, and round (CNI plugins
 * ipam/host-local/backend/allocator, RangeIter). Network, gateway (the first) and broadcast are left out.
 *
 * @param last the place in the block of the address given out last; 0: none yet
 * @returns the address and its place, or null when all are taken
 */
export function nextAddress(
  podCIDR: string,
  last: number,
  taken: readonly string[],
): { readonly ip: string; readonly place: number } | null {
  const { base, size } = blockOf(podCIDR);
  const first = 2;
  const count = size - 3;
  for (let i = 0; i < count; i++) {
    const place = first + ((Math.max(last, first - 1) - first + 1 + i) % count);
    const ip = addressAt(base + place);
    if (!taken.includes(ip)) return { ip, place };
  }
  return null;
}

function blockOf(podCIDR: string): { readonly base: number; readonly size: number } {
  const [address = "", bits = ""] = podCIDR.split("/");
  const length = Number(bits);
  assert(length >= 8 && length <= 29, `${podCIDR} is no block of pod addresses`);
  let base = 0;
  for (const part of address.split(".")) base = base * 256 + Number(part);
  return { base, size: 2 ** (32 - length) };
}

function addressAt(number: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
}
