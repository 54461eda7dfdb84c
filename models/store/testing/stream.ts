import { assert } from "../../kernel/index.ts";
import type { MemberId } from "../../raft/types.ts";
import { covers } from "../key-range.ts";
import type { KeyValue, Revision, StoreEvent, WatchCreate, WatchId, WatchResponse } from "../types.ts";
import { isTombstone } from "../versions.ts";

/** A client's end of a watch stream. It throws at what is missing, comes twice or comes in the wrong order. */
export class TestStream {
  readonly watchId: WatchId;
  readonly member: MemberId;
  readonly #create: WatchCreate;
  isOpen = true;
  /** The number of the next response. */
  sequence = 0;
  /** All below it was told. 0 before the stream is open. */
  #next: Revision = 0;
  #partial: StoreEvent[] = [];

  constructor(watchId: WatchId, member: MemberId, create: WatchCreate) {
    this.watchId = watchId;
    this.member = member;
    this.#create = create;
  }

  /** Takes a response in. `history` is what each revision changed. */
  take(response: WatchResponse, history: readonly (readonly KeyValue[] | undefined)[]): void {
    const { watchId, sequence, created, canceled, compactRevision, revision, events, fragment } = response;
    if (!this.isOpen) return;
    if (canceled) {
      this.isOpen = false;
      if (compactRevision > 0) assert(this.#next < compactRevision, `${watchId} is compacted and has all`);
      return;
    }
    assert(sequence === this.sequence, `${watchId}: response ${sequence} after ${this.sequence - 1}`);
    assert(created === (sequence === 0), `${watchId}: response ${sequence} opens the stream`);
    this.sequence++;
    if (created) this.#next = this.#create.startRevision === 0 ? revision + 1 : this.#create.startRevision;
    this.#partial.push(...events);
    if (fragment || created) return;
    const told = this.#partial;
    this.#partial = [];
    const last = told.length === 0 ? revision : told[told.length - 1]!.kv.modRevision;
    const wanted = history.slice(this.#next, last + 1).flatMap((changes) => this.#wanted(changes ?? []));
    assert(
      render(told.map(({ kv }) => kv)) === render(wanted),
      `${watchId}: ${render(told.map(({ kv }) => kv))} from ${this.#next}, not ${render(wanted)}`,
    );
    this.#next = Math.max(this.#next, last + 1);
  }

  #wanted(changes: readonly KeyValue[]): readonly KeyValue[] {
    const { filters } = this.#create;
    return changes.filter(
      (kv) => covers(this.#create, kv.key) && !filters.includes(isTombstone(kv) ? "noDelete" : "noPut"),
    );
  }
}

function render(kvs: readonly KeyValue[]): string {
  return kvs.map(({ key, value, modRevision }) => `${key}=${value}@${modRevision}`).join(" ");
}
