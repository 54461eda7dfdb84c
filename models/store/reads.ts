import type { RequestId } from "../kernel/index.ts";
import { CALLS_TIMER } from "./calls.ts";
import { answerLeaseRequest } from "./lessor.ts";
import { note } from "./notes.ts";
import { range } from "./range.ts";
import type { Turn } from "./turn.ts";
import { readTxn } from "./txn.ts";
import type { Asker, ErrorCode, StoreResponse, WaitingRead } from "./types.ts";

const NONE: readonly WaitingRead[] = [];

/**
 * A linearizable read. What comes while Raft confirms an earlier one waits for the next: it may have to see more (etcd,
 * linearizableReadLoop; etcd#20418).
 */
export function awaitRead(turn: Turn, asker: Asker, id: RequestId, request: WaitingRead["request"]): void {
  const read: WaitingRead = { id, asker, request, deadline: turn.now + turn.config.requestTimeoutUs };
  const { asked, waiting } = turn.server.reads;
  turn.arm(CALLS_TIMER, turn.config.readRetryIntervalUs);
  if (asked !== null) {
    turn.note(note.readBatchJoined);
    turn.serve({ reads: { asked, waiting: [...waiting, read] } });
    return;
  }
  startBatch(turn, [read]);
}

function startBatch(turn: Turn, reads: readonly WaitingRead[]): void {
  const id = turn.newId("r");
  turn.note(note.readBatchStarted);
  turn.serve({ reads: { asked: { id, at: turn.now, reads }, waiting: NONE } });
  turn.ask(id, { kind: "read" });
}

/** Raft has confirmed that what this member has applied is recent enough for all that was asked before. */
export function batchConfirmed(turn: Turn, id: RequestId): void {
  const { asked, waiting } = turn.server.reads;
  if (asked === null || asked.id !== id) return;
  turn.serve({ reads: { asked: null, waiting: NONE } });
  for (const read of asked.reads) answerRead(turn, read);
  if (waiting.length > 0) startBatch(turn, waiting);
}

/** Raft could not confirm the batch. Nothing was read. */
export function batchRefused(turn: Turn, id: RequestId, code: ErrorCode): void {
  const { asked, waiting } = turn.server.reads;
  if (asked === null || asked.id !== id) return;
  turn.serve({ reads: { asked: null, waiting: NONE } });
  for (const read of asked.reads) turn.refuse(read.asker, read.id, code);
  if (waiting.length > 0) startBatch(turn, waiting);
}

/** Reads that have waited too long are told so; a batch that got no answer is asked for again (etcd, readIndexRetryTime). */
export function retryReads(turn: Turn): void {
  const { asked, waiting } = turn.server.reads;
  if (asked === null) return;
  const isInTime = ({ deadline }: WaitingRead) => deadline > turn.now;
  const left = asked.reads.filter(isInTime);
  const leftWaiting = waiting.filter(isInTime);
  const late = [...asked.reads, ...waiting].filter((read) => !isInTime(read));
  for (const { id, asker } of late) {
    turn.note(note.callTimedOut);
    turn.refuse(asker, id, "timeout");
  }
  if (turn.now - asked.at >= turn.config.readRetryIntervalUs) {
    const all = [...left, ...leftWaiting];
    turn.serve({ reads: { asked: null, waiting: NONE } });
    if (all.length === 0) return;
    turn.note(note.readRetried);
    startBatch(turn, all);
    return;
  }
  if (late.length > 0) turn.serve({ reads: { asked: { ...asked, reads: left }, waiting: leftWaiting } });
}

function answerRead(turn: Turn, read: WaitingRead): void {
  const { id, asker, request } = read;
  switch (request.kind) {
    case "range":
      answerWith(turn, asker, id, range(turn.store, request));
      return;
    case "txn":
      answerWith(turn, asker, id, readTxn(turn.store, request));
      return;
    case "leaseKeepAlive":
    case "leaseTimeToLive":
      answerLeaseRequest(turn, asker, id, request);
  }
}

function answerWith(turn: Turn, asker: Asker, id: RequestId, response: StoreResponse): void {
  if (response.kind === "error")
    turn.note(response.code === "compacted" ? note.readCompacted : note.readFutureRevision);
  turn.answer(asker, id, response);
}
