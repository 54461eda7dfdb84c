/**
 * A persistent vector: an immutable sequence whose `append` shares structure with the old one.
 *
 * A radix tree of width 16 with the last leaf kept apart (the tail), as in Clojure. Plain data: nested arrays and
 * numbers, so that it survives a JSON round trip and a deep freeze. Append costs a copy of the tail (8 slots in the
 * mean), `at` one look-up for the last 16 elements and log16(n) for the others.
 */
export interface Vector<T> {
  readonly length: number;
  /** Bits of the index above a leaf at the root: 4 for one level of inner nodes. */
  readonly shift: number;
  readonly root: VectorNode<T>;
  /** The last 1 to 16 elements; empty only in an empty vector. */
  readonly tail: readonly T[];
}

type VectorNode<T> = readonly (VectorNode<T> | T)[];

const BITS = 4;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

const EMPTY: Vector<never> = Object.freeze({
  length: 0,
  shift: BITS,
  root: [] as VectorNode<never>,
  tail: [] as readonly never[],
});

/** The vector without elements. */
export function emptyVector<T>(): Vector<T> {
  return EMPTY;
}

/** A vector of the elements of an array. */
export function vectorFrom<T>(items: readonly T[]): Vector<T> {
  return appendAll(emptyVector<T>(), items);
}

/** The element at `index`, or undefined when there is none. */
export function at<T>(vector: Vector<T>, index: number): T | undefined {
  // A read past the end of an array is slow, even if it is only asked whether there is anything.
  if (index < 0 || index >= vector.length) return undefined;
  const tailStart = vector.length - vector.tail.length;
  if (index >= tailStart) return vector.tail[index - tailStart];
  return leafAt(vector, index)[index & MASK];
}

/** The vector with one more element at its end. */
export function append<T>(vector: Vector<T>, item: T): Vector<T> {
  const { length, shift, root, tail } = vector;
  if (tail.length < WIDTH) return { length: length + 1, shift, root, tail: withItem(tail, item) };
  const full = length - WIDTH;
  if (full >>> BITS === 1 << shift) {
    const grown: VectorNode<T> = [root, newPath(shift, tail)];
    return { length: length + 1, shift: shift + BITS, root: grown, tail: [item] };
  }
  return { length: length + 1, shift, root: pushLeaf(root, shift, full, tail), tail: [item] };
}

/** A copy with one more item, of just that capacity: `[...tail, item]` allocates three times as much. */
function withItem<T>(tail: readonly T[], item: T): readonly T[] {
  const { length } = tail;
  const copy = new Array<T>(length + 1);
  for (let i = 0; i < length; i++) copy[i] = tail[i]!;
  copy[length] = item;
  return copy;
}

/** The vector with all `items` at its end. */
export function appendAll<T>(vector: Vector<T>, items: readonly T[]): Vector<T> {
  if (items.length === 0) return vector;
  let result = vector;
  let index = 0;
  while (index < items.length) {
    const room = WIDTH - result.tail.length;
    if (room <= 1 || items.length - index === 1) {
      result = append(result, items[index++]!);
      continue;
    }
    const taken = items.slice(index, index + room);
    index += taken.length;
    result = {
      length: result.length + taken.length,
      shift: result.shift,
      root: result.root,
      tail: result.tail.concat(taken),
    };
  }
  return result;
}

/** The elements from `start` up to but without `end`, as an array. Bounds are clamped to the vector. */
export function slice<T>(vector: Vector<T>, start: number, end: number): readonly T[] {
  const from = Math.max(0, start);
  const to = Math.min(vector.length, end);
  if (from >= to) return [];
  const tailStart = vector.length - vector.tail.length;
  if (from >= tailStart) return vector.tail.slice(from - tailStart, to - tailStart);
  const result: T[] = [];
  for (let index = from; index < to; ) {
    const leaf = index >= tailStart ? vector.tail : leafAt(vector, index);
    const base = index >= tailStart ? tailStart : index & ~MASK;
    const stop = Math.min(to, base + leaf.length);
    for (; index < stop; index++) result.push(leaf[index - base]!);
  }
  return result;
}

