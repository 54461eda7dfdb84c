import {
  type BootReading,
  type ClockReading,
  emptyOrderedMap,
  type Input,
  type Machine,
  ModelBug,
  mapEntries,
  NO_EFFECTS,
  type Step,
} from "../kernel/index.ts";
import { Api } from "../machinery/client/api.ts";
import { bootElection, ELECTION_DEFAULTS } from "../machinery/client/election.ts";
import type { Answer, ApiConfig } from "../machinery/client/types.ts";
import { Turn } from "../machinery/turn.ts";
import { ATTEMPT_TIMER, endAttempt, startAttempt } from "./attempt.ts";
import { bindingAnswered, checkWaiting, giveUpWaiting } from "./binding.ts";
import { EMPTY_CACHE } from "./cache.ts";
import { observe } from "./events.ts";
import { note } from "./notes.ts";
import { preemptionAnswered } from "./preempting.ts";
import { EMPTY_SCHEDULING_QUEUE, flushBackoff, flushUnschedulable, queueDue } from "./queue/places.ts";
import type { RequestTag } from "./reporting.ts";
import { Run } from "./run.ts";
import { EMPTY_CACHED_SNAPSHOT } from "./snapshot.ts";
import { NO_STORAGE } from "./storage.ts";
import type { BindingCycle, PreemptionRun, SchedulerConfig, SchedulerState, SchedulerTypes } from "./types.ts";
import { informersOf } from "./views.ts";

/** The one timer of the queue, and of cycles that wait for their claims. */
const QUEUE_TIMER = "queue";
const RESTART_TIMER = "restart";

/** kube-scheduler's own values, for everything that is not the process's. */
export const SCHEDULER_DEFAULTS: Omit<SchedulerConfig, "id" | "api"> = Object.freeze({
  kind: "scheduler",
  election: Object.freeze({ namespace: "kube-system", name: "kube-scheduler", ...ELECTION_DEFAULTS }),
  profiles: Object.freeze([]) as readonly [],
  attemptMinUs: 500,
  attemptMaxUs: 5000,
  podInitialBackoffUs: 1_000_000,
  podMaxBackoffUs: 10_000_000,
  unschedulableFlushUs: 300_000_000,
  flushEveryUs: 30_000_000,
  bindTimeoutUs: 600_000_000,
  bindingsMax: 16,
  csi: true,
  emitsEvents: true,
  delayCacheUntilActive: false,
  restartUs: 1_000_000,
});

/** What a scheduler knows at its start: nothing. */
const KNOWS_NOTHING = Object.freeze({
  queue: EMPTY_SCHEDULING_QUEUE,
  cache: EMPTY_CACHE,
  snapshot: EMPTY_CACHED_SNAPSHOT,
  storage: NO_STORAGE,
  attempt: null,
  lastDecision: null,
  nextStart: 0,
  bindings: emptyOrderedMap<BindingCycle>(),
  waiting: emptyOrderedMap<BindingCycle>(),
  preemptions: emptyOrderedMap<PreemptionRun>(),
  wakeAt: 0,
});

/** A kube-scheduler: see the README for what it has, and what not. */
export const scheduler: Machine<SchedulerTypes> = {
  boot: (_durable: null, config: SchedulerConfig, reading: BootReading) => boot(config, reading),
  step,
  disk: { empty: null, write: nothingIsWritten, pieces: nothingIsWritten },
};

function nothingIsWritten(): never {
  throw new ModelBug("a scheduler keeps nothing on disk");
}

function boot(given: SchedulerConfig, reading: BootReading): Step<SchedulerTypes> {
  const turn = new Turn<SchedulerTypes>(reading);
  const config: SchedulerConfig = { ...SCHEDULER_DEFAULTS, ...given };
  const apiConfig: ApiConfig = { ...config.api, informers: informersOf(config.csi) };
  const state: SchedulerState = {
    kind: "scheduler",
    config,
    apiConfig,
    phase: "standby",
    api: Api.boot(apiConfig, reading.now),
    election: bootElection(config.id, reading),
    events: 0,
    ...KNOWS_NOTHING,
  };
  return started(state, turn);
}

function started(state: SchedulerState, turn: Turn<SchedulerTypes>): Step<SchedulerTypes> {
  const run = new Run(state, turn);
  run.election.start();
  if (!state.config.delayCacheUntilActive) run.api.start();
  return ended(run, turn);
}

