import type { ProcessId, RequestId } from "../../models/kernel/index.ts";
import type { Revision, WatchCreate, WatchId, WatchResponse } from "../../models/store/types.ts";
import { type Guarantee, WatchAudit } from "../../src/checkers/watch.ts";
import { type CommittedHistory, committedHistoryOf } from "./committed.ts";
import { FedOnce, sharedByRun } from "./shared.ts";
import {
  type Client,
  type ClientState,
  isClient,
  isMember,
  type Member,
  type StoreContext,
  type StoreInput,
  type StoreProcess,
} from "./store-property.ts";

/** Streams remembered; later ones push out the earliest. */
const STREAMS_MAX = 4_096;

/** A watch that a client was asked for: one stream after the other. */
export interface WatchWork {
  readonly id: RequestId;
  readonly client: ProcessId;
  /** What the client has handed on, over all streams. */
  readonly audit: WatchAudit;
  /** The streams that were opened for it. */
  streams: number;
  /** Where the last stream goes. */
  member: ProcessId;
  /** The client took in that the last stream was canceled by compaction. */
  compacted: boolean;
}

/** A stream of a watch. */
export interface WatchStream {
  readonly id: WatchId;
  readonly work: WatchWork;
  readonly member: ProcessId;
  /** What the member has sent. */
  readonly audit: WatchAudit;
  readonly create: WatchCreate;
  /** It goes on where another of the same watch broke off, and not because that was canceled by compaction. */
  readonly resumed: boolean;
  /** Where the stream before it went, or its own member. */
  readonly memberBefore: ProcessId;
  /** The number of the next response. */
  sequence: number;
  /** The revision of the member's store when it opened the stream; 0 before. */
  openedAt: Revision;
  /** What was compacted then, if the stream asked for it; else 0. */
  refusedBelow: Revision;
}

/** Told of responses: as they are sent, and as their client takes them in and hands them on. */
export interface WatchListener {
  sent?(stream: WatchStream, response: WatchResponse, member: Member): void;
  taken?(stream: WatchStream, response: WatchResponse): void;
}

/**
 * All watches of a run, from both ends: what members send on each stream, and what clients take in of one watch over all
 * its streams. Both are held against what was committed.
 */
export class WatchLedger {
  readonly history: CommittedHistory;
  readonly feed: FedOnce;
  readonly #works = new Map<RequestId, WatchWork>();
  readonly #streams = new Map<WatchId, WatchStream>();
  readonly #contexts = new Map<Guarantee, StoreContext>();
  readonly #listeners: WatchListener[] = [];

