import type { ClusterTypes } from "../../models/cluster/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import type { ClusterContext, ClusterProcess } from "./cluster-property.ts";

/**
 * What the monitors of a run share, made when the first of them asks for it. Those of another run, which watch other
 * processes, have another.
 */
export function sharedByRun<S>(make: (context: ClusterContext) => S): (context: ClusterContext) => S {
  const byRun = new WeakMap<readonly ClusterProcess[], S>();
  return (context) => {
    const known = byRun.get(context.processes);
    if (known !== undefined) return known;
    const made = make(context);
    byRun.set(context.processes, made);
    return made;
  };
}

/** What nobody is called for: a monitor that only listens to a ledger, or is only asked what is pending. */
export const NO_CONCERNS = { changes: [], messages: [], notes: [] } as const;

/** A ledger that monitors share watches the run through the first of them: the others find it up to date. */
export class FedOnce {
  readonly #feed: Monitor<ClusterTypes>;
  #fed = false;

  constructor(feed: Monitor<ClusterTypes>) {
    this.#feed = feed;
  }

  /** A monitor that feeds the ledger too, if none does yet. Hooks left out by `own` concern nobody. */
  with(own: Monitor<ClusterTypes> = {}): Monitor<ClusterTypes> {
    if (this.#fed) return { concerns: NO_CONCERNS, ...own };
    this.#fed = true;
    return both(this.#feed, { concerns: NO_CONCERNS, ...own });
  }
}

/** Two monitors in one. Each is told of more than what concerns it. */
export function both(first: Monitor<ClusterTypes>, second: Monitor<ClusterTypes>): Monitor<ClusterTypes> {
  const joined: { -readonly [K in keyof Monitor<ClusterTypes>]: Monitor<ClusterTypes>[K] } = {
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
    onNote(process, name) {
      first.onNote?.(process, name);
      second.onNote?.(process, name);
    },
    onSend(process, to, message) {
      first.onSend?.(process, to, message);
      second.onSend?.(process, to, message);
    },
    onFault(kind) {
      first.onFault?.(kind);
      second.onFault?.(kind);
    },
    atEnd() {
      first.atEnd?.();
      second.atEnd?.();
    },
  };
  if (first.pending !== undefined || second.pending !== undefined)
    joined.pending = () => first.pending?.() ?? second.pending?.() ?? null;
  return joined;
}
