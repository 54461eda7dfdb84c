/**
 * A persistent map: immutable, from string keys to values, ordered by key; a change shares structure with the old map.
 *
 * Keys are ordered by `<` on strings, that is by UTF-16 code units, not by code points or by a locale.
 *
 * A B+ tree: values are in the leaves alone, and all leaves are at one depth. Plain data: objects, arrays, strings and
 * numbers, so that it survives a JSON round trip and a deep freeze, provided that the values do (undefined does not).
 * A new value for an old key copies one array of slots a level and shares the arrays of keys.
 *
 * Gotcha: the shape of a tree depends on its history. Maps of the same entries need not be deeply equal: compare them
 * with `mapDifference`, or their entries.
 */
export interface OrderedMap<V> {
  readonly size: number;
  readonly root: Node<V>;
}

/** All nodes are literals of the same fields in the same order, so that code that reads them sees one hidden class. */
type Node<V> = Leaf<V> | Inner<V>;

interface Leaf<V> {
  readonly level: 0;
  readonly size: number;
  readonly keys: readonly string[];
  /** The values of the keys. */
  readonly slots: readonly V[];
}

interface Inner<V> {
  /** The levels below this one. */
  readonly level: number;
  /** The entries below this node. */
  readonly size: number;
  /** One less than the children: below `slots[i]` are the keys from `keys[i - 1]` up to but without `keys[i]`. */
  readonly keys: readonly string[];
  readonly slots: readonly Node<V>[];
}

/** Stops the visit when it returns false. */
// biome-ignore lint/suspicious/noConfusingVoidType: a visitor that never stops need not return anything.
type EntryVisitor<V> = (value: V, key: string) => boolean | void;

type DifferenceVisitor<V> = (key: string, left: V | undefined, right: V | undefined) => void;

/** The most slots of a node. */
const WIDTH_MAX = 16;
/** The fewest slots of a node that is not the root. An inner root has two at least. */
const WIDTH_MIN = WIDTH_MAX / 2;
/** What `orderedMapFrom` puts into a node: not all it can hold, or the next new key would split it. */
const WIDTH_BUILT = (WIDTH_MAX * 3) / 4;

const EMPTY: OrderedMap<never> = Object.freeze({ size: 0, root: leafOf<never>([], []) });

/** The map without entries. */
export function emptyOrderedMap<V>(): OrderedMap<V> {
  return EMPTY;
}

/** A map of the entries, which may come in any order. Of entries with the same key the last one stays. */
export function orderedMapFrom<V>(entries: Iterable<readonly [string, V]>): OrderedMap<V> {
  const sorted = sortedEntries([...entries]);
  if (sorted.length === 0) return emptyOrderedMap();
  const keys = chunks(sorted.map(([key]) => key));
  const values = chunks(sorted.map(([, value]) => value));
  let nodes: readonly Node<V>[] = keys.map((keysOfLeaf, i) => leafOf(keysOfLeaf, values[i]!));
  let lowest = keys.map((keysOfLeaf) => keysOfLeaf[0]!);
  for (let level = 1; nodes.length > 1; level++) {
    const keysOfNodes = chunks(lowest);
    nodes = chunks(nodes).map((children, i) => innerOf(level, keysOfNodes[i]!.slice(1), children));
    lowest = keysOfNodes.map((keys) => keys[0]!);
  }
  return mapOf(nodes[0]!);
}

/** The value of `key`, or undefined when the key is not there. */
export function mapGet<V>(map: OrderedMap<V>, key: string): V | undefined {
  const leaf = leafFor(map.root, key);
  const index = lowerBound(leaf.keys, key);
  return index < leaf.keys.length && leaf.keys[index] === key ? leaf.slots[index] : undefined;
}

/** Whether there is an entry for `key`. */
export function mapHas<V>(map: OrderedMap<V>, key: string): boolean {
  const { keys } = leafFor(map.root, key);
  const index = lowerBound(keys, key);
  return index < keys.length && keys[index] === key;
}

/** The map in which `key` has `value`: the same map when it had that very value (===) before. */
export function mapSet<V>(map: OrderedMap<V>, key: string, value: V): OrderedMap<V> {
  const root = nodeWith(map.root, key, value);
  if (root === map.root) return map;
  if (root.slots.length <= WIDTH_MAX) return mapOf(root);
  const middle = root.slots.length >>> 1;
  const halves = [firstSlots(root, middle), lastSlots(root, middle)];
  return mapOf({ level: root.level + 1, size: root.size, keys: [separatorAt(root, middle)], slots: halves });
}