  constructor(context: StoreContext) {
    this.history = committedHistoryOf(context);
    this.feed = new FedOnce({
      concerns: { changes: ["application", "watches"], messages: ["watchCreate", "watchResponse"] },
      onBoot: (process) => {
        if (isMember(process)) this.history.take(process.state.raft.application);
      },
      onStep: (process, before, after, input) => {
        if (after.kind === "member") {
          if (before.kind === "member" && before.raft.application !== after.raft.application)
            this.history.take(after.raft.application);
        } else if (before.kind === "client") this.#stepOf(process as Client, before, after, input);
      },
      onCrash: ({ id, config }) => {
        if (config.kind !== "client") return;
        for (const work of this.#works.values()) if (work.client === id) this.#works.delete(work.id);
      },
      onSend: (process, to, message) => {
        if (message.kind === "watchCreate") this.#open(process, to, message.watchId, message.create);
        else if (message.kind === "watchResponse" && isMember(process)) this.#sent(process, to, message);
      },
    });
  }

  /** Violations of a guarantee are reported to this context. */
  report(guarantee: Guarantee, context: StoreContext): void {
    this.#contexts.set(guarantee, context);
  }

  /** Lets this listen from now on. */
  listen(listener: WatchListener): void {
    this.#listeners.push(listener);
  }

  /** The watch that a piece of work is, or undefined. */
  work(id: RequestId): WatchWork | undefined {
    return this.#works.get(id);
  }

  #open(process: StoreProcess, member: ProcessId, id: WatchId, create: WatchCreate): void {
    if (!isClient(process) || this.#streams.has(id)) return;
    const workId = process.state.watches.find(({ watchId }) => watchId === id)?.work ?? id;
    let work = this.#works.get(workId);
    const memberBefore = work?.member ?? member;
    if (work === undefined) {
      const audit = new WatchAudit(create, this.history.events);
      work = { id: workId, client: process.id, audit, streams: 0, member, compacted: false };
      this.#works.set(workId, work);
    }
    work.audit.breakOff();
    work.streams++;
    work.member = member;
    const audit = new WatchAudit(create, this.history.events);
    const resumed = work.streams > 1 && create.startRevision > 0 && !work.compacted;
    work.compacted = false;
    const stream = {
      id,
      work,
      member,
      audit,
      create,
      resumed,
      memberBefore,
      sequence: 0,
      openedAt: 0,
      refusedBelow: 0,
    };
    this.#streams.set(id, stream);
    if (this.#streams.size > STREAMS_MAX) this.#streams.delete(this.#streams.keys().next().value!);
  }

  #sent(member: Member, to: ProcessId, response: WatchResponse): void {
    const stream = this.#streams.get(response.watchId);
    if (stream === undefined || stream.member !== member.id || stream.work.client !== to) return;
    // A member that does not know the stream, because it has restarted or closed it, says no more than that.
    if (response.canceled && response.sequence === 0 && stream.sequence > 0) return;
    const report = this.#reporter(`stream ${stream.id} of ${to} at ${member.id}`);
    if (response.sequence !== stream.sequence)
      report("ordered", `is sent response ${response.sequence} where ${stream.sequence} comes next`, {
        sent: response.sequence,
        expected: stream.sequence,
      });
    stream.sequence = response.sequence + 1;
    const { revision, compactRevision } = member.state.raft.application;
    if (response.created) openedBy(stream, revision, compactRevision);
    else if (stream.refusedBelow > 0 && !response.canceled)
      report(
        "compaction",
        `is served from revision ${stream.create.startRevision}, though all below ${stream.refusedBelow} was compacted when it was opened`,
        { startRevision: stream.create.startRevision, compactRevision: stream.refusedBelow },
      );
    if (response.compactRevision > compactRevision)
      report(
        "compaction",
        `is told that all below ${response.compactRevision} is compacted, where ${compactRevision} is`,
        { told: response.compactRevision, compactRevision },
      );
    if (response.revision > revision)
      report(
        "bookmarks",
        `is sent a response of revision ${response.revision}, where the member's store has revision ${revision}`,
        { sent: response.revision, revision },
      );
    stream.audit.take(response, compactRevision, report);
    for (const listener of this.#listeners) listener.sent?.(stream, response, member);
  }

  #stepOf(client: Client, before: ClientState, after: ClientState, input: StoreInput): void {
    if (before.watches === after.watches) return;
    if (input.kind === "receive" && input.message.kind === "watchResponse")
      this.#received(client, before, after, input.from, input.message);
    if (after.watches.length < before.watches.length) this.#closeEnded(before, after);
  }

  /**
   * What a client hands on counts, and what it learns without events from the response that comes next in the stream that
   * it has open.
   */
  #received(client: Client, before: ClientState, after: ClientState, from: ProcessId, response: WatchResponse): void {
    const open = before.watches.find(({ watchId }) => watchId === response.watchId);
    const stream = this.#streams.get(response.watchId);
    if (open === undefined || stream === undefined) return;
    const now = after.watches.find(({ work }) => work === open.work);
    const handedOn = now !== undefined && now.batches !== open.batches ? now.batch : null;
    if (handedOn === null && (response.fragment || response.events.length > 0)) return;
    if (handedOn === null && response.sequence !== open.sequence) return;
    const taken = handedOn === null ? response : { ...response, events: handedOn, fragment: false };
    const report = this.#reporter(`watch ${stream.work.id} of ${client.id}, now at ${from},`);
    stream.work.audit.take(taken, this.history.compactRevision, report);
    if (response.canceled && response.compactRevision > 0) stream.work.compacted = true;
    for (const listener of this.#listeners) listener.taken?.(stream, response);
  }

  #closeEnded(before: ClientState, after: ClientState): void {
    for (const { work } of before.watches)
      if (!after.watches.some((watch) => watch.work === work)) this.#works.delete(work);
  }

  #reporter(who: string) {
    return (guarantee: Guarantee, explanation: string, evidence: Readonly<Record<string, unknown>>) => {
      this.#contexts.get(guarantee)?.violate(`${who} ${explanation}`, evidence);
    };
  }
}

function openedBy(stream: WatchStream, revision: Revision, compactRevision: Revision): void {
  const { startRevision } = stream.create;
  stream.openedAt = revision;
  if (startRevision > 0 && startRevision < compactRevision) stream.refusedBelow = compactRevision;
}

/** The watches of the run that a monitor watches. */
export const watchLedgerOf = sharedByRun((context) => new WatchLedger(context));
