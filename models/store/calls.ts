import { emptyOrderedMap, mapHas, mapSet, type RequestId } from "../kernel/index.ts";
import type { MemberId, Term } from "../raft/types.ts";
import { NO_LEASE } from "./attachments.ts";
import { commitBackend } from "./backend.ts";
import { note } from "./notes.ts";
import { range } from "./range.ts";
import { awaitRead } from "./reads.ts";
import type { Turn } from "./turn.ts";
import { isReadOnly, isSerializable, readTxn } from "./txn.ts";
import type {
  Asker,
  Command,
  ErrorCode,
  LeaseId,
  LeaseRequest,
  PeerMessage,
  StoreRequest,
  StoreResponse,
  Wait,
} from "./types.ts";
import { flawOf } from "./validate.ts";

export const CALLS_TIMER = "calls";
export const NOBODY: Asker = { kind: "nobody", process: "" };
export const OPERATOR: Asker = { kind: "operator", process: "" };

type Forward = Extract<PeerMessage, { kind: "forward" }>;
type LeaseCall = Extract<PeerMessage, { kind: "leaseCall" }>;
type LeaseAnswer = Extract<PeerMessage, { kind: "leaseAnswer" }>;

/** A client, or the operator, asks for something (etcd, v3_server.go). */
export function call(turn: Turn, asker: Asker, id: RequestId, request: StoreRequest): void {
  const flaw = flawOf(request, turn.config.txnOpsMax);
  if (flaw !== null) {
    turn.note(note.callRefused);
    turn.refuse(asker, id, flaw);
    return;
  }
  switch (request.kind) {
    case "range":
      if (request.serializable) answerNow(turn, asker, id, range(turn.store, request));
      else awaitRead(turn, asker, id, request);
      return;
    case "txn":
      if (!isReadOnly(request)) propose(turn, asker, id, request);
      else if (isSerializable(request)) answerNow(turn, asker, id, readTxn(turn.store, request));
      else awaitRead(turn, asker, id, request);
      return;
    case "leaseGrant": {
      const ttlUs = Math.max(request.ttlUs, turn.config.leaseTtlMinUs);
      propose(turn, asker, id, { kind: "leaseGrant", id: request.id, ttlUs });
      return;
    }
    case "put":
    case "deleteRange":
    case "compact":
    case "leaseRevoke":
      propose(turn, asker, id, request);
      return;
    case "leaseKeepAlive":
    case "leaseTimeToLive":
      askAboutLease(turn, asker, id, request);
      return;
    case "defragment":
      commitBackend(turn, true);
      turn.note(note.backendDefragmented);
      turn.answer(asker, id, { kind: "defragment", revision: turn.store.revision });
      return;
    case "moveLeader":
      if (turn.raft.leader === null) refuseWithoutLeadership(turn, asker, id);
      else {
        wait(turn, asker, id, "transfer");
        turn.ask(id, { kind: "transferLeadership", to: request.to });
      }
  }
}

function answerNow(turn: Turn, asker: Asker, id: RequestId, response: StoreResponse): void {
  turn.note(note.readSerializable);
  turn.answer(asker, id, response);
}

/**
 * Puts a command into the log: this member's own as its leader, or through the leader (etcd raft forwards MsgProp). Who
 * asked is answered when this member applies it.
 */
export function propose(turn: Turn, asker: Asker, id: RequestId, op: Command["op"], renews: LeaseId = NO_LEASE): void {
  const what = renews === NO_LEASE ? "command" : "renewal";
  const command: Command = { id, op };
  const { raft, config } = turn;
  if (raft.leader !== null) {
    wait(turn, asker, id, what, renews);
    turn.ask(id, { kind: "propose", command: turn.rules.commands.write(command) });
    return;
  }
  if (raft.leaderId === null || !config.forwardProposals) {
    refuseWithoutLeadership(turn, asker, id);
    return;
  }
  wait(turn, asker, id, what, renews);
  turn.note(note.callForwarded);
  turn.send(raft.leaderId, {
    kind: "forward",
    term: raft.currentTerm,
    id,
    command: turn.rules.commands.write(command),
  });
}