/** The map without `key`: the same map when the key was not there. */
export function mapDelete<V>(map: OrderedMap<V>, key: string): OrderedMap<V> {
  const root = nodeWithout(map.root, key);
  if (root === map.root) return map;
  if (root.size === 0) return emptyOrderedMap();
  return mapOf(!isLeaf(root) && root.slots.length === 1 ? root.slots[0]! : root);
}

/** Calls `visit` for each entry with from <= key < to, in order, until it returns false. `to` null: no upper end. */
export function mapEach<V>(map: OrderedMap<V>, from: string, to: string | null, visit: EntryVisitor<V>): void {
  if (to === null || from < to) eachInNode(map.root, from, to, visit);
}

/** How many entries have from <= key < to. `to` null: no upper end. Costs two descents, whatever the range. */
export function mapCount<V>(map: OrderedMap<V>, from: string, to: string | null): number {
  const end = to === null ? map.size : countBelow(map.root, to);
  return Math.max(0, end - countBelow(map.root, from));
}

/** All entries, in order. */
export function mapEntries<V>(map: OrderedMap<V>): readonly (readonly [string, V])[] {
  const entries: (readonly [string, V])[] = [];
  mapEach(map, "", null, (value, key) => {
    entries.push([key, value]);
  });
  return entries;
}

/** The first entry at or after `from`, or undefined when there is none. */
export function mapFirst<V>(map: OrderedMap<V>, from: string): readonly [string, V] | undefined {
  let node = map.root;
  let next: Node<V> | undefined;
  while (!isLeaf(node)) {
    const index = upperBound(node.keys, from);
    if (index + 1 < node.slots.length) next = node.slots[index + 1];
    node = node.slots[index]!;
  }
  const index = lowerBound(node.keys, from);
  if (index < node.keys.length) return [node.keys[index]!, node.slots[index]!];
  if (next === undefined) return undefined;
  while (!isLeaf(next)) next = next.slots[0]!;
  return [next.keys[0]!, next.slots[0]!];
}

/**
 * Calls `visit` for each key whose value differs (===) or is on one side only, in order, skipping shared subtrees.
 * Undefined stands for the side without the key.
 */
export function mapDifference<V>(left: OrderedMap<V>, right: OrderedMap<V>, visit: DifferenceVisitor<V>): void {
  if (left.root !== right.root) differenceOfNodes(left.root, right.root, visit);
}

function mapOf<V>(root: Node<V>): OrderedMap<V> {
  return { size: root.size, root };
}

function leafOf<V>(keys: readonly string[], values: readonly V[]): Leaf<V> {
  return { level: 0, size: keys.length, keys, slots: values };
}

function innerOf<V>(level: number, keys: readonly string[], children: readonly Node<V>[]): Inner<V> {
  let size = 0;
  for (const child of children) size += child.size;
  return { level, size, keys, slots: children };
}

function isLeaf<V>(node: Node<V>): node is Leaf<V> {
  return node.level === 0;
}

