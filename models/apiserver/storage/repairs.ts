import { type Micros, unreachable } from "../../kernel/index.ts";
import type { Service } from "../../machinery/kinds/index.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import {
  type Answer,
  fromStored,
  type Problem,
  type Repair,
  type RepairMove,
  rangesOf,
  servicesListed,
  startRepair,
  stepRepair,
} from "../allocation/index.ts";
import { note } from "../notes.ts";
import type { ServerTurn } from "../turn.ts";
import { type CallOutcome, callStore } from "./calls.ts";
import { rangeOf } from "./keys.ts";
import { getKey, readRange, writeIfAt } from "./requests.ts";

/** pkg/controlplane/instance.go: a server whose first repair fails gives up and is started anew. */
const FIRST_RETRY_US: Micros = 1_000_000;

/** The loops of a server begin at its start, and again each interval (repair.go, RunUntil). */
export function repairsDue(turn: ServerTurn): void {
  for (const repair of turn.repairs)
    if (repair.stage.kind === "idle" && repair.dueAt <= turn.now)
      carryOut(turn, ...startRepair(repair, turn.now, turn.config.repairIntervalUs));
}

/** When the next one begins. What is under way has its calls to wait for. */
export function nextRepairDue(turn: ServerTurn): Micros {
  let next = Number.MAX_SAFE_INTEGER;
  for (const { stage, dueAt } of turn.repairs) if (stage.kind === "idle") next = Math.min(next, dueAt);
  return next;
}

/** The store has answered a loop, or not. */
export function repairAnswered(turn: ServerTurn, name: string, response: CallOutcome): void {
  const repair = turn.repairs.find((one) => one.name === name)!;
  if (repair.stage.kind !== "listing") {
    const answer = answerOf(response);
    if (answer.kind === "written") turn.note(note.repairWritten);
    if (answer.kind === "conflict") turn.note(note.repairConflict);
    carryOut(turn, ...stepRepair(repair, answer));
    return;
  }
  const services = response?.kind === "range" ? response.kvs.map((kv) => turn.decode(kv) as Service) : null;
  carryOut(turn, ...servicesListed(repair, rangesOf(turn.config)[repair.name], services));
}

/** What the store says of a range. */
export function answerOf(response: CallOutcome): Answer {
  if (response === null || (response.kind !== "range" && response.kind !== "txn"))
    return { kind: "failed", unknown: true };
  if (response.kind === "txn" && response.succeeded) return { kind: "written" };
  const read = response.kind === "range" ? response : response.responses[0];
  const kv = read?.kind === "range" ? read.kvs[0] : undefined;
  return {
    kind: response.kind === "range" ? "range" : "conflict",
    object: kv === undefined ? null : fromStored(kv.value),
    revision: kv === undefined ? 0 : kv.modRevision,
  };
}

function carryOut(turn: ServerTurn, repair: Repair, move: RepairMove): void {
  turn.repairs = turn.repairs.map((one) => (one.name === repair.name ? repair : one));
  switch (move.kind) {
    case "read":
      callStore(turn, "repair", repair.name, getKey(move.key));
      return;
    case "list":
      callStore(turn, "repair", repair.name, readRange(rangeOf(resourceNamed("services"), ""), 0, 0));
      return;
    case "write":
      callStore(turn, "repair", repair.name, writeIfAt(move.key, move.revision, JSON.stringify(move.object)));
      return;
    case "rest":
      rest(turn, repair, move.problems);
      return;
    default:
      unreachable(move);
  }
}

function rest(turn: ServerTurn, repair: Repair, problems: readonly Problem[]): void {
  for (const { reason } of problems) turn.note(NOTES[reason]);
  if (repair.hasRun) return;
  turn.note(note.repairFailed);
  const dueAt = turn.now + FIRST_RETRY_US;
  turn.repairs = turn.repairs.map((one) => (one.name === repair.name ? { ...repair, dueAt } : one));
  turn.arm(dueAt);
}

const NOTES = {
  NotAllocated: note.repairMissing,
  AlreadyAllocated: note.repairTwice,
  OutOfRange: note.repairOutside,
  MayHaveLeaked: note.repairLeakSeen,
  Leaked: note.repairLeakFreed,
} as const satisfies Record<Problem["reason"], unknown>;
