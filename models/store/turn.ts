import type { Effect, Micros, Note, ProcessId, RequestId } from "../kernel/index.ts";
import type { MemberId, RaftRequest, RaftResponse, RaftState, RaftTypes } from "../raft/types.ts";
import { Applying, type Outcome } from "./applying.ts";
import type {
  Asker,
  ErrorCode,
  LeaseId,
  MemberConfig,
  MemberRules,
  MemberState,
  MemberTypes,
  ServerState,
  StoreMessage,
  StoreRecord,
  StoreResponse,
  StoreState,
} from "./types.ts";

/** What Raft made of an input, for the rules that follow from it. */
export interface RaftOutcome {
  readonly before: RaftState<StoreState>;
  readonly after: RaftState<StoreState>;
  readonly replies: readonly { readonly id: RequestId; readonly response: RaftResponse }[];
  readonly outcomes: readonly Outcome[];
  /** Leases that were granted, oldest first; some may be revoked again. */
  readonly granted: readonly LeaseId[];
  /** The store's state came from a snapshot, and not by applying commands. */
  readonly installed: boolean;
}

/**
 * One step of a member in the making: the rules of the server read from it and write to it, in their order, and nobody
 * keeps it. The states in it are immutable.
 */
export class Turn {
  readonly rules: MemberRules;
  readonly config: MemberConfig;
  readonly now: Micros;
  readonly wall: Micros;
  raft: RaftState<StoreState>;
  server: ServerState;
  readonly effects: Effect<MemberTypes>[] = [];
  /** What Raft has done and is not yet followed up, oldest first. */
  readonly outcomes: RaftOutcome[] = [];

  constructor(
    rules: MemberRules,
    config: MemberConfig,
    state: Pick<MemberState, "raft" | "server">,
    now: Micros,
    wall: Micros,
  ) {
    this.rules = rules;
    this.config = config;
    this.raft = state.raft;
    this.server = state.server;
    this.now = now;
    this.wall = wall;
  }

  /** The store as this member has applied it. */
  get store(): StoreState {
    return this.raft.application;
  }

  get id(): MemberId {
    return this.config.raft.id;
  }

  /** Puts a request to Raft. What it replies is followed up later in the turn. */
  ask(id: RequestId, body: RaftRequest): void {
    const applying = new Applying(this.rules, this.server.waits);
    const input = { kind: "request" as const, id, body, now: this.now, wall: this.wall };
    const before = this.raft;
    const { state, effects } = this.rules.step(applying, before, input);
    this.took(before, state, effects, applying);
  }

  /** Takes over what a step of Raft has come to. */
  took(
    before: RaftState<StoreState>,
    after: RaftState<StoreState>,
    effects: readonly Effect<RaftTypes<StoreState>>[],
    applying: Applying,
  ): void {
    this.raft = after;
    const replies: { readonly id: RequestId; readonly response: RaftResponse }[] = [];
    for (let i = 0; i < effects.length; i++) {
      const effect = effects[i]!;
      if (effect.kind === "reply") replies.push({ id: effect.id, response: effect.response });
      else this.effects.push(effect);
    }
    const installed = after.application !== before.application && after.application !== applying.latest;
    const { outcomes, granted } = applying;
    this.outcomes.push({ before, after, replies, outcomes, granted, installed });
  }

  /** Replaces the store's state by one with the same content. */
  replaceStore(store: StoreState): void {
    this.raft = this.rules.withApplication(this.raft, store);
  }

  note(noted: Note): void {
    this.effects.push(noted);
  }

  send(to: ProcessId, message: StoreMessage): void {
    this.effects.push({ kind: "send", to, message });
  }

  persist(record: StoreRecord, sync: boolean): void {
    this.effects.push({ kind: "persist", record, sync });
  }

  /** Sets a timer, unless it is set. */
  arm(name: string, minUs: Micros, maxUs = minUs): void {
    if (this.server.timers.includes(name)) return;
    this.serve({ timers: [...this.server.timers, name] });
    this.effects.push({ kind: "setTimer", name, minUs, maxUs });
  }

  /** A timer has fired. */
  disarmed(name: string): void {
    this.serve({ timers: this.server.timers.filter((timer) => timer !== name) });
  }

  cancel(name: string): void {
    if (!this.server.timers.includes(name)) return;
    this.disarmed(name);
    this.effects.push({ kind: "cancelTimer", name });
  }

  /** A new id of the member's own, unique in a run: a member boots at most once at a time. */
  newId(what: string): RequestId {
    const ids = this.server.ids + 1;
    this.serve({ ids });
    return `${this.id}@${this.server.bootedAt}/${what}${ids}`;
  }

  /** Answers whoever asked. */
  answer(asker: Asker, id: RequestId, response: StoreResponse): void {
    switch (asker.kind) {
      case "client":
        this.send(asker.process, { kind: "answer", id, response });
        return;
      case "member":
        this.send(asker.process, { kind: "leaseAnswer", id, response });
        return;
      case "operator":
        this.effects.push({ kind: "reply", id, response });
        return;
      case "nobody":
    }
  }

  refuse(asker: Asker, id: RequestId, code: ErrorCode): void {
    this.answer(asker, id, { kind: "error", code, leaderHint: this.raft.leaderId });
  }

  /** Changes the server's state. Always built by one literal, so that all have one shape. */
  serve(changes: Partial<ServerState>): void {
    const { server } = this;
    this.server = {
      bootedAt: server.bootedAt,
      ids: changes.ids ?? server.ids,
      waits: changes.waits ?? server.waits,
      reads: changes.reads ?? server.reads,
      lessor: changes.lessor ?? server.lessor,
      watchers: changes.watchers ?? server.watchers,
      forwarded: changes.forwarded ?? server.forwarded,
      committedIndex: changes.committedIndex ?? server.committedIndex,
      timers: changes.timers ?? server.timers,
    };
  }
}
