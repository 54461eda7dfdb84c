// The start of a worker thread. What is to be edited is edited before tsx gets it: hooks that are registered first are
// asked last. Errors are values here, so that only the death of the thread looks like one.
import module from "node:module";
import { fileURLToPath } from "node:url";
import { workerData } from "node:worker_threads";
import "./packages.mjs";

const { sources } = workerData;
if (Object.keys(sources).length > 0) module.register("./edit-hooks.mjs", import.meta.url, { data: { sources } });
const { register } = await import("tsx/esm/api");
register({ tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)) });

export default async function run({ kind, input }) {
  try {
    const { performInWorker } = await import("./worker.ts");
    return { output: await performInWorker(kind, input) };
  } catch (error) {
    return { error: describe(error) };
  }
}

function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const place = /\n\s+at (.*)/.exec(error.stack ?? "")?.[1];
  return `${error.name}: ${error.message}${place === undefined ? "" : ` (at ${place})`}`;
}
