import type { ClientRequest } from "../../models/client/types.ts";
import type { Key, KeyRange, StoreRequest, TxnOp } from "../../models/store/types.ts";

/** The keys that a piece of work of some kind may write. */
function writesOf(body: ClientRequest): readonly KeyRange[] {
  switch (body.kind) {
    case "call":
      return writesOfCall(body.request);
    case "increment":
      return [one(body.key)];
    case "transfer":
      return [one(body.from), one(body.to)];
    case "setAdd":
      return [one(`${body.set}/${body.element}`)];
    case "enqueue":
    case "dequeue":
      return [under(body.queue)];
    case "lock":
      return [under(body.name)];
    case "leaseHold":
      return body.keys.map(one);
    case "setRead":
    case "watch":
    case "compactTo":
      return [];
  }
}

function writesOfCall(request: StoreRequest): readonly KeyRange[] {
  switch (request.kind) {
    case "put":
      return [one(request.key)];
    case "deleteRange":
      return [request];
    case "txn":
      return [...request.success, ...request.failure].flatMap((op: TxnOp) => writesOfCall(op));
    default:
      return [];
  }
}

function one(key: Key): KeyRange {
  return { key, rangeEnd: "" };
}

/** All keys `name/…`: "0" is the character after "/". */
export function under(name: Key): KeyRange {
  return { key: `${name}/`, rangeEnd: `${name}0` };
}

function overlap(left: KeyRange, right: KeyRange): boolean {
  return left.key < endOf(right) && right.key < endOf(left);
}

/** The first key beyond a range; one above all keys where it has no end. */
function endOf({ key, rangeEnd }: KeyRange): Key {
  if (rangeEnd === "") return `${key}\0`;
  return rangeEnd === "\0" ? "\uffff\uffff" : rangeEnd;
}

/**
 * What clients write beside the kinds of work that a property is about. Where that touches its keys, the property has
 * nothing to say.
 */
export class OtherWrites {
  readonly #kinds: readonly ClientRequest["kind"][];
  readonly #ranges: KeyRange[] = [];

  /** @param kinds the kinds of work that do not count */
  constructor(...kinds: ClientRequest["kind"][]) {
    this.#kinds = kinds;
  }

  /** A client is asked for a piece of work. */
  take(body: ClientRequest): void {
    if (this.#kinds.includes(body.kind)) return;
    for (const range of writesOf(body))
      if (!this.#ranges.some(({ key, rangeEnd }) => key === range.key && rangeEnd === range.rangeEnd))
        this.#ranges.push(range);
  }

  /** Whether any of it may touch these keys. */
  touch(range: KeyRange): boolean {
    return this.#ranges.some((other) => overlap(other, range));
  }
}
