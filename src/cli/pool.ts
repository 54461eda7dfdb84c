import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { EDITED_MARK } from "./edited-mark.ts";
import type { TaskKind, Tasks } from "./tasks.ts";
import type { WorkerData } from "./worker.ts";

/** A worker thread that died while it performed a task: it exited, ran out of memory, or was stopped. */
export class WorkerDeath extends Error {
  override readonly name = "WorkerDeath";
}

/** How a pool is set up. */
export interface PoolOptions {
  readonly workers: number;
  /** Modules of suites beside the built-in ones. */
  readonly suites: readonly string[];
  /** Edited sources, by the URL of their file. */
  readonly sources?: ReadonlyMap<string, string>;
  /** Only these properties watch. All of them where it is left out. */
  readonly properties?: readonly string[];
}

/** Worker threads that perform tasks. */
export class Pool {
  readonly workers: number;
  readonly #piscina: Piscina;

  constructor({ workers, suites, sources = new Map(), properties }: PoolOptions) {
    this.workers = workers;
    const marked = [...sources].map(([url, source]) => [url, source + markOf(url)] as const);
    const workerData: WorkerData = { suites, sources: Object.fromEntries(marked), properties: properties ?? null };
    this.#piscina = new Piscina({
      filename: fileURLToPath(new URL("./worker.mjs", import.meta.url)),
      minThreads: workers,
      maxThreads: workers,
      workerData,
    });
    // A worker that dies between tasks is replaced, and nothing is lost.
    this.#piscina.on("error", () => {});
  }

  /**
   * Performs a task in a worker.
   *
   * @param signal stops the task, and the worker with it
   * @throws WorkerDeath when the worker died; the pool has started another
   * @throws Error when the task ended with an error
   */
  async run<K extends TaskKind>(kind: K, input: Tasks[K]["input"], signal?: AbortSignal): Promise<Tasks[K]["output"]> {
    let answer: { readonly output: Tasks[K]["output"] } | { readonly error: string };
    try {
      answer = await this.#piscina.run({ kind, input }, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted === true) throw new WorkerDeath(String(signal.reason));
      throw new WorkerDeath((error as Error).message);
    }
    if ("error" in answer) throw new Error(answer.error);
    return answer.output;
  }

  /** Waits until all workers have loaded their suites. Throws what keeps them from it. */
  async load(suite: string): Promise<void> {
    await Promise.all(Array.from({ length: this.workers }, () => this.run("load", { suite })));
  }

  /** Stops all workers, whatever they do. */
  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}

/** A statement after an edited source that tells the worker that it was loaded. */
function markOf(url: string): string {
  return `\n;(globalThis[Symbol.for(${JSON.stringify(EDITED_MARK)})] ??= []).push(${JSON.stringify(url)});\n`;
}
