import { workerData } from "node:worker_threads";
import { EDITED_MARK } from "./edited-mark.ts";
import { loadSuites, suiteNamed, watchedBy } from "./suites.ts";
import { perform, type TaskKind, type Tasks } from "./tasks.ts";

/** What a worker is started with. */
export interface WorkerData {
  /** Modules of suites beside the built-in ones. */
  readonly suites: readonly string[];
  /** Edited sources, by the URL of their file. */
  readonly sources: Readonly<Record<string, string>>;
  /** Only these properties watch; null: all of them. */
  readonly properties: readonly string[] | null;
}

const { suites: modules, sources, properties } = workerData as WorkerData;
const suites = (await loadSuites(modules)).map((suite) => watchedBy(suite, properties));

const loaded = new Set((globalThis as Record<symbol, readonly string[] | undefined>)[Symbol.for(EDITED_MARK)] ?? []);
const missed = Object.keys(sources).filter((url) => !loaded.has(url));
if (missed.length > 0) throw new Error(`edited, but not used by any suite: ${missed.join(", ")}`);

/** Performs a task with the suites of this worker. */
export function performInWorker<K extends TaskKind>(kind: K, input: Tasks[K]["input"]): Tasks[K]["output"] {
  return perform(kind, suiteNamed(suites, input.suite), input);
}
