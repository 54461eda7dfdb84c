import type { DiskFormat, MachineTypes, Micros } from "../../models/kernel/index.ts";
import { between, heavyTail, type StreamKey } from "./random.ts";
import type { DiskProfile } from "./system.ts";

const SALT = { sync: 0, survivors: 1, torn: 2 } as const;

/** The disk of one process: what is durable, and what was written since the last fsync. */
export class Disk<T extends MachineTypes> {
  /** What survives a power failure for certain. */
  durable: T["durable"];
  /** How many faults fill it up. */
  full = 0;
  /** Its process stopped because it was full, and did not start again yet. */
  stoppedProcess = false;
  /** What faults add to each fsync. */
  slowUs: Micros = 0;
  readonly #format: DiskFormat<T>;
  readonly #profile: DiskProfile;
  readonly #key: StreamKey;
  #unsynced: T["record"][] = [];
  #syncs = 0;
  #crashes = 0;

  constructor(format: DiskFormat<T>, profile: DiskProfile, key: StreamKey) {
    this.#format = format;
    this.#profile = profile;
    this.#key = key;
    this.durable = format.empty;
  }

  /** Puts a record into the page cache. */
  write(record: T["record"]): void {
    this.#unsynced.push(record);
  }

  /** How long the next fsync takes. */
  syncLatencyUs(): Micros {
    const { syncMinUs, syncJitterUs, tailDoublingsMax } = this.#profile;
    return syncMinUs + this.slowUs + heavyTail(this.#key, this.#syncs++, SALT.sync, syncJitterUs, tailDoublingsMax);
  }

  /** Makes all that was written durable. */
  sync(): void {
    const unsynced = this.#unsynced;
    for (let i = 0; i < unsynced.length; i++) this.durable = this.#format.write(this.durable, unsynced[i]!);
    unsynced.length = 0;
  }

  /**
   * The power fails: of what was not synced, a drawn number of the first records is there. With `torn`, the one after
   * them is there in part, as far as its pieces go.
   */
  losePower(torn: boolean): void {
    const unsynced = this.#unsynced;
    const crash = this.#crashes++;
    if (unsynced.length === 0) return;
    const survivors = between(this.#key, crash, SALT.survivors, 0, unsynced.length - (torn ? 1 : 0));
    const kept = unsynced.slice(0, survivors);
    if (torn && survivors < unsynced.length) {
      const pieces = this.#format.pieces(unsynced[survivors]!);
      kept.push(...pieces.slice(0, between(this.#key, crash, SALT.torn, 0, pieces.length - 1)));
    }
    for (const record of kept) this.durable = this.#format.write(this.durable, record);
    unsynced.length = 0;
  }
}
