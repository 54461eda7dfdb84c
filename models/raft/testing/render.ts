import { type Effect, unreachable } from "../../kernel/index.ts";
import type { ChainState, Configuration, Entry, RaftMessage, RaftRecord, RaftResponse, RaftState } from "../index.ts";
import { entryAt, lastIndex, termAt } from "../log.ts";
import type { Types } from "./cluster.ts";

/** One line for an effect, without its member. */
export function renderEffect(effect: Effect<Types>): string {
  switch (effect.kind) {
    case "send":
      return `send ${effect.to} ${renderMessage(effect.message)}`;
    case "persist":
      return `persist ${renderRecord(effect.record)}${effect.sync ? "" : " (no sync)"}`;
    case "setTimer":
      return `set ${effect.name} ${effect.minUs / 1000}..${effect.maxUs / 1000} ms`;
    case "cancelTimer":
      return `cancel ${effect.name}`;
    case "reply":
      return `reply ${effect.id} ${renderResponse(effect.response)}`;
    case "note":
      return `note ${effect.name}`;
    default:
      return unreachable(effect);
  }
}

export function renderMessage(message: RaftMessage<ChainState>): string {
  const { kind, term } = message;
  switch (message.kind) {
    case "requestPreVote":
    case "requestVote": {
      const transfer = message.transfer ? " transfer" : "";
      return `${kind} term=${term} lastLog=${message.lastLogIndex}/${message.lastLogTerm}${transfer}`;
    }
    case "requestPreVoteReply":
    case "requestVoteReply":
      return `${kind} term=${term} granted=${message.voteGranted}`;
    case "appendEntries": {
      const { prevLogIndex, prevLogTerm, leaderCommit, round } = message;
      const entries = message.entries.map(renderEntry).join(" ");
      return `${kind} term=${term} prev=${prevLogIndex}/${prevLogTerm} commit=${leaderCommit} round=${round} [${entries}]`;
    }
    case "appendEntriesReply": {
      const { success, matchIndex, hintIndex, hintTerm, round } = message;
      const told = success ? `match=${matchIndex}` : `refused=${matchIndex} hint=${hintIndex}/${hintTerm}`;
      return `${kind} term=${term} ${told} round=${round}`;
    }
    case "installSnapshot": {
      const { index, term: lastTerm, configuration } = message.snapshot;
      return `${kind} term=${term} snapshot=${index}/${lastTerm} ${renderConfiguration(configuration)} round=${message.round}`;
    }
    case "installSnapshotReply":
      return `${kind} term=${term} match=${message.matchIndex} round=${message.round}`;
    case "timeoutNow":
      return `${kind} term=${term}`;
    case "readIndex":
      return `${kind} term=${term} id=${message.id}`;
    case "readIndexReply":
      return `${kind} term=${term} id=${message.id} readIndex=${message.readIndex}`;
    default:
      return unreachable(message);
  }
}

function renderRecord(record: RaftRecord<ChainState>): string {
  switch (record.kind) {
    case "hardState":
      return `currentTerm=${record.hardState.currentTerm} votedFor=${record.hardState.votedFor ?? "none"}`;
    case "entries":
      return `entries from ${record.firstIndex} [${record.entries.map(renderEntry).join(" ")}]`;
    case "snapshot":
      return `snapshot ${record.snapshot.index}/${record.snapshot.term}`;
    default:
      return unreachable(record);
  }
}

function renderResponse(response: RaftResponse): string {
  switch (response.kind) {
    case "committed":
    case "superseded":
    case "unknown":
      return `${response.kind} ${response.index}/${response.term}`;
    case "read":
      return `read readIndex=${response.readIndex} appliedIndex=${response.appliedIndex}`;
    case "transferStarted":
      return `transferStarted to=${response.to}`;
    case "notLeader":
      return `notLeader hint=${response.leaderHint ?? "none"}`;
    case "refused":
      return `refused: ${response.reason}`;
    default:
      return unreachable(response);
  }
}

/** `term:command`, `term:noop` or `term:(voters)`. */
function renderEntry(entry: Entry): string {
  switch (entry.kind) {
    case "command":
      return `${entry.term}:${entry.command}`;
    case "noop":
      return `${entry.term}:noop`;
    case "configuration":
      return `${entry.term}:${renderConfiguration(entry.configuration)}`;
    default:
      return unreachable(entry);
  }
}

/** As etcd does it: `(incoming)&&(outgoing) learners=(..) learnersNext=(..)`. */
export function renderConfiguration(configuration: Configuration): string {
  const { voters, votersOutgoing, learners, learnersNext } = configuration;
  const parts = [`(${voters.join(" ")})`];
  if (votersOutgoing.length > 0) parts.push(`&&(${votersOutgoing.join(" ")})`);
  if (learners.length > 0) parts.push(` learners=(${learners.join(" ")})`);
  if (learnersNext.length > 0) parts.push(` learnersNext=(${learnersNext.join(" ")})`);
  return parts.join("");
}

/** A member in two or three lines: what it is, its log, its peers. */
export function renderState(state: RaftState<ChainState>): readonly string[] {
  const { role, currentTerm, votedFor, leaderId, commitIndex, lastApplied, log, configurations } = state;
  const configuration = configurations[configurations.length - 1]!.configuration;
  const entries: string[] = [];
  for (let index = log.prevIndex + 1; index <= lastIndex(log); index++) entries.push(renderEntry(entryAt(log, index)!));
  const lines = [
    `${role} term=${currentTerm} votedFor=${votedFor ?? "none"} leader=${leaderId ?? "none"} commit=${commitIndex} applied=${lastApplied} ${renderConfiguration(configuration)}`,
    `log after ${log.prevIndex}/${termAt(log, log.prevIndex)}: ${entries.join(" ")}`.trimEnd(),
  ];
  for (const { id, matchIndex, nextIndex, mode, paused, inflight } of state.leader?.progress ?? []) {
    const waits = paused ? " paused" : inflight.length > 0 ? ` inflight=${inflight.join(",")}` : "";
    lines.push(`peer ${id} ${mode} match=${matchIndex} next=${nextIndex}${waits}`);
  }
  return lines;
}
