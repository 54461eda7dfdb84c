import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  append,
  appendAll,
  at,
  deepFreeze,
  drop,
  emptyVector,
  firstDifference,
  slice,
  take,
  type Vector,
  vectorFrom,
} from "./index.ts";

type Operation =
  | { readonly kind: "append"; readonly count: number }
  | { readonly kind: "take" | "drop"; readonly part: number }
  | { readonly kind: "slice"; readonly from: number; readonly to: number };

const share = fc.double({ min: -0.1, max: 1.1, noNaN: true });
const operations: fc.Arbitrary<readonly Operation[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("append" as const), count: fc.nat({ max: 700 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("take" as const, "drop" as const), part: share }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("slice" as const), from: share, to: share }) },
  ),
  { maxLength: 20 },
);

describe("Vector", () => {
  it("does what an array does, and leaves its arguments as they were", () => {
    fc.assert(
      fc.property(operations, fc.boolean(), (list, oneByOne) => {
        let vector: Vector<number> = deepFreeze(emptyVector<number>());
        let array: readonly number[] = [];
        let next = 0;
        for (const operation of list) {
          const { length } = array;
          if (operation.kind === "append") {
            const items = Array.from({ length: operation.count }, () => next++);
            if (oneByOne) for (const item of items) vector = append(vector, item);
            else vector = appendAll(vector, items);
            array = [...array, ...items];
          } else if (operation.kind === "slice") {
            const from = Math.round(operation.from * length);
            const to = Math.round(operation.to * length);
            expect(slice(vector, from, to)).toEqual(array.slice(Math.max(0, from), Math.max(0, to)));
          } else {
            const count = Math.round(operation.part * length);
            vector = operation.kind === "take" ? take(vector, count) : drop(vector, count);
            array = operation.kind === "take" ? array.slice(0, Math.max(0, count)) : array.slice(Math.max(0, count));
          }
          deepFreeze(vector);
          expect(slice(vector, 0, vector.length)).toEqual(array);
        }
        expect(vector.length).toBe(array.length);
        for (let index = -2; index < array.length + 2; index++) expect(at(vector, index)).toBe(array[index]);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("is plain data, the same however it was made", () => {
    fc.assert(
      fc.property(fc.nat({ max: 5_000 }), (length) => {
        const items = Array.from({ length }, (_, i) => i);
        const vector = vectorFrom(items);
        expect(JSON.parse(JSON.stringify(vector))).toEqual(vector);
        let appended = emptyVector<number>();
        for (const item of items) appended = append(appended, item);
        expect(appended).toEqual(vector);
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it("finds where two vectors that share a start differ first", () => {
    const count = fc.nat({ max: 1500 });
    const some = (length: number) => Array.from({ length }, (_, i) => ({ i }));
    fc.assert(
      fc.property(count, count, count, count, (shared, kept, left, right) => {
        const base = vectorFrom(some(shared));
        const one = appendAll(take(base, kept), some(left));
        const two = appendAll(base, some(right));
        const end = Math.min(one.length, two.length);
        let naive = 0;
        while (naive < end && at(one, naive) === at(two, naive)) naive++;
        expect(firstDifference(one, two)).toBe(naive);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
