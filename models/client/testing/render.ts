import { type Effect, unreachable } from "../../kernel/index.ts";
import type { Compare, KeyRange, StoreRequest, StoreResponse, TxnOp, WatchCreate } from "../../store/types.ts";
import type { ClientResponse, ClientState, ClientTypes, OpenWatch, Session } from "../types.ts";

/** One line for an effect. Streams and calls go by the end of their ids. */
export function renderEffect(effect: Effect<ClientTypes>): string {
  switch (effect.kind) {
    case "send":
      return `send ${effect.to} ${renderMessage(effect.message)}`;
    case "setTimer": {
      const [min, max] = [effect.minUs / 1000, effect.maxUs / 1000];
      return `set ${effect.name} ${min === max ? min : `${min}..${max}`} ms`;
    }
    case "cancelTimer":
      return `cancel ${effect.name}`;
    case "reply":
      return `reply ${effect.id} ${renderResponse(effect.response)}`;
    case "note":
      return `note ${effect.name}`;
    case "persist":
      return "persist";
    default:
      return unreachable(effect);
  }
}

function renderMessage(message: ClientTypes["message"]): string {
  switch (message.kind) {
    case "call":
      return `call ${shortId(message.id)} ${renderCall(message.request)}`;
    case "watchCreate":
      return `watchCreate ${shortId(message.watchId)} ${renderCreate(message.create)}`;
    case "watchAck":
      return `watchAck ${shortId(message.watchId)} ${message.sequence}`;
    case "watchCancel":
    case "watchProgress":
      return `${message.kind} ${shortId(message.watchId)}`;
    default:
      return message.kind;
  }
}

function shortId(id: string): string {
  return `#${id.slice(id.indexOf("/") + 1)}`;
}

function renderCreate(create: WatchCreate): string {
  return `${renderRange(create)} from ${create.startRevision === 0 ? "now on" : create.startRevision}`;
}

function renderRange({ key, rangeEnd }: KeyRange): string {
  return rangeEnd === "" ? key : `[${key}, ${rangeEnd})`;
}

function renderCall(request: StoreRequest): string {
  switch (request.kind) {
    case "txn": {
      const compares = request.compare.map(renderCompare).join(", ");
      const ops = request.success.map(renderOp).join(", ");
      return compares === "" ? `txn ${ops}` : `txn if ${compares} then ${ops}`;
    }
    case "put":
    case "range":
    case "deleteRange":
      return renderOp(request);
    case "compact":
      return `compact ${request.revision}`;
    case "leaseGrant":
      return `leaseGrant ${request.id} ${request.ttlUs / 1000} ms`;
    case "leaseRevoke":
    case "leaseKeepAlive":
    case "leaseTimeToLive":
      return `${request.kind} ${request.id}`;
    default:
      return request.kind;
  }
}

function renderOp(op: TxnOp): string {
  switch (op.kind) {
    case "put":
      return `put ${op.key}=${op.value}${op.lease === 0 ? "" : ` lease=${op.lease}`}`;
    case "range":
    case "deleteRange":
      return `${op.kind} ${renderRange(op)}`;
    default:
      return unreachable(op);
  }
}

const SIGNS = { equal: "==", notEqual: "!=", greater: ">", less: "<" } as const;

function renderCompare({ key, target, result, operand }: Compare): string {
  return `${target}(${key}) ${SIGNS[result]} ${operand}`;
}

function renderResponse({ outcome, code, result, answer }: ClientResponse): string {
  const why = code === null ? "" : ` code=${code}`;
  const what = result === null ? "" : ` result=${Array.isArray(result) ? `[${result.join(" ")}]` : result}`;
  return `${outcome}${why}${what}${answer === null ? "" : ` by ${renderAnswer(answer)}`}`;
}

function renderAnswer(answer: StoreResponse): string {
  return answer.kind === "error" ? answer.code : `${answer.kind} at ${answer.revision}`;
}

/** A client in some lines: its sessions, its watches. Times are in milliseconds from the boot. */
export function renderState(state: ClientState): readonly string[] {
  const ms = (us: number): string => `${(us - state.bootedAt) / 1000} ms`;
  const session = ({ work, attempt, queue, endpoint, lease }: Session, at: number): string => {
    const doing = work === null ? "free" : `${work.request.kind} ${work.step}${work.doubtful ? " in doubt" : ""}`;
    const asks = attempt === null ? "" : ` asks ${attempt.endpoint} ${shortId(attempt.id)}`;
    const held = lease === null ? "" : ` lease ${lease.id} until ${ms(lease.validUntil)}`;
    const holds = lease === null || lease.holds === null ? "" : ` holds ${lease.holds}`;
    return `session ${at}: ${doing}${asks}${held}${holds} at ${state.config.endpoints[endpoint]} queue=${queue.length}`;
  };
  const watch = ({
    work,
    watchId,
    phase,
    endpoint,
    nextRevision,
    sequence,
    partial,
    batch,
    batches,
  }: OpenWatch): string =>
    `watch ${work}: ${phase} ${shortId(watchId)} at ${endpoint} next=${nextRevision} sequence=${sequence} partial=${partial.length} batches=${batches} last=[${batch.map(({ type, kv }) => `${type} ${kv.key}@${kv.modRevision}`).join(" ")}]`;
  return [...state.sessions.map(session), ...state.watches.map(watch), `seen ${state.seenRevision}`];
}
