import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { reasonOf } from "../document.ts";
import { NODE_VERSION, VERSION } from "../project.ts";
import { isReplaceable, makeDirectory, partOf } from "../writing.ts";
import type { PodResult } from "./result.ts";

/**
 * Writes a ScheduleResult pod by pod: of many pods on many nodes, it is larger than the memory. The file is there as a
 * whole or not at all.
 */
export class ResultWriter {
  readonly #file: string;
  readonly #part: string;
  #descriptor: number | null = null;
  #count = 0;
  #failure: string | null = null;

  constructor(file: string) {
    this.#file = file;
    this.#part = isReplaceable(file) ? partOf(file) : file;
    this.#attempt(() => {
      makeDirectory(dirname(file));
      this.#descriptor = openSync(this.#part, "w");
      const head = { format: 1, seatrial: VERSION, node: NODE_VERSION };
      writeSync(this.#descriptor, `${JSON.stringify(head).slice(0, -1)},"pods":[`);
    });
  }

  add(pod: PodResult): void {
    const text = `${this.#count++ === 0 ? "" : ","}\n${JSON.stringify(pod, null, 1)}`;
    this.#attempt(() => writeSync(this.#descriptor!, text));
  }

  /** Whether all could be written; why not is said. */
  end(): boolean {
    this.#attempt(() => {
      writeSync(this.#descriptor!, "\n]}\n");
      closeSync(this.#descriptor!);
      if (this.#part !== this.#file) renameSync(this.#part, this.#file);
    });
    if (this.#failure === null) return true;
    this.#discard();
    process.stderr.write(`${this.#file}: cannot be written: ${this.#failure}\n`);
    return false;
  }

  #discard(): void {
    if (this.#part === this.#file) return;
    try {
      rmSync(this.#part, { force: true });
    } catch {
      // There is no directory that it could be in.
    }
  }

  #attempt(write: () => void): void {
    if (this.#failure !== null) return;
    try {
      write();
    } catch (error) {
      this.#failure = reasonOf(error);
    }
  }
}
