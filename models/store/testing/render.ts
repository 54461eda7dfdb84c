import { type Effect, mapEach } from "../../kernel/index.ts";
import type {
  Command,
  KeyValue,
  MemberState,
  MemberTypes,
  StoreDurable,
  StoreEvent,
  StoreMessage,
  StoreResponse,
  StoreState,
  WatchResponse,
} from "../types.ts";
import { isTombstone } from "../versions.ts";

/** The timers of a member that are not Raft's. */
const TIMERS = ["calls", "lease", "backend", "scrub", "watchSync", "watchProgress"];

/** One line for an effect of the member's own, without its member; null for one of Raft's, and for timers unless asked. */
export function renderEffect(effect: Effect<MemberTypes>, timers: boolean): string | null {
  switch (effect.kind) {
    case "send": {
      const message = renderMessage(effect.message);
      return message === null ? null : `send ${effect.to} ${message}`;
    }
    case "persist":
      if (effect.record.kind !== "backend") return null;
      return `persist backend index=${effect.record.consistentIndex}${effect.sync ? "" : " (no sync)"}`;
    case "setTimer":
      if (!timers || !TIMERS.includes(effect.name)) return null;
      return `set ${effect.name} ${effect.minUs / 1000}..${effect.maxUs / 1000} ms`;
    case "cancelTimer":
      return timers && TIMERS.includes(effect.name) ? `cancel ${effect.name}` : null;
    case "reply":
      return `reply ${effect.id} ${renderResponse(effect.response)}`;
    case "note":
      return effect.name.startsWith("store/") ? `note ${effect.name}` : null;
  }
}

/** Null for one of Raft's. */
export function renderMessage(message: StoreMessage): string | null {
  switch (message.kind) {
    case "forward":
      return `forward term=${message.term} ${renderCommand(message.command)}`;
    case "leaseCall":
      return `leaseCall term=${message.term} ${message.id} ${message.request.kind} ${message.request.id}`;
    case "leaseAnswer":
      return `leaseAnswer ${message.id} ${renderResponse(message.response)}`;
    case "answer":
      return `answer ${message.id} ${renderResponse(message.response)}`;
    case "watchResponse":
      return renderWatchResponse(message);
    default:
      return null;
  }
}

function renderCommand(text: string): string {
  const { id, op } = JSON.parse(text) as Command;
  return op.kind === "put" ? `${id} put ${op.key}=${op.value}` : `${id} ${op.kind}`;
}

function renderWatchResponse(response: WatchResponse): string {
  const { watchId, sequence, created, canceled, compactRevision, revision, events, fragment } = response;
  const parts = [`watch ${watchId} ${sequence}: revision=${revision}`];
  if (created) parts.push("created");
  if (canceled) parts.push("canceled");
  if (compactRevision > 0) parts.push(`compacted=${compactRevision}`);
  if (events.length > 0) parts.push(`[${events.map(renderEvent).join(" ")}]`);
  if (fragment) parts.push("to be continued");
  return parts.join(" ");
}

function renderEvent({ kv, prevKv }: StoreEvent): string {
  const before = prevKv === null ? "" : ` (was ${prevKv.value})`;
  return `${renderKv(kv)}@${kv.modRevision}${before}`;
}

function renderKv(kv: KeyValue): string {
  return isTombstone(kv) ? `-${kv.key}` : `${kv.key}=${kv.value}`;
}

function renderResponse(response: StoreResponse): string {
  switch (response.kind) {
    case "error": {
      const hint = response.leaderHint === null ? "" : ` leader=${response.leaderHint}`;
      return `refused: ${response.code}${hint}`;
    }
    case "range":
      return `range revision=${response.revision} [${response.kvs.map(renderKv).join(" ")}]`;
    case "txn": {
      const found = response.responses.map((each) => (each.kind === "range" ? ` [${each.kvs.map(renderKv)}]` : ""));
      return `txn revision=${response.revision} succeeded=${response.succeeded}${found.join("")}`;
    }
    case "leaseGrant":
      return `leaseGrant ${response.id} ttl=${response.ttlUs / 1000} ms`;
    case "leaseKeepAlive":
      return `leaseKeepAlive ${response.id} ttl=${response.ttlUs / 1000} ms`;
    case "leaseTimeToLive": {
      const { id, ttlUs, grantedTtlUs, keys } = response;
      return `leaseTimeToLive ${id} left=${ttlUs / 1000} of ${grantedTtlUs / 1000} ms keys=[${keys.join(" ")}]`;
    }
    default:
      return `${response.kind} revision=${response.revision}`;
  }
}

/** A member in some lines: its store, its leases and their clocks, who waits, its watchers. */
export function renderState({ raft, server }: MemberState, now: number): readonly string[] {
  const { role, currentTerm, application } = raft;
  const lines = [`${role} term=${currentTerm} ${renderStore(application)}`];
  mapEach(application.leases, "", null, ({ id, ttlUs, remainingTtlUs, keys }) => {
    const remaining = remainingTtlUs === 0 ? "" : ` remaining=${remainingTtlUs / 1000}`;
    lines.push(`lease ${id} ttl=${ttlUs / 1000}${remaining} keys=[${keys.join(" ")}]`);
  });
  const { lessor, waits, reads, watchers } = server;
  for (const { id, expiresAt } of lessor.clocks) lines.push(`clock ${id} expires in ${(expiresAt - now) / 1000} ms`);
  if (waits.length > 0) lines.push(`waits ${waits.map(({ id }) => id).join(" ")}`);
  if (reads.asked !== null) {
    const [asked, waiting] = [reads.asked.reads, reads.waiting].map((all) => all.map(({ id }) => id).join(" "));
    lines.push(`reads asked=[${asked}] waiting=[${waiting}]`);
  }
  for (const { watchId, synced, nextRevision, sequence, acked } of watchers)
    lines.push(
      `watch ${watchId} ${synced ? "synced" : `behind, from ${nextRevision}`} sent=${sequence - 1} acked=${acked}`,
    );
  return lines;
}

export function renderStore(store: StoreState): string {
  const { revision, compactRevision, scrubbedRevision, consistentIndex, keys } = store;
  const content: string[] = [];
  mapEach(keys, "", null, (versions) => {
    const [last] = versions.slice(-1);
    if (!isTombstone(last!)) content.push(renderKv(last!));
  });
  const compacted = compactRevision === 0 ? "" : ` compacted=${compactRevision} scrubbed=${scrubbedRevision}`;
  return `index=${consistentIndex} revision=${revision}${compacted} {${content.join(" ")}}`;
}

/** What a member would start from. */
export function renderDisk({ raft, backend }: StoreDurable): readonly string[] {
  const { snapshot, log } = raft;
  return [
    backend === null ? "backend empty" : `backend ${renderStore(backend.content)}`,
    snapshot === null
      ? "no snapshot"
      : `snapshot ${snapshot.index}/${snapshot.term} ${renderStore(snapshot.application)}`,
    `log after ${log.prevIndex}: ${log.entries.length} entries`,
  ];
}
