import type { StoreWorldTypes } from "../../models/client/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import type { StoreContext, StoreProcess } from "./store-property.ts";

/**
 * What the monitors of a run share, made when the first of them asks for it. Those of another run, which watch other
 * processes, have another.
 */
export function sharedByRun<S>(make: (context: StoreContext) => S): (context: StoreContext) => S {
  const byRun = new WeakMap<readonly StoreProcess[], S>();
  return (context) => {
    const known = byRun.get(context.processes);
    if (known !== undefined) return known;
    const made = make(context);
    byRun.set(context.processes, made);
    return made;
  };
}

/**
 * A ledger that monitors share watches the run through the first of them, which comes before the others: they find it up
 * to date.
 */
export class FedOnce {
  readonly #monitor: Monitor<StoreWorldTypes>;
  #fed = false;

  constructor(monitor: Monitor<StoreWorldTypes>) {
    this.#monitor = monitor;
  }

  /** A monitor that feeds the ledger too, if none does yet. */
  with(own: Monitor<StoreWorldTypes> = {}): Monitor<StoreWorldTypes> {
    if (this.#fed) return own;
    this.#fed = true;
    return both(this.#monitor, own);
  }
}

/** Two monitors in one. Each is told of more than what concerns it. */
function both(first: Monitor<StoreWorldTypes>, second: Monitor<StoreWorldTypes>): Monitor<StoreWorldTypes> {
  return {
    concerns: {
      changes: [...(first.concerns?.changes ?? []), ...(second.concerns?.changes ?? [])],
      messages: [...(first.concerns?.messages ?? []), ...(second.concerns?.messages ?? [])],
      notes: [...(first.concerns?.notes ?? []), ...(second.concerns?.notes ?? [])],
    },
    onBoot(process) {
      first.onBoot?.(process);
      second.onBoot?.(process);
    },
    onStep(process, before, after, input) {
      first.onStep?.(process, before, after, input);
      second.onStep?.(process, before, after, input);
    },
    onCrash(process) {
      first.onCrash?.(process);
      second.onCrash?.(process);
    },
    onRequest(process, id, body) {
      first.onRequest?.(process, id, body);
      second.onRequest?.(process, id, body);
    },
    onReply(process, id, response) {
      first.onReply?.(process, id, response);
      second.onReply?.(process, id, response);
    },
    onNote(process, name) {
      first.onNote?.(process, name);
      second.onNote?.(process, name);
    },
    onSend(process, to, message) {
      first.onSend?.(process, to, message);
      second.onSend?.(process, to, message);
    },
    pending: () => first.pending?.() ?? second.pending?.() ?? null,
    atEnd() {
      first.atEnd?.();
      second.atEnd?.();
    },
  };
}
