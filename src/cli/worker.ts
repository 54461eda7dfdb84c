import { workerData } from "node:worker_threads";
import type { AnySuite } from "../harness/suite.ts";
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
const suites = new Map<string, AnySuite>();

/** Performs a task with a suite, which is loaded for the first of its tasks. */
export async function performInWorker<K extends TaskKind>(
  kind: K,
  input: Tasks[K]["input"],
): Promise<Tasks[K]["output"]> {
  const suite = suites.get(input.suite) ?? (await load(input.suite));
  return perform(kind, suite, input);
}

async function load(name: string): Promise<AnySuite> {
  const suite = watchedBy(suiteNamed(await loadSuites(modules, [name]), name), properties);
  const loaded = new Set((globalThis as Record<symbol, readonly string[] | undefined>)[Symbol.for(EDITED_MARK)] ?? []);
  const missed = Object.keys(sources).filter((url) => !loaded.has(url));
  if (missed.length > 0) throw new Error(`edited, but not used by suite ${name}: ${missed.join(", ")}`);
  suites.set(name, suite);
  return suite;
}
