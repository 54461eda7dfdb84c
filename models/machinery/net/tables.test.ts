import { describe, expect, test } from "vitest";
import { bitsOf } from "./bits.ts";
import { blockIndexOf, cidrOf, firstAddress } from "./cidr.ts";
import { allocateNext, blockCount, type CidrSet, newCidrSet, occupy, release } from "./cidr-set.ts";

/** Rows of Kubernetes' own tables (Apache-2.0, pkg/controller/nodeipam/ipam/cidrset/cidr_set_test.go), in a short notation. */

const setOf = (cluster: string, prefix: number): CidrSet => newCidrSet(cluster, prefix) as CidrSet;

/** As many blocks as there are, but no more than `most`. */
function given(set: CidrSet, most = Number.POSITIVE_INFINITY): { readonly set: CidrSet; readonly blocks: string[] } {
  const blocks: string[] = [];
  let current = set;
  for (let next = allocateNext(current); next !== null && blocks.length < most; next = allocateNext(current)) {
    blocks.push(next.block);
    current = next.set;
  }
  return { set: current, blocks };
}

const releasedAll = (set: CidrSet, blocks: readonly string[]): CidrSet =>
  blocks.reduce((left, block) => release(left, block)!, set);

test.each(["127.123.234.0/30", "beef:1234::/30"])("TestCIDRSetFullyAllocated: %s", (cluster) => {
  const first = given(setOf(cluster, 30));
  expect(first.blocks).toEqual([cluster]);
  expect(given(release(first.set, cluster)!).blocks).toEqual([cluster]);
});

describe.each(["127.123.234.0/16", "beef:1234::/16"])("%s", (cluster) => {
  const all = given(setOf(cluster, 24));

  test("TestCIDRSet_RandomishAllocation", () => {
    expect(all.blocks).toHaveLength(256);
    expect(given(releasedAll(all.set, all.blocks)).blocks).toEqual(all.blocks);
  });

  test("TestCIDRSet_AllocationOccupied", () => {
    let set = releasedAll(all.set, all.blocks);
    for (const block of [...all.blocks.slice(128), all.blocks[128]!]) set = occupy(set, block)!;
    expect(given(set).blocks).toEqual(all.blocks.slice(0, 128));
  });
});

test("TestDoubleOccupyRelease", () => {
  let set = setOf("10.42.0.0/16", 24);
  for (const [change, block, used] of [
    [occupy, "10.42.5.0/24", 1],
    [occupy, "10.42.9.0/24", 2],
    [occupy, "10.42.8.0/22", 5],
    [occupy, "10.42.9.0/24", 5],
    [release, "10.42.9.0/24", 4],
    [release, "10.42.9.0/24", 4],
    [release, "10.42.4.0/22", 3],
  ] as const) {
    set = change(set, block)!;
    expect(set.used.count).toBe(used);
  }
  expect(given(set).blocks).toHaveLength(256 - 3);
});

test.each([
  ["127.0.0.0/8", 16, "127.0.0.0/16", 0],
  ["be00::/8", 16, "be00::/16", 0],
  ["127.0.0.0/8", 16, "127.123.0.0/16", 123],
  ["be00::/8", 16, "beef::/16", 0xef],
  ["127.0.0.0/8", 16, "127.168.0.0/16", 168],
  ["be00::/8", 16, "be68::/16", 0x68],
  ["127.0.0.0/8", 16, "127.224.0.0/16", 224],
  ["be00::/8", 16, "be24::/16", 0x24],
  ["192.168.0.0/16", 24, "192.168.12.0/24", 12],
  ["beef::/16", 24, "beef:1200::/24", 0x12],
  ["192.168.0.0/16", 24, "192.168.151.0/24", 151],
  ["beef::/16", 24, "beef:9700::/24", 0x97],
  ["192.168.0.0/16", 24, "127.168.224.0/24", -1],
  ["beef::/16", 24, "2001:db00::/24", -1],
])("TestGetBitforCIDR: in %s by /%d, %s", (cluster, prefix, block, expected) => {
  expect(blockIndexOf(cidrOf(cluster), prefix, firstAddress(cidrOf(block)))).toBe(expected);
});

test.each([
  ["127.0.0.0/8", 16, "127.0.0.0/8", 0, 255],
  ["2001:beef:1200::/40", 48, "2001:beef:1200::/40", 0, 255],
  ["127.0.0.0/8", 16, "127.0.0.0/2", 0, 255],
  ["2001:beef:1200::/40", 48, "2001:beef:1234::/34", 0, 255],
  ["127.0.0.0/8", 16, "127.0.0.0/16", 0, 0],
  ["2001:beef:1200::/40", 48, "2001:beef:1200::/48", 0, 0],
  ["127.0.0.0/8", 32, "127.0.0.0/16", 0, 65_535],
  ["2001:beef:1200::/48", 64, "2001:beef:1200::/48", 0, 65_535],
  ["127.0.0.0/7", 16, "127.0.0.0/15", 256, 257],
  ["2001:beef:7f00::/39", 48, "2001:beef:7f00::/47", 256, 257],
  ["127.0.0.0/7", 15, "127.0.0.0/15", 128, 128],
  ["2001:beef:7f00::/39", 47, "2001:beef:7f00::/47", 128, 128],
  ["127.0.0.0/7", 18, "127.0.0.0/15", 1024, 1031],
  ["2001:beef:7f00::/39", 50, "2001:beef:7f00::/47", 1024, 1031],
])("TestOccupy: in %s by /%d, %s", (cluster, prefix, block, from, to) => {
  const used = bitsOf(occupy(setOf(cluster, prefix), block)!.used);
  expect([used[0], used.at(-1), used.length]).toEqual([from, to, to - from + 1]);
});

test.each([
  ["127.0.0.0/8", 32, ["127.0.0.0/32", "127.0.0.1/32"]],
  ["beef:1234::/32", 49, null],
  ["2001:beef:1234:369b::/60", 64, ["2001:beef:1234:3690::/64", "2001:beef:1234:3691::/64"]],
])("TestCIDRSetv6: %s by /%d", (cluster, prefix, expected) => {
  const set = newCidrSet(cluster, prefix);
  expect(typeof set === "string" ? null : given(set, 2).blocks).toEqual(expected);
});

test("Test_getMaxCIDRs", () => {
  expect([blockCount(setOf("10.0.0.0/16", 24)), blockCount(setOf("2001:db8::/48", 64))]).toEqual([256, 65_536]);
});
