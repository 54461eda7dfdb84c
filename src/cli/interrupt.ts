import { setMaxListeners } from "node:events";
import process from "node:process";
import { EXIT } from "./exit.ts";

/**
 * The first interrupt aborts the signal, so that work stops in good order; a second one ends the program at once.
 *
 * @param onFirst told of the first interrupt
 */
export function catchInterrupts(onFirst: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  // As many wait for it as there are files in the corpus.
  setMaxListeners(0, controller.signal);
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    onFirst();
    controller.abort("interrupted");
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const release = () => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
  return { signal: controller.signal, release };
}

/** What the promise gives, or null when the signal is aborted first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  if (signal.aborted) {
    promise.catch(() => {});
    return null;
  }
  let onAbort = () => {};
  const aborted = new Promise<null>((resolve) => {
    onAbort = () => resolve(null);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    promise.catch(() => {});
  }
}
