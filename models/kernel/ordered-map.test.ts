import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deepFreeze,
  emptyOrderedMap,
  mapCount,
  mapDelete,
  mapDifference,
  mapEach,
  mapEntries,
  mapFirst,
  mapGet,
  mapHas,
  mapSet,
  type OrderedMap,
  orderedMapFrom,
} from "./index.ts";

type Entries<V> = readonly (readonly [string, V])[];
type MapNode = OrderedMap<unknown>["root"];
type Batch = { readonly kind: "set" | "delete"; readonly start: number; readonly step: number; readonly count: number };

const WIDTH_MIN = 8;
const WIDTH_MAX = 16;
const KEYS = 4_000;

const keyOf = (n: number) => `key-${n % KEYS}`;
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const batches: fc.Arbitrary<readonly Batch[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("set" as const, "delete" as const),
    start: fc.nat({ max: KEYS }),
    step: fc.constantFrom(1, 7, KEYS - 1),
    count: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 2_500 })),
  }),
  { maxLength: 12 },
);
const keys = batches.map((list) => list.flatMap(keysOf).concat(numbers(5).map(keyOf)));
/** Short strings of which many are equal, the empty one and halves of surrogate pairs among them. */
const oddKey = fc.array(fc.constantFrom("a", "b", "/", "\0", "\uffff", "\u{1f600}", "\ud83d"), { maxLength: 3 });

function keysOf({ start, step, count }: Batch): readonly string[] {
  return numbers(count).map((i) => keyOf(start + i * step));
}

function sorted<V>(map: ReadonlyMap<string, V>): Entries<V> {
  return [...map].sort(([one], [two]) => (one < two ? -1 : 1));
}

function entriesBetween<V>(map: OrderedMap<V>, from: string, to: string | null): Entries<V> {
  const found: (readonly [string, V])[] = [];
  mapEach(map, from, to, (value, key) => {
    found.push([key, value]);
  });
  return found;
}

function differenceOf<V>(left: OrderedMap<V>, right: OrderedMap<V>): readonly unknown[] {
  const found: unknown[] = [];
  mapDifference(left, right, (...difference) => found.push(difference));
  return found;
}

function naiveDifference(left: Entries<unknown>, right: Entries<unknown>): readonly unknown[] {
  const [one, two] = [new Map(left), new Map(right)];
  const all = sorted(new Map([...left, ...right])).map(([key]) => key);
  return all.filter((key) => one.get(key) !== two.get(key)).map((key) => [key, one.get(key), two.get(key)]);
}

function nodesOf(node: MapNode): readonly MapNode[] {
  return node.level === 0 ? [node] : [node, ...(node.slots as readonly MapNode[]).flatMap(nodesOf)];
}

/** Says what is wrong with the tree below a node, whose keys ought to be from `low` up to but without `high`. */
function flawsOf(node: MapNode, low: string, high: string | null, isRoot: boolean): readonly string[] {
  const { level, size, slots } = node;
  const flaws: string[] = [];
  const children = level === 0 ? [] : (slots as readonly MapNode[]);
  const leastWidth = !isRoot ? WIDTH_MIN : level === 0 ? 0 : 2;
  if (slots.length < leastWidth || slots.length > WIDTH_MAX) flaws.push(`${slots.length} slots`);
  if (node.keys.length !== slots.length - (level === 0 ? 0 : 1)) flaws.push(`${node.keys.length} keys`);
  if (!node.keys.every((key, i) => (i === 0 ? low <= key : node.keys[i - 1]! < key))) flaws.push("keys out of order");
  if (high !== null && node.keys.some((key) => key >= high)) flaws.push("a key at or after the upper end");
  if (size !== (level === 0 ? slots.length : children.reduce((sum, child) => sum + child.size, 0))) flaws.push("size");
  if (children.some((child) => child.level !== level - 1)) flaws.push("leaves at different depths");
  const bounds = [low, ...node.keys, high];
  return flaws.concat(children.flatMap((child, i) => flawsOf(child, bounds[i]!, bounds[i + 1]!, false)));
}

function expectSound(map: OrderedMap<unknown>): void {
  expect(flawsOf(map.root, "", null, true)).toEqual([]);
  expect(map.size).toBe(map.root.size);
  if (map.root.level > 0) expect(map.size).toBeGreaterThanOrEqual(2 * WIDTH_MIN ** map.root.level);
}

