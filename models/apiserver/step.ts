import {
  type BootReading,
  emptyOrderedMap,
  type Input,
  mapEach,
  NO_EFFECTS,
  type ProcessId,
  type Step,
} from "../kernel/index.ts";
import { RESOURCES } from "../machinery/resources.ts";
import type { StoreResponse } from "../store/types.ts";
import { newRepair } from "./allocation/index.ts";
import { bootstrapWhenDue } from "./bootstrap.ts";
import { emptyCache } from "./cacher/cache.ts";
import { isAnyoneWaiting, waitsDue } from "./cacher/fresh.ts";
import { pageRead, startListing, takeStream } from "./cacher/listing.ts";
import { nextWatchDue, ping, stopWatch, watchesDue } from "./cacher/watches.ts";
import { apiCall, apiWatch, flightAnswered, flightsDue } from "./rest/handler.ts";
import { type CallOutcome, callAnswered, callsDue, nextCallDue } from "./storage/calls.ts";
import { compactorAnswered, compactWhenDue } from "./storage/compactor.ts";
import { nextRepairDue, repairAnswered, repairsDue } from "./storage/repairs.ts";
import { nextStreamDue, streamDue, streamResponse } from "./storage/streams.ts";
import { type ApiRules, ServerTurn, TICK } from "./turn.ts";
import type { ApiServerConfig, ApiServerState, ApiServerTypes, Flight, StoreCall } from "./types.ts";

/** A server starts: it knows nothing, and lists all resources of the table. */
export function boot(rules: ApiRules, config: ApiServerConfig, clock: BootReading): Step<ApiServerTypes> {
  const every = config.compactionIntervalUs;
  const state: ApiServerState = {
    kind: "apiServer",
    config,
    bootedAt: clock.now,
    ids: 0,
    uids: 0,
    endpoint: 0,
    reflector: {
      phase: "listing",
      revision: 0,
      listRevision: 0,
      listFrom: "",
      stream: null,
      waiting: [],
      progressAskedAt: 0,
    },
    caches: RESOURCES.map(({ name }) => emptyCache(name, config.ringEventsMin)),
    flights: emptyOrderedMap(),
    writesInFlight: 0,
    calls: emptyOrderedMap(),
    watchers: emptyOrderedMap(),
    agenda: emptyOrderedMap(),
    compactor: { version: 0, revision: 0, dueAt: every === 0 ? Number.MAX_SAFE_INTEGER : clock.now + every },
    repairs: [newRepair("serviceips", clock.now), newRepair("servicenodeports", clock.now)],
    bootstrapAt: clock.now,
    wakeAt: 0,
  };
  const turn = new ServerTurn(rules, state, clock);
  startListing(turn);
  repairsDue(turn);
  // Soon after the first lists are complete.
  bootstrapWhenDue(turn);
  turn.arm(turn.bootstrapAt);
  return end(turn);
}

export function step(rules: ApiRules, state: ApiServerState, input: Input<ApiServerTypes>): Step<ApiServerTypes> {
  const turn = new ServerTurn(rules, state, input);
  switch (input.kind) {
    case "receive":
      receive(turn, input.from, input.message);
      break;
    case "timer":
      if (input.name === TICK) tick(turn);
      break;
    case "request":
      return { state, effects: NO_EFFECTS };
  }
  return end(turn);
}

function end(turn: ServerTurn): Step<ApiServerTypes> {
  return { state: turn.state(), effects: turn.effects.length === 0 ? NO_EFFECTS : turn.effects };
}

function receive(turn: ServerTurn, from: ProcessId, message: ApiServerTypes["message"]): void {
  switch (message.kind) {
    case "answer":
      answered(turn, message.id, message.response);
      return;
    case "watchResponse":
      if (streamResponse(turn, from, message)) takeStream(turn, message);
      return;
    case "apiCall":
      apiCall(turn, from, message);
      return;
    case "apiWatch":
      apiWatch(turn, from, message);
      return;
    case "apiWatchStop":
      stopWatch(turn, message.watchId);
      return;
    case "apiPing":
      ping(turn, from, message.watchId);
      return;
    default:
      // What others say to one another is none of a server's business.
      return;
  }
}

function answered(turn: ServerTurn, id: string, response: StoreResponse): void {
  const call = callAnswered(turn, id, response);
  if (call !== null) deliver(turn, call, response);
}

function deliver(turn: ServerTurn, call: StoreCall, response: CallOutcome): void {
  switch (call.kind) {
    case "flight":
      flightAnswered(turn, call.owner, response);
      return;
    case "list":
      pageRead(turn, response);
      return;
    case "compactor":
      compactorAnswered(turn, response);
      return;
    case "repair":
      repairAnswered(turn, call.owner, response);
  }
}

/** The one timer: whatever is due is done, and it is set for what is due next. */
function tick(turn: ServerTurn): void {
  turn.wakeAt = 0;
  for (const call of callsDue(turn)) deliver(turn, call, null);
  flightsDue(turn, lateFlights(turn));
  waitsDue(turn);
  streamDue(turn);
  watchesDue(turn);
  compactWhenDue(turn);
  repairsDue(turn);
  bootstrapWhenDue(turn);
  turn.arm(nextDue(turn));
}

function lateFlights(turn: ServerTurn): readonly Flight[] {
  const late: Flight[] = [];
  mapEach(turn.flights, "", null, (flight) => {
    if (flight.deadline <= turn.now) late.push(flight);
  });
  return late;
}

function nextDue(turn: ServerTurn): number {
  let next = Math.min(
    nextCallDue(turn),
    nextStreamDue(turn),
    nextWatchDue(turn),
    turn.compactor.dueAt,
    nextRepairDue(turn),
    turn.bootstrapAt,
  );
  mapEach(turn.flights, "", null, ({ deadline }) => {
    next = Math.min(next, deadline);
  });
  return isAnyoneWaiting(turn) ? Math.min(next, turn.now + turn.config.progressIntervalUs) : next;
}