/** How many keys of a sorted list are before `key`: where it is, or belongs. */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many keys are before `key` or equal to it: in an inner node, the slot of the child that may hold `key`. */
function upperBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (key < keys[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

function leafFor<V>(root: Node<V>, key: string): Leaf<V> {
  let node = root;
  while (!isLeaf(node)) node = node.slots[upperBound(node.keys, key)]!;
  return node;
}

function countBelow<V>(root: Node<V>, key: string): number {
  let node = root;
  let count = 0;
  while (!isLeaf(node)) {
    const index = upperBound(node.keys, key);
    for (let i = 0; i < index; i++) count += node.slots[i]!.size;
    node = node.slots[index]!;
  }
  return count + lowerBound(node.keys, key);
}

/** The node with the entry; it may have one slot too many, which is for the caller to split. */
function nodeWith<V>(node: Node<V>, key: string, value: V): Node<V> {
  const { level, size, keys } = node;
  if (isLeaf(node)) {
    const { slots } = node;
    const index = lowerBound(keys, key);
    if (index === keys.length || keys[index] !== key)
      return { level: 0, size: size + 1, keys: inserted(keys, index, key), slots: inserted(slots, index, value) };
    return slots[index] === value ? node : { level: 0, size, keys, slots: replaced(slots, index, value) };
  }
  const { slots } = node;
  const index = upperBound(keys, key);
  const before = slots[index]!;
  const child = nodeWith(before, key, value);
  if (child === before) return node;
  if (child.slots.length > WIDTH_MAX) return withTwo(node, index, child);
  return { level, size: size + child.size - before.size, keys, slots: replaced(slots, index, child) };
}

/** The inner node with the two halves of `child` for the child at `index`. */
function withTwo<V>(node: Inner<V>, index: number, child: Node<V>): Inner<V> {
  const middle = child.slots.length >>> 1;
  const slots = inserted(node.slots, index, firstSlots(child, middle));
  slots[index + 1] = lastSlots(child, middle);
  const size = node.size + child.size - node.slots[index]!.size;
  return { level: node.level, size, keys: inserted(node.keys, index, separatorAt(child, middle)), slots };
}

/** The node without the entry; it may have one slot too few, which is for the caller to fill. */
function nodeWithout<V>(node: Node<V>, key: string): Node<V> {
  const { level, size, keys } = node;
  if (isLeaf(node)) {
    const index = lowerBound(keys, key);
    if (index === keys.length || keys[index] !== key) return node;
    return { level: 0, size: size - 1, keys: removed(keys, index), slots: removed(node.slots, index) };
  }
  const { slots } = node;
  const index = upperBound(keys, key);
  const before = slots[index]!;
  const child = nodeWithout(before, key);
  if (child === before) return node;
  const changed: Inner<V> = { level, size: size - 1, keys, slots: replaced(slots, index, child) };
  return child.slots.length < WIDTH_MIN ? withJoined(changed, Math.max(0, index - 1)) : changed;
}

/** The inner node with the children at `index` and `index + 1` made one, or two of the same width if one cannot hold them. */
function withJoined<V>(node: Inner<V>, index: number): Inner<V> {
  const { level, size, keys, slots } = node;
  const both = joined(slots[index]!, keys[index]!, slots[index + 1]!);
  if (both.slots.length <= WIDTH_MAX)
    return { level, size, keys: removed(keys, index), slots: replaced(removed(slots, index), index, both) };
  const middle = both.slots.length >>> 1;
  const halves = replaced(slots, index, firstSlots(both, middle));
  halves[index + 1] = lastSlots(both, middle);
  return { level, size, keys: replaced(keys, index, separatorAt(both, middle)), slots: halves };
}

/** One node, perhaps too wide, of two neighbours of the same level. */
function joined<V>(left: Node<V>, separator: string, right: Node<V>): Node<V> {
  if (isLeaf(left)) return leafOf(left.keys.concat(right.keys), left.slots.concat((right as Leaf<V>).slots));
  const keys = [...left.keys, separator, ...right.keys];
  return innerOf(left.level, keys, left.slots.concat((right as Inner<V>).slots));
}

function firstSlots<V>(node: Node<V>, count: number): Node<V> {
  if (isLeaf(node)) return leafOf(node.keys.slice(0, count), node.slots.slice(0, count));
  return innerOf(node.level, node.keys.slice(0, count - 1), node.slots.slice(0, count));
}

function lastSlots<V>(node: Node<V>, start: number): Node<V> {
  if (isLeaf(node)) return leafOf(node.keys.slice(start), node.slots.slice(start));
  return innerOf(node.level, node.keys.slice(start), node.slots.slice(start));
}

/** The key that tells the first `slot` slots of the node from the others. */
function separatorAt<V>(node: Node<V>, slot: number): string {
  return node.keys[isLeaf(node) ? slot : slot - 1]!;
}

/** False when the visitor wants no more. The empty string is before all keys, so that it stands for no lower end. */
function eachInNode<V>(node: Node<V>, from: string, to: string | null, visit: EntryVisitor<V>): boolean {
  const { keys } = node;
  if (isLeaf(node)) {
    const { slots } = node;
    const end = to === null ? keys.length : lowerBound(keys, to);
    for (let i = from === "" ? 0 : lowerBound(keys, from); i < end; i++)
      if (visit(slots[i]!, keys[i]!) === false) return false;
    return true;
  }
  const { slots } = node;
  const first = from === "" ? 0 : upperBound(keys, from);
  const last = to === null ? keys.length : upperBound(keys, to);
  for (let i = first; i <= last; i++)
    if (!eachInNode(slots[i]!, i === first ? from : "", i === last ? to : null, visit)) return false;
  return true;
}

/** Of two nodes for the same range of keys. */
function differenceOfNodes<V>(left: Node<V>, right: Node<V>, visit: DifferenceVisitor<V>): void {
  // Where no key came or went the old keys are shared, and equal slots are for equal keys.
  if (left.keys !== right.keys || left.level !== right.level) {
    differenceOfShapes(left, right, visit);
    return;
  }
  for (let i = 0; i < left.slots.length; i++) {
    if (left.slots[i] === right.slots[i]) continue;
    if (isLeaf(left)) visit(left.keys[i]!, left.slots[i], (right as Leaf<V>).slots[i]);
    else differenceOfNodes(left.slots[i]!, (right as Inner<V>).slots[i]!, visit);
  }
}

/**
 * Of two nodes for the same range of keys, however their trees are cut.
 *
 * Each side is a stack of the nodes that are still to be compared, the lowest keys on top. A node on top of both is
 * skipped; else the higher one gives way to its children.
 */
function differenceOfShapes<V>(leftRoot: Node<V>, rightRoot: Node<V>, visit: DifferenceVisitor<V>): void {
  const lefts = [leftRoot];
  const rights = [rightRoot];
  let i = 0; // of the entries of the leaf on top of lefts, how many were compared
  let j = 0;
  while (lefts.length > 0 && rights.length > 0) {
    const left = lefts.at(-1)!;
    const right = rights.at(-1)!;
    if (left === right && i === j) {
      lefts.pop();
      rights.pop();
      i = j = 0;
    } else if (!isLeaf(left) || !isLeaf(right)) {
      if (left.level >= right.level) expandTop(lefts);
      if (right.level >= left.level) expandTop(rights);
    } else {
      while (i < left.size && j < right.size) {
        const leftKey = left.keys[i]!;
        const rightKey = right.keys[j]!;
        if (leftKey < rightKey) visit(leftKey, left.slots[i++], undefined);
        else if (rightKey < leftKey) visit(rightKey, undefined, right.slots[j++]);
        else {
          if (left.slots[i] !== right.slots[j]) visit(leftKey, left.slots[i], right.slots[j]);
          i++;
          j++;
        }
      }
      if (i === left.size) {
        lefts.pop();
        i = 0;
      }
      if (j === right.size) {
        rights.pop();
        j = 0;
      }
    }
  }
  eachOfRest(lefts, i, (key, value) => visit(key, value, undefined));
  eachOfRest(rights, j, (key, value) => visit(key, undefined, value));
}

/** Visits the entries below a stack of nodes but, where a leaf is on top, its first `start` ones. */
function eachOfRest<V>(stack: Node<V>[], start: number, visit: (key: string, value: V) => void): void {
  let from = start === 0 ? "" : stack.at(-1)!.keys[start]!;
  for (; stack.length > 0; from = "") {
    eachInNode(stack.pop()!, from, null, (value, key) => {
      visit(key, value);
    });
  }
}

function expandTop<V>(stack: Node<V>[]): void {
  const node = stack.pop()!;
  if (isLeaf(node)) stack.push(node);
  else for (let i = node.slots.length - 1; i >= 0; i--) stack.push(node.slots[i]!);
}

function replaced<T>(items: readonly T[], index: number, item: T): T[] {
  const copy = items.slice();
  copy[index] = item;
  return copy;
}

function inserted<T>(items: readonly T[], index: number, item: T): T[] {
  const { length } = items;
  const copy = new Array<T>(length + 1);
  for (let i = 0; i < index; i++) copy[i] = items[i]!;
  copy[index] = item;
  for (let i = index; i < length; i++) copy[i + 1] = items[i]!;
  return copy;
}

function removed<T>(items: readonly T[], index: number): T[] {
  const length = items.length - 1;
  const copy = new Array<T>(length);
  for (let i = 0; i < index; i++) copy[i] = items[i]!;
  for (let i = index; i < length; i++) copy[i] = items[i + 1]!;
  return copy;
}

/** The entries in the order of their keys, of each key the last one. */
function sortedEntries<V>(entries: readonly (readonly [string, V])[]): readonly (readonly [string, V])[] {
  if (entries.every(([key], i) => i === 0 || entries[i - 1]![0] < key)) return entries;
  const sorted = entries.toSorted(([one], [two]) => (one < two ? -1 : one > two ? 1 : 0));
  return sorted.filter(([key], i) => i === sorted.length - 1 || sorted[i + 1]![0] !== key);
}

/** The items in runs of nearly the same length, each within the bounds of a node. */
function chunks<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= WIDTH_MAX) return [items];
  const count = Math.ceil(items.length / WIDTH_BUILT);
  const startOf = (chunk: number) => Math.floor((chunk * items.length) / count);
  return Array.from({ length: count }, (_, chunk) => items.slice(startOf(chunk), startOf(chunk + 1)));
}
