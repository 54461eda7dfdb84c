import { type Micros, mapDelete, mapEach, mapGet, mapSet, type Note, type ProcessId } from "../../kernel/index.ts";
import type { ApiMessage, ApiRequest, ApiResponse } from "../api.ts";
import { fnv32a } from "../hash.ts";
import { isServiceUnavailable } from "../status.ts";
import { note } from "./notes.ts";
import type { Answer, ApiConfig, ApiState, InformerEvent, PendingCall, Tag } from "./types.ts";

/** The one timer that a client of the API uses, whatever it waits for. */
export const API_TIMER = "api";

/** What a client's rules need of a step in the making. */
export interface ApiTurn {
  readonly now: Micros;
  send(to: ProcessId, message: ApiMessage): void;
  setTimer(name: string, minUs: Micros, maxUs?: Micros): void;
  cancelTimer(name: string): void;
  note(noted: Note): void;
}

/** A client of the API in one step: its rules replace the state, and gather what is new. */
export interface Client {
  readonly config: ApiConfig;
  readonly turn: ApiTurn;
  state: ApiState;
  events: InformerEvent[];
  answers: Answer[];
}

/** Changes the state. Always built by one literal: a spread costs many times as much. */
export function keep(client: Client, changes: Partial<ApiState>): void {
  const { state } = client;
  client.state = {
    bootedAt: state.bootedAt,
    ids: changes.ids ?? state.ids,
    server: changes.server ?? state.server,
    calls: changes.calls ?? state.calls,
    informers: changes.informers ?? state.informers,
    wakeAt: changes.wakeAt ?? state.wakeAt,
  };
}

/** The server that requests go to now. */
export function currentServer({ config, state }: Client): ProcessId {
  return config.servers[state.server]!;
}

/** An id that no other call or watch has in this run. */
export function nextId(client: Client): string {
  const { state } = client;
  keep(client, { ids: state.ids + 1 });
  return `${client.config.id}/${state.bootedAt}/${state.ids}`;
}

/** Asks the current server. `informer` is the one whose list it is, or -1. */
export function makeCall(
  client: Client,
  request: ApiRequest,
  tag: Tag,
  informer: number,
  timeoutUs: Micros = client.config.requestTimeoutUs,
): void {
  const id = nextId(client);
  const server = currentServer(client);
  const deadline = client.turn.now + timeoutUs;
  const call: PendingCall = { id, server, request, tag, informer, deadline };
  keep(client, { calls: mapSet(client.state.calls, id, call) });
  client.turn.send(server, { kind: "apiCall", id, user: client.config.user, request });
  wakeBy(client, deadline);
}

/** Takes an answer. Null: of a call that is given up, or not ours; else the call. */
export function takeAnswer(client: Client, id: string, response: ApiResponse): PendingCall | null {
  const call = mapGet(client.state.calls, id);
  if (call === undefined) {
    client.turn.note(note.callLate);
    return null;
  }
  keep(client, { calls: mapDelete(client.state.calls, id) });
  if (isServiceUnavailable(response)) {
    client.turn.note(note.callUnavailable);
    failOver(client, call.server);
  }
  return call;
}

/** Gives up the calls whose time is over, and returns them in the order of their ids. It is not known what became of them. */
export function giveUpCalls(client: Client): readonly PendingCall[] {
  const { now } = client.turn;
  const due: PendingCall[] = [];
  mapEach(client.state.calls, "", null, (call) => {
    if (call.deadline <= now) due.push(call);
  });
  for (const call of due) {
    keep(client, { calls: mapDelete(client.state.calls, call.id) });
    client.turn.note(note.callTimedOut);
    failOver(client, call.server);
  }
  return due;
}

/** The earliest deadline of a call, or `latest`. */
export function earliestDeadline({ state }: Client, latest: Micros): Micros {
  let earliest = latest;
  mapEach(state.calls, "", null, (call) => {
    if (call.deadline < earliest) earliest = call.deadline;
  });
  return earliest;
}

/** Turns to the next server, unless that has happened already. */
export function failOver(client: Client, server: ProcessId): void {
  const { servers } = client.config;
  if (servers.length < 2 || currentServer(client) !== server) return;
  client.turn.note(note.failedOver);
  keep(client, { server: (client.state.server + 1) % servers.length });
}

/** Sees to it that the timer fires at `due` or before. */
export function wakeBy(client: Client, due: Micros): void {
  const { state, turn } = client;
  if (state.wakeAt !== 0 && state.wakeAt <= due) return;
  turn.setTimer(API_TIMER, Math.max(0, due - turn.now));
  keep(client, { wakeAt: due });
}

/** A fraction below 1 that differs from client to client and from time to time: the model has no chance of its own. */
export function spread({ config, state }: Client, salt: string): number {
  return (fnv32a(`${config.id}/${state.bootedAt}/${state.ids}/${salt}`) % 1024) / 1024;
}
