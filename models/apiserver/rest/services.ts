/** What goes with the write of a service (kubernetes pkg/registry/core/service/storage/alloc.go, storage.go). */
import { mapEntries } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import type { KubeObject, Service } from "../../machinery/kinds/index.ts";
import { statusResponse } from "../../machinery/status.ts";
import { OUTCOME_UNKNOWN } from "../../store/types.ts";
import {
  type Next,
  planOfCreate,
  planOfDelete,
  planOfUpdate,
  type RangeChange,
  rangesOf,
  startJob,
  stepJob,
} from "../allocation/index.ts";
import { note } from "../notes.ts";
import { type CallOutcome, callStore } from "../storage/calls.ts";
import { answerOf } from "../storage/repairs.ts";
import { getKey, writeIfAt } from "../storage/requests.ts";
import type { ServerTurn } from "../turn.ts";
import type { AfterGiving, AfterTaking, Allocation, Flight, Stage } from "../types.ts";
import { tryCreate } from "./create.ts";
import { attempt, putIfAt, written } from "./write.ts";

type Taking = Extract<Stage, { readonly kind: "take" }>;
type Giving = Extract<Stage, { readonly kind: "give" }>;
type Writing = Extract<Stage, { readonly kind: "write" }>;

/** beginCreate: what a new service needs is taken first. False: it needs nothing. */
export function takeForCreate(turn: ServerTurn, flight: Flight, service: KubeObject): boolean {
  const { before } = planOfCreate(service as Service);
  if (before.length === 0) return false;
  goOnTaking(turn, flight, startJob(service as Service, before), { kind: "create", tries: 0 });
  return true;
}

/** What an update of a service has to take before it is written, and to give back afterwards (beginUpdate). */
export function planOf(service: KubeObject, existing: KubeObject): ReturnType<typeof planOfUpdate> {
  return planOfUpdate(service as Service, existing as Service);
}

export function takeForUpdate(
  turn: ServerTurn,
  flight: Flight,
  service: KubeObject,
  changes: readonly RangeChange[],
  then: AfterTaking,
): void {
  goOnTaking(turn, flight, startJob(service as Service, changes), then);
}

/** The store has answered what takes addresses and ports. */
export function takingAnswered(turn: ServerTurn, flight: Flight, stage: Taking, response: CallOutcome): void {
  goOnTaking(turn, flight, nextOf(turn, stage, response), stage.then);
}

function goOnTaking(turn: ServerTurn, flight: Flight, [job, move]: Next, then: AfterTaking): void {
  switch (move.kind) {
    case "read":
    case "write":
      askForRange(turn, flight, { kind: "take", job, then }, move);
      return;
    case "refused":
      turn.note(note.allocationRefused);
      giveBack(turn, flight, job.service, move.undo, { kind: "answer", response: statusResponse(move.status) });
      return;
    case "done": {
      turn.note(note.allocated);
      const { service, taken } = move;
      if (then.kind === "create") tryCreate(turn, flight, service, then.tries, { taken, after: [] });
      else putIfAt(turn, flight, then.key, service, then.existing, { taken, after: then.after });
    }
  }
}

type Asking = Extract<Next[1], { readonly kind: "read" | "write" }>;

/** The next call of the store for a job. Its answer goes on with the stage. */
function askForRange(turn: ServerTurn, flight: Flight, stage: Taking | Giving, move: Asking): void {
  turn.setFlight({ ...flight, stage });
  const request =
    move.kind === "read" ? getKey(move.key) : writeIfAt(move.key, move.revision, JSON.stringify(move.object));
  callStore(turn, "flight", flight.id, request);
}

/** A write that was refused for certain: what was taken for it is given back, and then the request goes on. */
export function revert(
  turn: ServerTurn,
  flight: Flight,
  service: KubeObject,
  allocation: Allocation | null,
  then: AfterGiving,
): void {
  if (allocation === null || allocation.taken.length === 0) {
    goOn(turn, flight, then);
    return;
  }
  turn.note(note.allocationReverted);
  giveBack(turn, flight, service, allocation.taken, then);
}

const NOTHING: readonly RangeChange[] = [];

/** What a service that was written, or is gone, has no use for any more (ReleaseDeferred, afterDelete). */
export function releasedBy(turn: ServerTurn, stage: Writing): readonly RangeChange[] {
  if (stage.resource !== "services") return NOTHING;
  if (stage.object !== null) return stage.allocation === null ? NOTHING : stage.allocation.after;
  const services = mapEntries(turn.caches[turn.positionOf("services")]!.objects).map(
    ([, service]) => service as Service,
  );
  return planOfDelete(stage.old as Service, services).after;
}

/** Gives back, one range after the other, and goes on with the request. */
export function giveBack(
  turn: ServerTurn,
  flight: Flight,
  service: KubeObject,
  changes: readonly RangeChange[],
  then: AfterGiving,
): void {
  goOnGiving(turn, flight, startJob(service as Service, changes), then);
}

export function givingAnswered(turn: ServerTurn, flight: Flight, stage: Giving, response: CallOutcome): void {
  // Later the repair loops may have given it to another: they do not wait for ever.
  if (flight.deadline <= turn.now) return;
  goOnGiving(turn, flight, nextOf(turn, stage, response), stage.then);
}

function goOnGiving(turn: ServerTurn, flight: Flight, [job, move]: Next, then: AfterGiving): void {
  switch (move.kind) {
    case "read":
    case "write":
      askForRange(turn, flight, { kind: "give", job, then }, move);
      return;
    case "refused":
    case "done":
      // What could not be given back is found by the repair loops.
      goOn(turn, flight, then);
  }
}

function goOn(turn: ServerTurn, flight: Flight, then: AfterGiving): void {
  switch (then.kind) {
    case "answer":
      turn.finish(flight, then.response);
      return;
    case "again":
      attempt(turn, flight, "services", then.key, { kind: "request" }, then.existing, false);
      return;
    case "written":
      turn.note(note.allocationReleased);
      written(turn, flight, then.stage, then.object);
  }
}

function nextOf(turn: ServerTurn, { job }: Taking | Giving, response: CallOutcome): Next {
  const answer = answerOf(response);
  if (answer.kind === "conflict") turn.note(note.allocationConflict);
  return stepJob(job, rangesOf(turn.config), answer);
}

/** Whether a call that failed has certainly not happened: only then may what was taken for it be given back. */
export function isCertain(response: CallOutcome): boolean {
  return response !== null && response.kind === "error" && !OUTCOME_UNKNOWN.includes(response.code);
}

/** A write failed, and the request with it. */
export function failed(
  turn: ServerTurn,
  flight: Flight,
  service: KubeObject,
  allocation: Allocation | null,
  response: CallOutcome,
  answer: ApiResponse,
): void {
  if (isCertain(response)) {
    revert(turn, flight, service, allocation, { kind: "answer", response: answer });
    return;
  }
  if (allocation !== null && allocation.taken.length > 0) turn.note(note.allocationKept);
  turn.finish(flight, answer);
}
