import type { StoreWorldTypes } from "../../models/client/types.ts";
import type { RequestId } from "../../models/kernel/index.ts";
import type { Entry, Index, Term } from "../../models/raft/types.ts";
import type { Command, Revision } from "../../models/store/types.ts";
import { type CallListener, HistoryRecorder } from "../../src/checkers/history-recorder.ts";
import { type StoreModelState, type StoreOp, storeModel } from "../../src/checkers/models/store.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import { Witness } from "../../src/checkers/witness.ts";
import { entryAt } from "../raft/log.ts";
import { STORE_CALLS } from "./calls.ts";
import { FedOnce, sharedByRun } from "./shared.ts";
import type { Member, MemberState, StoreContext, StoreProcess } from "./store-property.ts";

/** A command that some member has applied. */
export interface AppliedCommand {
  readonly index: Index;
  readonly term: Term;
  readonly command: Command;
  /** Who was the first to apply it, and the term in which that one was then. */
  readonly member: string;
  readonly memberTerm: Term;
  /** The revision after it, as the sequential model has it. */
  readonly revision: Revision;
}

/** Who is told of calls, and of commands when the first member applies them. */
export interface LedgerListener extends CallListener<StoreOp> {
  applied?(applied: AppliedCommand): void;
}

/**
 * What clients called and what the members have agreed on, for all properties of a run: the calls, the committed commands
 * in their order, and what a sequential store makes of these.
 */
export class StoreLedger {
  readonly recorder: HistoryRecorder<StoreWorldTypes, StoreOp>;
  /** The order in which the members have applied the commands. */
  readonly witness = new Witness<StoreModelState, StoreOp>(storeModel);
  /** The highest index that some member has applied. */
  upTo: Index = 0;
  /** Whether commands were applied that nobody has been seen to apply: then nothing is known of them. */
  incomplete = false;
  /** By index: the command applied there, if it is one. */
  readonly #commands: (AppliedCommand | undefined)[] = [];
  /** By index: the revision after it. */
  readonly #revisions: Revision[] = [1];
  readonly #places = new Map<RequestId, AppliedCommand>();
  readonly #listeners: LedgerListener[] = [];
  readonly #fed: FedOnce;

  constructor() {
    const tell =
      <K extends keyof CallListener<StoreOp>>(what: K) =>
      (call: Parameters<NonNullable<CallListener<StoreOp>[K]>>[0]) => {
        for (const listener of this.#listeners) listener[what]?.(call);
      };
    this.recorder = new HistoryRecorder<StoreWorldTypes, StoreOp>(STORE_CALLS, {
      invoked: tell("invoked"),
      returned: tell("returned"),
      never: tell("never"),
      unknown: tell("unknown"),
    });
    this.#fed = new FedOnce({
      concerns: { changes: ["lastApplied", "sessions"], messages: STORE_CALLS.messages, notes: [] },
      onSend: (process, to, message) => this.recorder.onSend(process, to, message),
      onStep: (process, before, after, input) => {
        if (after.kind === "client") this.recorder.onStep(process, before, after, input);
        else if (after.raft.lastApplied > this.upTo) this.#advance(process, before as MemberState, after);
      },
      onCrash: (process) => {
        if (process.config.kind === "client") this.recorder.onCrash(process);
      },
    });
  }

  /** A monitor that listens, with further hooks of its own. Those come after the ledger has seen what happened. */
  monitor(listener: LedgerListener, own: Monitor<StoreWorldTypes> = {}): Monitor<StoreWorldTypes> {
    this.#listeners.push(listener);
    return this.#fed.with(own);
  }

  /** What a sequential store holds after all that was applied. */
  get committed(): StoreModelState {
    return this.witness.latest;
  }

  /** The revision that a store has that has applied all up to an index; undefined where nobody has been there. */
  revisionAt(index: Index): Revision | undefined {
    return this.#revisions[index];
  }

  /** Where a call's command was applied first, or undefined. */
  placeOf(id: RequestId): AppliedCommand | undefined {
    return this.#places.get(id);
  }

  /** All commands that were applied, in their order. */
  commands(): readonly AppliedCommand[] {
    return this.#commands.filter((command) => command !== undefined);
  }

  #advance(process: StoreProcess, before: MemberState, after: MemberState): void {
    const end = after.raft.lastApplied;
    for (let index = this.upTo + 1; index <= end; index++) {
      // What was compacted in this very step is still in the log before it.
      const entry = entryAt(after.raft.log, index) ?? entryAt(before.raft.log, index);
      if (entry === undefined) this.incomplete = true;
      this.#put(process as Member, after, index, entry);
    }
    this.upTo = end;
  }

  #put(process: Member, { raft }: MemberState, index: Index, entry: Entry | undefined): void {
    const command = entry === undefined ? null : commandOf(entry);
    if (command !== null && command.op.kind !== "leaseCheckpoint")
      this.witness.append(command.id, { request: command.op, response: null });
    const { revision } = this.witness.latest;
    this.#revisions[index] = revision;
    if (entry === undefined || command === null) return;
    const { id: member } = process;
    const applied = { index, term: entry.term, command, member, memberTerm: raft.currentTerm, revision };
    this.#commands[index] = applied;
    if (!this.#places.has(command.id)) this.#places.set(command.id, applied);
    for (const listener of this.#listeners) listener.applied?.(applied);
  }
}

/** The ledger of the run that a monitor watches. */
export const storeLedgerOf: (context: StoreContext) => StoreLedger = sharedByRun(() => new StoreLedger());

/** The command of an entry, or null where it holds none. */
export function commandOf(entry: Entry): Command | null {
  return entry.kind === "command" ? (JSON.parse(entry.command) as Command) : null;
}