function refuseWithoutLeadership(turn: Turn, asker: Asker, id: RequestId): void {
  const known = turn.raft.leaderId !== null;
  turn.note(known ? note.callNotLeader : note.callNoLeader);
  turn.refuse(asker, id, known ? "notLeader" : "noLeader");
}

function wait(turn: Turn, asker: Asker, id: RequestId, what: Wait["what"], lease: LeaseId = NO_LEASE): void {
  const deadline = turn.now + turn.config.requestTimeoutUs;
  turn.serve({ waits: [...turn.server.waits, { id, asker, deadline, what, lease }] });
  turn.arm(CALLS_TIMER, turn.config.readRetryIntervalUs);
}

/**
 * The second copy of a message comes soon after the first: as many ids are known at least, and twice as many at most,
 * however long the term.
 */
const FORWARDED_KEPT = 1000;

/**
 * A follower passes its client's command on. It is taken by the leader to whom it was sent, in the term in which it was
 * sent, and once: between members, a message may come twice.
 */
export function handleForward(turn: Turn, { term, id, command }: Forward): void {
  if (!takesOnce(turn, term, id)) return;
  turn.note(note.forwardTaken);
  turn.ask(id, { kind: "propose", command });
}

function takesOnce(turn: Turn, term: Term, id: RequestId): boolean {
  const { raft, server } = turn;
  if (raft.leader === null || raft.currentTerm !== term) {
    turn.note(note.forwardRefused);
    return false;
  }
  const none = emptyOrderedMap<true>();
  const { ids, earlier } = server.forwarded.term === term ? server.forwarded : { ids: none, earlier: none };
  if (mapHas(ids, id) || mapHas(earlier, id)) {
    turn.note(note.forwardDuplicate);
    return false;
  }
  const isFull = ids.size >= FORWARDED_KEPT;
  turn.serve({
    forwarded: { term, ids: mapSet(isFull ? none : ids, id, true), earlier: isFull ? ids : earlier },
  });
  return true;
}

/** Only the leader counts down leases (etcd, LeaseRenew and LeaseTimeToLive go to it). */
function askAboutLease(turn: Turn, asker: Asker, id: RequestId, request: LeaseRequest): void {
  const { raft } = turn;
  if (raft.leader !== null) {
    awaitRead(turn, asker, id, request);
    return;
  }
  if (raft.leaderId === null || !turn.config.forwardProposals) {
    refuseWithoutLeadership(turn, asker, id);
    return;
  }
  wait(turn, asker, id, "leaseCall");
  turn.note(note.callForwarded);
  turn.send(raft.leaderId, { kind: "leaseCall", term: raft.currentTerm, id, request });
}

/** As {@link handleForward}: the leader may have to propose something for it. */
export function handleLeaseCall(turn: Turn, from: MemberId, { term, id, request }: LeaseCall): void {
  if (takesOnce(turn, term, id)) awaitRead(turn, { kind: "member", process: from }, id, request);
}

export function handleLeaseAnswer(turn: Turn, { id, response }: LeaseAnswer): void {
  const waited = takeWait(turn, id);
  if (waited !== null) turn.answer(waited.asker, id, response);
}

/** Whoever waits for this waits no longer. Null if nobody did. */
export function takeWait(turn: Turn, id: RequestId): Wait | null {
  const { waits } = turn.server;
  for (const found of waits) {
    if (found.id !== id) continue;
    turn.serve({ waits: waits.filter((other) => other !== found) });
    return found;
  }
  return null;
}

/** A call ends without an outcome. */
export function failWait(turn: Turn, id: RequestId, code: ErrorCode): void {
  const waited = takeWait(turn, id);
  if (waited !== null) turn.refuse(waited.asker, id, code);
}

/** etcd: "etcdserver: request timed out". The command may be carried out all the same. */
export function expireWaits(turn: Turn): void {
  const { waits } = turn.server;
  const late = waits.filter(({ deadline }) => deadline <= turn.now);
  if (late.length > 0) turn.serve({ waits: waits.filter(({ deadline }) => deadline > turn.now) });
  for (const { id, asker } of late) {
    turn.note(note.callTimedOut);
    turn.refuse(asker, id, "timeout");
  }
}