describe("OrderedMap", () => {
  it("does what a sorted array does, and leaves old versions as they were", () => {
    fc.assert(
      fc.property(batches, fc.boolean(), (list, oneByOne) => {
        let map: OrderedMap<number> = deepFreeze(emptyOrderedMap<number>());
        const naive = new Map<string, number>();
        const versions: { readonly map: OrderedMap<number>; readonly entries: Entries<number> }[] = [];
        let value = 0;
        for (const batch of list) {
          for (const key of keysOf(batch)) {
            if (mapGet(map, key) !== naive.get(key) || mapHas(map, key) !== naive.has(key)) expect.fail(key);
            if (batch.kind === "set") {
              map = mapSet(map, key, ++value);
              naive.set(key, value);
            } else {
              map = mapDelete(map, key);
              naive.delete(key);
            }
            if (oneByOne) deepFreeze(map);
          }
          expectSound(deepFreeze(map));
          versions.push({ map, entries: sorted(naive) });
        }
        for (const version of versions) expect(mapEntries(version.map)).toEqual(version.entries);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("becomes empty again, whatever the order of the deletions", () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 7, KEYS - 1), fc.constantFrom(1, 7, KEYS - 1), (up, down) => {
        let map = orderedMapFrom(numbers(KEYS).map((i) => [keyOf(i * up), i]));
        for (let i = 0; i < KEYS; i++) {
          map = mapDelete(map, keyOf(i * down));
          if (i % 97 === 0 || map.size < 40) expectSound(map);
        }
        expect(map).toEqual(emptyOrderedMap());
      }),
      { seed: 1, numRuns: 9 },
    );
  });

  it("finds ranges as a sorted array does", () => {
    fc.assert(
      fc.property(
        keys,
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 30 })), { maxLength: 20 }),
        (some, ranges) => {
          const entries = sorted(new Map(some.map((key, i) => [key, i])));
          const map = deepFreeze(orderedMapFrom(entries));
          for (const [low, high, limit] of ranges) {
            const from = low % 5 === 0 ? "" : keyOf(low);
            const to = high % 5 === 0 ? null : keyOf(high);
            const inRange = entries.filter(([key]) => from <= key && (to === null || key < to));
            expect(entriesBetween(map, from, to)).toEqual(inRange);
            expect(mapCount(map, from, to)).toBe(inRange.length);
            expect(mapFirst(map, from)).toEqual(entries.find(([key]) => from <= key));
            const visited: string[] = [];
            mapEach(map, from, to, (_, key) => visited.push(key) < limit);
            expect(visited).toEqual(inRange.slice(0, Math.max(1, limit)).map(([key]) => key));
          }
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  it("takes any strings as keys, in the order of their code units", () => {
    fc.assert(
      fc.property(fc.array(oddKey, { maxLength: 120 }), oddKey, oddKey, (some, low, high) => {
        const list = some.map((parts, i) => [parts.join(""), i] as const);
        const entries = sorted(new Map(list));
        const map = list.reduce((before, [key, value]) => mapSet(before, key, value), emptyOrderedMap<number>());
        const [from, to] = [low.join(""), high.join("")];
        for (const one of [map, orderedMapFrom(list)]) {
          expectSound(one);
          expect(mapEntries(one)).toEqual(entries);
          expect(entriesBetween(one, from, to)).toEqual(entries.filter(([key]) => from <= key && key < to));
          expect(mapCount(one, from, to)).toBe(entriesBetween(one, from, to).length);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
    const emoji = "\u{1f600}"; // a higher code point than U+FFFF, but a lower first code unit
    expect(mapEntries(orderedMapFrom(["\uffff", emoji].map((key) => [key, 0]))).map(([key]) => key)).toEqual([
      emoji,
      "\uffff",
    ]);
  });

  it("is sound at each size when it is made from entries", () => {
    for (let size = 0; size < 3_000; size += size < 300 ? 1 : 61) {
      const entries = sorted(new Map(numbers(size).map((i) => [keyOf(i), i])));
      const map = orderedMapFrom(entries.toReversed());
      expectSound(map);
      expect(mapEntries(map)).toEqual(entries);
    }
  });

  it("is plain data, and works as before after a JSON round trip", () => {
    fc.assert(
      fc.property(keys, (some) => {
        const map = some.reduce((before, key, i) => mapSet(before, key, i), emptyOrderedMap<number>());
        const copy = JSON.parse(JSON.stringify(map)) as OrderedMap<number>;
        expect(copy).toStrictEqual(map);
        expect(differenceOf(copy, map)).toEqual([]);
        expect(mapSet(copy, keyOf(7), -1)).toEqual(mapSet(map, keyOf(7), -1));
        expect(mapDelete(copy, some[0]!)).toEqual(mapDelete(map, some[0]!));
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it("finds the differences that sorted arrays have", () => {
    const changed = (map: OrderedMap<object>, list: readonly Batch[]) => {
      let result = map;
      for (const batch of list)
        for (const key of keysOf(batch))
          result = batch.kind === "set" ? mapSet(result, key, {}) : mapDelete(result, key);
      return deepFreeze(result);
    };
    fc.assert(
      fc.property(keys, batches, batches, (some, list, otherList) => {
        const base = orderedMapFrom(some.map((key) => [key, {}] as const));
        const one = changed(base, list.slice(0, 4));
        const two = changed(base, otherList.slice(0, 4));
        const rebuilt = orderedMapFrom(mapEntries(one));
        for (const [left, right] of [
          [base, one],
          [one, two],
          [two, rebuilt],
          [one, rebuilt],
          [emptyOrderedMap<object>(), one],
          [one, emptyOrderedMap<object>()],
        ] as const) {
          const found = differenceOf(left, right);
          const naive = naiveDifference(mapEntries(left), mapEntries(right));
          expect(found.length).toBe(naive.length);
          // Not toEqual alone, to which all empty objects are one.
          expect(
            (found as unknown[][]).every((row, i) => row.every((x, j) => x === (naive as unknown[][])[i]![j])),
          ).toBe(true);
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("is the same map when nothing changes", () => {
    const value = {};
    const map = orderedMapFrom(numbers(1_000).map((i) => [keyOf(i), value]));
    expect(mapSet(map, keyOf(500), value)).toBe(map);
    expect(mapDelete(map, keyOf(1_000))).toBe(map);
    expect(mapDelete(emptyOrderedMap(), "")).toBe(emptyOrderedMap());
    expect(differenceOf(map, map)).toEqual([]);
  });

  it("shares with the old map all but the nodes on the way to the change", () => {
    const map = orderedMapFrom(numbers(30_000).map((i) => [`key-${i}`, i]));
    const old = new Set(nodesOf(map.root));
    const height = map.root.level + 1;
    const newNodes = (changed: OrderedMap<number>) => nodesOf(changed.root).filter((node) => !old.has(node)).length;
    for (let i = 0; i < 30_000; i += 1_009) {
      expect(newNodes(mapSet(map, `key-${i}`, -1))).toBe(height);
      expect(newNodes(mapSet(map, `key-${i}+`, -1))).toBeLessThanOrEqual(2 * height);
      expect(newNodes(mapDelete(map, `key-${i}`))).toBeLessThanOrEqual(2 * height);
    }
  });

  it("does not look into shared subtrees for a difference", () => {
    let reads = 0;
    const watched = (node: MapNode): MapNode => {
      const slots = node.level === 0 ? node.slots : (node.slots as readonly MapNode[]).map(watched);
      const get = (target: MapNode, field: keyof MapNode) => {
        if (field === "slots" || field === "keys") reads++;
        return target[field];
      };
      return new Proxy({ ...node, slots } as MapNode, { get } as ProxyHandler<MapNode>);
    };
    const plain = orderedMapFrom(numbers(30_000).map((i) => [`key-${i}`, i]));
    const map = { size: plain.size, root: watched(plain.root) } as OrderedMap<number>;
    for (const changed of [mapSet(map, "key-7", -1), mapSet(map, "key-7+", -1), mapDelete(map, "key-7")]) {
      reads = 0;
      expect(differenceOf(map, changed).length).toBe(1);
      expect(reads).toBeGreaterThan(0);
      expect(reads).toBeLessThan(150); // of some 2,700 nodes
    }
  });
});