function step(state: SchedulerState, input: Input<SchedulerTypes>): Step<SchedulerTypes> {
  const turn = new Turn<SchedulerTypes>(input);
  if (state.phase === "exited")
    return isTimer(input, RESTART_TIMER) ? restarted(state, turn) : { state, effects: NO_EFFECTS };
  const run = new Run(state, turn);
  const news = run.api.take(input);
  if (news === null) tick(run, input);
  const answers = news === null ? [] : news.answers.filter((answer) => !run.election.answered(answer));
  if (run.election.change === "lost") return exited(run, turn);
  if (news !== null) {
    for (const event of news.events) observe(run, event);
    for (const answer of answers) answered(run, answer);
    if (run.state.waiting.size > 0 && news.events.some(({ resource }) => resource !== "pods")) checkWaiting(run);
  }
  if (run.election.change === "elected") elected(run, turn);
  // schedule_one.go, ScheduleOne: one after the other.
  if (run.state.phase === "leading" && run.api.synced) startAttempt(run);
  setTimer(run);
  return ended(run, turn);
}

/** An input that is not the API's. */
function tick(run: Run, input: Input<SchedulerTypes>): void {
  if (run.election.take(input)) return;
  if (isTimer(input, QUEUE_TIMER)) wakeQueue(run);
  else if (isTimer(input, ATTEMPT_TIMER)) endAttempt(run);
}

function answered(run: Run, answer: Answer): void {
  const tag = answer.tag as unknown as RequestTag;
  if (tag.of === "binding") bindingAnswered(run, tag.uid, answer);
  else if (tag.of === "preemption") preemptionAnswered(run, tag, answer);
}

function wakeQueue(run: Run): void {
  const { queue } = run.state;
  const tried = flushBackoff(queue, run);
  if (tried !== queue) run.note(note.backedOff);
  const flushed = flushUnschedulable(tried, run);
  if (flushed !== tried) run.note(note.flushed);
  run.keep({ queue: flushed, wakeAt: 0 });
  giveUpWaiting(run);
}

/** Sees to it that the timer fires when a pod of the queue, or a cycle that waits for claims, is due. */
function setTimer(run: Run): void {
  const { queue, config, waiting, wakeAt } = run.state;
  let due = queueDue(queue, config) ?? Number.MAX_SAFE_INTEGER;
  for (const [, { deadline }] of mapEntries(waiting)) due = Math.min(due, deadline);
  if (due === Number.MAX_SAFE_INTEGER || (wakeAt !== 0 && wakeAt <= due)) return;
  run.turn.setTimer(QUEUE_TIMER, Math.max(0, due - run.now));
  run.keep({ wakeAt: due });
}

function elected(run: Run, turn: Turn<SchedulerTypes>): void {
  turn.note(note.leads);
  run.keep({ phase: "leading" });
  run.api.start();
}

/** cmd/kube-scheduler/app/server.go, OnStoppedLeading: it exits. What was sent may still arrive. */
function exited(run: Run, turn: Turn<SchedulerTypes>): Step<SchedulerTypes> {
  turn.note(note.exited);
  run.api.stop();
  if (run.state.wakeAt !== 0) turn.cancelTimer(QUEUE_TIMER);
  if (run.state.attempt !== null) turn.cancelTimer(ATTEMPT_TIMER);
  turn.setTimer(RESTART_TIMER, run.state.config.restartUs);
  run.keep({ phase: "exited", ...KNOWS_NOTHING });
  return ended(run, turn);
}

/** A candidate again, under another identity. */
function restarted(state: SchedulerState, turn: Turn<SchedulerTypes>): Step<SchedulerTypes> {
  turn.note(note.restarted);
  const clock: ClockReading = turn;
  return started({ ...state, phase: "standby", election: bootElection(state.config.id, clock) }, turn);
}

function ended(run: Run, { effects }: Turn<SchedulerTypes>): Step<SchedulerTypes> {
  return { state: run.close(), effects: effects.length === 0 ? NO_EFFECTS : effects };
}

function isTimer(input: Input<SchedulerTypes>, name: string): boolean {
  return input.kind === "timer" && input.name === name;
}