/** The first `length` elements. Costs a rebuild of the vector, unless only elements of the tail go. */
export function take<T>(vector: Vector<T>, length: number): Vector<T> {
  if (length >= vector.length) return vector;
  if (length <= 0) return emptyVector();
  const tailStart = vector.length - vector.tail.length;
  if (length > tailStart) return { ...vector, length, tail: vector.tail.slice(0, length - tailStart) };
  return vectorFrom(slice(vector, 0, length));
}

/** All but the first `count` elements. Costs a rebuild of what is left. */
export function drop<T>(vector: Vector<T>, count: number): Vector<T> {
  if (count <= 0) return vector;
  return vectorFrom(slice(vector, count, vector.length));
}

/** The lowest position at which two vectors do not hold the same object, or the length of the shorter. */
export function firstDifference<T>(left: Vector<T>, right: Vector<T>): number {
  if (left === right) return left.length;
  const leftStart = left.length - left.tail.length;
  const rightStart = right.length - right.tail.length;
  const inTrees = Math.min(leftStart, rightStart);
  if (inTrees > 0 && left.root !== right.root) {
    const found = differenceOfTrees(left, right, inTrees);
    if (found < inTrees) return found;
  }
  const end = Math.min(left.length, right.length);
  let index = inTrees;
  if (leftStart === rightStart) {
    const leftTail = left.tail;
    const rightTail = right.tail;
    while (index < end && leftTail[index - inTrees] === rightTail[index - inTrees]) index++;
  } else while (index < end && at(left, index) === at(right, index)) index++;
  return index;
}

function differenceOfTrees<T>(left: Vector<T>, right: Vector<T>, end: number): number {
  let leftNode: unknown = left.root;
  let rightNode: unknown = right.root;
  let shift = left.shift;
  // All that both trees hold is below the first branch of the higher one.
  for (; shift > right.shift; shift -= BITS) leftNode = (leftNode as readonly unknown[])[0];
  for (let other = right.shift; other > shift; other -= BITS) rightNode = (rightNode as readonly unknown[])[0];
  return differenceOfNodes(leftNode as readonly unknown[], rightNode as readonly unknown[], shift, 0, end);
}

function differenceOfNodes(
  left: readonly unknown[],
  right: readonly unknown[],
  shift: number,
  base: number,
  end: number,
): number {
  const width = 2 ** shift;
  for (let slot = 0, start = base; start < end; slot++, start += width) {
    if (left[slot] === right[slot]) continue;
    if (shift === 0) return start;
    const stop = Math.min(end, start + width);
    const found = differenceOfNodes(
      left[slot] as readonly unknown[],
      right[slot] as readonly unknown[],
      shift - BITS,
      start,
      stop,
    );
    if (found < stop) return found;
  }
  return end;
}

function leafAt<T>(vector: Vector<T>, index: number): readonly T[] {
  let node = vector.root;
  for (let level = vector.shift; level > 0; level -= BITS) node = node[(index >>> level) & MASK] as VectorNode<T>;
  return node as readonly T[];
}

function newPath<T>(level: number, leaf: readonly T[]): VectorNode<T> {
  return level === 0 ? leaf : [newPath(level - BITS, leaf)];
}

function pushLeaf<T>(node: VectorNode<T>, level: number, index: number, leaf: readonly T[]): VectorNode<T> {
  const slot = (index >>> level) & MASK;
  const copy = node.slice();
  if (level === BITS) copy[slot] = leaf;
  else {
    const child = node[slot] as VectorNode<T> | undefined;
    copy[slot] = child === undefined ? newPath(level - BITS, leaf) : pushLeaf(child, level - BITS, index, leaf);
  }
  return copy;
}
