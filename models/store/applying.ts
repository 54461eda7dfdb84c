import type { Application } from "../raft/types.ts";
import { applyCommand } from "./apply.ts";
import { INITIAL_STORE } from "./state.ts";
import type { LeaseId, MemberRules, StoreResponse, StoreState, Wait } from "./types.ts";

/** What came of a command that somebody waits for. */
export interface Outcome {
  readonly wait: Wait;
  readonly response: StoreResponse;
}

const NONE: readonly Outcome[] = [];
const NO_LEASES: readonly LeaseId[] = [];

/**
 * The replicated store, as Raft sees it in one step. Made anew for each step: it gathers what came of the commands for
 * which calls wait at this member, whoever proposed them.
 */
export class Applying implements Application<StoreState> {
  readonly initial: StoreState = INITIAL_STORE;
  outcomes: readonly Outcome[] = NONE;
  /** The state after the last command; null when none was applied. */
  latest: StoreState | null = null;
  /** Leases that were granted, oldest first; some may be revoked again. */
  granted: readonly LeaseId[] = NO_LEASES;
  readonly #rules: MemberRules;
  readonly #waits: readonly Wait[];

  constructor(rules: MemberRules, waits: readonly Wait[]) {
    this.#rules = rules;
    this.#waits = waits;
  }

  apply(state: StoreState, text: string, index: number): { readonly state: StoreState; readonly result: string } {
    const command = this.#rules.commands.read(text);
    const applied = applyCommand(state, command, index);
    this.latest = applied.state;
    if (applied.response.kind === "leaseGrant") this.granted = [...this.granted, applied.response.id];
    const wait = this.#waits.length === 0 ? null : this.#waitFor(command.id);
    if (wait !== null) this.outcomes = [...this.outcomes, { wait, response: applied.response }];
    return { state: applied.state, result: "" };
  }

  /** Members read for themselves, once Raft says that they may. */
  read(): string {
    return "";
  }

  /** Who waits for the command itself: a lease call that was passed on has the id of what the leader proposes for it. */
  #waitFor(id: string): Wait | null {
    for (const wait of this.#waits)
      if (wait.id === id && (wait.what === "command" || wait.what === "renewal")) return wait;
    return null;
  }
}
