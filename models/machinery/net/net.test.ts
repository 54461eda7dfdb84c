import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { deepFreeze } from "../../kernel/contract.ts";
import {
  addressPlus,
  allocateNext,
  bitsOf,
  blockAt,
  blockCount,
  blockIndexOf,
  type CidrSet,
  cidrContains,
  cidrFlaws,
  cidrOf,
  firstAddress,
  firstFree,
  formatAddress,
  formatCidr,
  hasBit,
  indexedAddress,
  ipFlaws,
  legacyCidrFlaws,
  legacyIpFlaws,
  NO_BITS,
  newCidrSet,
  occupy,
  parseAddress,
  parseAddressSloppy,
  parseCidr,
  parsePrefix,
  release,
  sameAddress,
  withBit,
  withoutBit,
} from "./index.ts";

const read = (text: string) => {
  const address = parseAddress(text);
  return address === null ? null : formatAddress(address);
};

describe("addresses", () => {
  test.each([
    ["10.0.0.1", "10.0.0.1"],
    ["255.255.255.255", "255.255.255.255"],
    ["2001:DB8::0001", "2001:db8::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:0:2:3:0:0:4", "1::2:3:0:0:4"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::ffff:1.2.3.4", "::ffff:1.2.3.4"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ])("%s is read, and written as %s", (text, canonical) => expect(read(text)).toBe(canonical));

  test.each([
    ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "+1.2.3.4", "1..2.3", "0x1.2.3.4", "a"],
    [":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "1:2:3:4:5:6:7:8::", "fe80::1%eth0"],
    ["::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "::01.2.3.4", "1:2:3:4:5:6:7:1.2.3.4"],
  ])("refused: %s …", (...texts) => {
    for (const text of texts) expect(read(text), text).toBeNull();
  });

  test("the sloppy reading drops leading zeros, and takes no more than that", () => {
    expect(formatAddress(parseAddressSloppy("010.001.0.09")!)).toBe("10.1.0.9");
    expect(parseAddressSloppy("0256.1.1.1")).toBeNull();
    expect(sameAddress("::ffff:10.0.0.1", "010.0.0.1")).toBe(true);
    expect(sameAddress("10.0.0.1", "10.0.0.2")).toBe(false);
  });

  test("the next address carries, and ends with its family", () => {
    expect(formatAddress(addressPlus(parseAddress("10.0.255.255")!, 1)!)).toBe("10.1.0.0");
    expect(addressPlus(parseAddress("255.255.255.255")!, 1)).toBeNull();
    expect(formatAddress(addressPlus(parseAddress("::ffff:ffff:ffff")!, 1)!)).toBe("::1:0:0:0");
  });
});

describe("blocks", () => {
  test("host bits are masked away, and known", () => {
    const { address, cidr } = parseCidr("192.168.5.219/28")!;
    expect([formatAddress(address), formatCidr(cidr)]).toEqual(["192.168.5.219", "192.168.5.208/28"]);
  });

  test("refused", () => {
    for (const text of [
      "10.0.0.0",
      "10.0.0.0/",
      "10.0.0.0/33",
      "10.0.0/8",
      "010.0.0.0/8",
      "::/129",
      "10.0.0.0/-1",
      "/8",
    ])
      expect(parseCidr(text), text).toBeNull();
    expect(parseCidr("10.0.0.0/08")).not.toBeNull();
    expect(parsePrefix("10.0.0.0/08")).toBeNull();
  });

  test("contains", () => {
    const block = cidrOf("10.96.0.0/12");
    expect(cidrContains(block, parseAddress("10.111.255.255")!)).toBe(true);
    expect(cidrContains(block, parseAddress("10.112.0.0")!)).toBe(false);
    expect(cidrContains(block, parseAddress("::ffff:10.96.0.1")!)).toBe(true);
    expect(cidrContains(cidrOf("0.0.0.0/0"), parseAddress("::1")!)).toBe(false);
    expect(indexedAddress(cidrOf("10.0.0.0/30"), 4)).toBeNull();
  });

  test("the API's own words", () => {
    expect(legacyIpFlaws("10.0.0.256")).toEqual(["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]);
    expect(legacyIpFlaws("010.0.0.1")).toEqual(["must not have leading 0s"]);
    expect(legacyIpFlaws("010.0.0.1", false)).toEqual([]);
    expect(legacyIpFlaws("::ffff:1.2.3.4")).toEqual(["must not be an IPv4-mapped IPv6 address"]);
    expect(legacyIpFlaws("2001:DB8::1")).toEqual([]);
    expect(ipFlaws("2001:DB8::1")).toEqual(['must be in canonical form ("2001:db8::1")']);
    expect(legacyCidrFlaws("10.0.0.1/8")).toEqual(["must not have bits set beyond the prefix length"]);
    expect(legacyCidrFlaws("10.0.0.0/08")).toEqual(["must not have leading 0s in IP or prefix length"]);
    expect(cidrFlaws("2001:DB8::/32")).toEqual(['must be in canonical form ("2001:db8::/32")']);
    expect(cidrFlaws("10.0.0.0/33")).toHaveLength(1);
    expect(cidrFlaws("10.0.0.0/8")).toEqual([]);
  });
});

test("sets of numbers", () => {
  let bits = NO_BITS;
  for (const at of [0, 31, 32, 70, 31]) bits = deepFreeze(withBit(bits, at));
  expect(bitsOf(bits)).toEqual([0, 31, 32, 70]);
  expect(bits.count).toBe(4);
  expect(withoutBit(bits, 70).words).toHaveLength(2);
  expect(withoutBit(bits, 1)).toBe(bits);
  expect(hasBit(bits, 1_000)).toBe(false);
  expect(firstFree(bits, 31, 34, 31)).toBe(33);
  expect(firstFree(bits, 31, 33, 32)).toBe(-1);
});

describe("sets of blocks (cidr_set_test.go)", () => {
  const set = (cluster: string, prefix: number) => newCidrSet(cluster, prefix) as CidrSet;

  test("all are given out in order, and then none is left; a released one comes when its turn is", () => {
    let current = set("10.0.0.0/30", 32);
    const given: (string | null)[] = [];
    for (let i = 0; i < 5; i++) {
      const next = allocateNext(current);
      given.push(next?.block ?? null);
      if (next !== null) current = deepFreeze(next.set);
    }
    expect(given).toEqual(["10.0.0.0/32", "10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32", null]);
    current = release(current, "10.0.0.1/32")!;
    expect(allocateNext(current)!.block).toBe("10.0.0.1/32");
  });

  test("next fit: one that is released is not given out again at once", () => {
    const one = allocateNext(set("127.123.0.0/16", 24))!;
    expect(allocateNext(release(one.set, one.block)!)!.block).toBe("127.123.1.0/24");
  });

  test("occupied twice counts once (kubernetes#96416)", () => {
    let current = set("10.0.0.0/30", 31);
    current = occupy(occupy(current, "10.0.0.0/31")!, "10.0.0.0/31")!;
    expect(current.used.count).toBe(1);
    const last = allocateNext(current)!;
    expect(last.block).toBe("10.0.0.2/31");
    expect(allocateNext(last.set)).toBeNull();
  });

  test("blocks of other sizes", () => {
    const cluster = set("127.0.0.0/8", 16);
    expect(bitsOf(occupy(cluster, "127.0.0.0/16")!.used)).toEqual([0]);
    expect(bitsOf(occupy(cluster, "127.123.0.0/15")!.used)).toEqual([122, 123]);
    expect(bitsOf(occupy(cluster, "127.5.7.0/24")!.used)).toEqual([5]);
    expect(occupy(cluster, "126.0.0.0/7")!.used.count).toBe(256);
    expect(occupy(cluster, "128.0.0.0/16")).toBeNull();
    expect(occupy(cluster, "::/16")).toBeNull();
  });

  test("IPv6 has 65,536 blocks at most", () => {
    expect(newCidrSet("2001:db8::/32", 64)).toBe("New CIDR set failed; the node CIDR size is too big");
    expect(blockCount(set("2001:db8::/48", 64))).toBe(65_536);
  });

  test("a block and its place, there and back", () => {
    for (const [cluster, prefix] of [
      ["10.244.0.0/16", 24],
      ["2001:db8::/48", 64],
      ["2001:db8::/56", 72],
    ] as const)
      for (const index of [0, 1, 200, 255])
        expect(
          blockIndexOf(cidrOf(cluster), prefix, firstAddress(blockAt(cidrOf(cluster), prefix, index))),
          `${cluster} ${index}`,
        ).toBe(index);
  });
});

const FILE = fileURLToPath(new URL("../../../../shared/data/kubernetes/cidr_index_to_block.json", import.meta.url));

interface Row {
  readonly name: string;
  readonly clusterCIDR: string;
  readonly maskSize: number;
  readonly index: number;
  readonly expect: { readonly cidr: string };
}

describe.skipIf(!existsSync(FILE))(
  "Kubernetes' own table (TestIndexToCIDRBlock); skipped where it is not there",
  () => {
    const rows = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as { cases: readonly Row[] }).cases : [];
    test.each(rows)("$name", ({ clusterCIDR, maskSize, index, expect: { cidr } }) => {
      expect(formatCidr(blockAt(cidrOf(clusterCIDR), maskSize, index))).toBe(cidr);
    });
  },
);
