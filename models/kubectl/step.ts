import { type BootReading, type Input, type Micros, NO_EFFECTS, type RequestId, type Step } from "../kernel/index.ts";
import type { ApiResponse } from "../machinery/api.ts";
import { Api } from "../machinery/client/api.ts";
import { failureOf } from "../machinery/status.ts";
import { Turn } from "../machinery/turn.ts";
import { rulesOf } from "./commands.ts";
import { note } from "./notes.ts";
import { type Context, isTransient, type Outcome } from "./outcome.ts";
import type { Command, KubectlConfig, KubectlResponse, KubectlState, KubectlTypes, Session, Work } from "./types.ts";

/** The one timer of the sessions: when the next of those that wait goes on. */
const TIMER = "kubectl";

/** The first objects are asked for under this id. */
export const FIRST_OBJECTS: RequestId = "objects";

/** What a person was at is gone when the machine restarts; only the first objects are not asked for twice. */
export function boot(
  durable: KubectlTypes["durable"],
  config: KubectlConfig,
  reading: BootReading,
): Step<KubectlTypes> {
  const turn = new Turn<KubectlTypes>(reading);
  const idle: Session = { work: null, queue: [] };
  let sessions: readonly Session[] = Array.from({ length: config.sessions }, () => idle);
  const api = Api.boot(config.api, reading.now);
  if (!durable.started && config.objects.length > 0) {
    turn.persist({ kind: "started" }, true);
    const command: Command = { kind: "apply", objects: config.objects };
    sessions = sessions.with(0, { work: null, queue: [{ id: FIRST_OBJECTS, command }] });
  }
  return end({ kind: "kubectl", config, api, sessions, wakeAt: 0 }, turn);
}

export function step(state: KubectlState, input: Input<KubectlTypes>): Step<KubectlTypes> {
  const turn = new Turn<KubectlTypes>(input);
  const api = new Api<KubectlTypes>(state.config.api, state.api, turn);
  const news = api.take(input);
  let { sessions } = state;
  if (news !== null)
    for (const { tag, response } of news.answers) sessions = answered(state, sessions, tag as number, response, turn);
  let { wakeAt } = state;
  if (input.kind === "timer" && input.name === TIMER) wakeAt = 0;
  if (input.kind === "request") {
    const at = input.body.session % sessions.length;
    const { work, queue } = sessions[at]!;
    if (work !== null) turn.note(note.queued);
    sessions = sessions.with(at, { work, queue: [...queue, { id: input.id, command: input.body.command }] });
  }
  return end({ kind: "kubectl", config: state.config, api: api.state, sessions, wakeAt }, turn);
}

/** Sessions that are free begin what waits, those that have waited go on, and the timer is set to the next. */
function end(state: KubectlState, turn: Turn<KubectlTypes>): Step<KubectlTypes> {
  const { config } = state;
  const api = new Api<KubectlTypes>(config.api, state.api, turn);
  let { sessions, wakeAt } = state;
  for (let at = 0; at < sessions.length; at++) {
    let session = sessions[at]!;
    while (session.work === null && session.queue.length > 0) session = begun(state, session, turn);
    if (session.work !== null && session.work.wakeAt > 0 && session.work.wakeAt <= turn.now) {
      api.call(session.work.request, at);
      session = { ...session, work: { ...session.work, wakeAt: 0 } };
    }
    if (session !== sessions[at]) sessions = sessions.with(at, session);
  }
  const due = nextDue(sessions);
  if (due !== wakeAt && due !== 0) turn.setTimer(TIMER, Math.max(0, due - turn.now));
  if (due !== wakeAt) wakeAt = due;
  const next: KubectlState = { kind: "kubectl", config, api: api.state, sessions, wakeAt };
  return { state: next, effects: turn.effects.length === 0 ? NO_EFFECTS : turn.effects };
}

/** A request that is due at once is made at the end of the step. */
function begun(state: KubectlState, { queue }: Session, turn: Turn<KubectlTypes>): Session {
  const { id, command } = queue[0]!;
  const rest = queue.slice(1);
  const outcome = rulesOf(command).begin(command, contextOf(state, turn));
  if (outcome.kind === "ask") return { work: workOf(id, command, outcome, turn.now, turn.now), queue: rest };
  return { work: over(id, outcome, turn), queue: rest };
}

function answered(
  state: KubectlState,
  sessions: readonly Session[],
  at: number,
  response: ApiResponse | null,
  turn: Turn<KubectlTypes>,
): readonly Session[] {
  const session = sessions[at]!;
  const { work } = session;
  if (work === null || work.wakeAt > 0) return sessions;
  const outcome = outcomeOf(state, work, response, turn);
  return sessions.with(at, { work: next(state, work, outcome, response === null, turn), queue: session.queue });
}

function outcomeOf(state: KubectlState, work: Work, response: ApiResponse | null, turn: Turn<KubectlTypes>): Outcome {
  if (response === null) return { kind: "again", note: note.noAnswer };
  const outcome = rulesOf(work.command).answered(work.command, work, response, contextOf(state, turn));
  // A drain that is over in time fails by itself, whatever the server has said.
  const isServers = outcome.kind === "failed" && outcome.status === failureOf(response);
  if (!isServers || !isTransient(outcome.status)) return outcome;
  return { kind: "again", note: note.serverBusy };
}

/** The work as it goes on; null: it is over. */
function next(
  { config }: KubectlState,
  work: Work,
  outcome: Outcome,
  doubtful: boolean,
  turn: Turn<KubectlTypes>,
): Work | null {
  const { now } = turn;
  switch (outcome.kind) {
    case "ask":
      return workOf(work.id, work.command, outcome, work.startedAt, now);
    case "again": {
      turn.note(outcome.note);
      if (work.attempts < config.attemptsMax) {
        const attempts = work.attempts + 1;
        return { ...work, wakeAt: now + config.retryUs, attempts, doubtful: work.doubtful || doubtful };
      }
      turn.note(note.gaveUp);
      return reply(work.id, { kind: "gaveUp" }, turn);
    }
    default:
      return over(work.id, outcome, turn);
  }
}

function over(id: RequestId, outcome: Outcome, turn: Turn<KubectlTypes>): null {
  if (outcome.kind !== "failed") return reply(id, { kind: "done" }, turn);
  turn.note(note.failed);
  return reply(id, { kind: "failed", status: outcome.status }, turn);
}

function reply(id: RequestId, response: KubectlResponse, turn: Turn<KubectlTypes>): null {
  turn.reply(id, response);
  return null;
}

function workOf(
  id: RequestId,
  command: Command,
  { request, stage, afterUs }: Extract<Outcome, { readonly kind: "ask" }>,
  startedAt: Micros,
  now: Micros,
): Work {
  // The step's end makes the request: one that is due now has waited already.
  const wakeAt = Math.max(1, now + afterUs);
  return { id, command, stage, request, wakeAt, attempts: 1, startedAt, doubtful: false };
}

function contextOf({ config }: KubectlState, turn: Turn<KubectlTypes>): Context {
  const { now, wall } = turn;
  const { evictionRetryUs, drainPollUs } = config;
  return { now, wall, evictionRetryUs, drainPollUs, note: (noted) => turn.note(noted) };
}

function nextDue(sessions: readonly Session[]): Micros {
  let due = 0;
  for (const { work } of sessions)
    if (work !== null && work.wakeAt > 0 && (due === 0 || work.wakeAt < due)) due = work.wakeAt;
  return due;
}
