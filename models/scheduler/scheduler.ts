import {
  type BootReading,
  type ClockReading,
  emptyOrderedMap,
  type Input,
  type Machine,
  ModelBug,
  NO_EFFECTS,
  type Step,
} from "../kernel/index.ts";
import { Api } from "../machinery/client/api.ts";
import { bootElection, ELECTION_DEFAULTS } from "../machinery/client/election.ts";
import type { ApiConfig, InformerSpec, News } from "../machinery/client/types.ts";
import { Turn } from "../machinery/turn.ts";
import { EMPTY_CACHE } from "./cache.ts";
import { note } from "./notes.ts";
import { EMPTY_SCHEDULING_QUEUE } from "./queue.ts";
import { QUEUE_TIMER, Run } from "./run.ts";
import type { BindingCycle, SchedulerConfig, SchedulerState, SchedulerTypes } from "./types.ts";

const RESTART_TIMER = "restart";

/** kube-scheduler's own values, for everything that is not the process's. */
export const SCHEDULER_DEFAULTS: Omit<SchedulerConfig, "id" | "api"> = Object.freeze({
  kind: "scheduler",
  election: Object.freeze({ namespace: "kube-system", name: "kube-scheduler", ...ELECTION_DEFAULTS }),
  schedulerName: "default-scheduler",
  picks: "firstByName",
  podInitialBackoffUs: 1_000_000,
  podMaxBackoffUs: 10_000_000,
  unschedulableFlushUs: 300_000_000,
  flushEveryUs: 30_000_000,
  bindTimeoutUs: 600_000_000,
  bindingsMax: 16,
  delayCacheUntilActive: false,
  restartUs: 1_000_000,
});

const NO_NEWS: News = Object.freeze({ events: [], answers: [] });

function informer(resource: string, fieldSelector = ""): InformerSpec {
  return { resource, labelSelector: "", fieldSelector, indexes: [], resyncUs: 0 };
}

/** kubernetes pkg/scheduler/scheduler.go, NewInformerFactory: pods that have run to their end are not looked at. */
const INFORMERS: readonly InformerSpec[] = [
  informer("pods", "status.phase!=Succeeded,status.phase!=Failed"),
  informer("nodes"),
  informer("persistentvolumeclaims"),
  informer("persistentvolumes"),
  informer("storageclasses"),
];

/** A kube-scheduler that takes a node that fits, without scoring: see the README for what it has, and what not. */
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
  const apiConfig: ApiConfig = { ...config.api, informers: INFORMERS };
  const state: SchedulerState = {
    kind: "scheduler",
    config,
    apiConfig,
    phase: "standby",
    api: Api.boot(apiConfig, reading.now),
    election: bootElection(config.id, reading),
    queue: EMPTY_SCHEDULING_QUEUE,
    cache: EMPTY_CACHE,
    bindings: emptyOrderedMap<BindingCycle>(),
    waiting: emptyOrderedMap<BindingCycle>(),
    wakeAt: 0,
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
  const answers = news === null ? [] : news.answers.filter((answer) => !run.election.answered(answer));
  if (news === null && !run.election.take(input) && isTimer(input, QUEUE_TIMER)) run.wakeQueue();
  if (run.election.change === "lost") return exited(run, turn);
  run.takeNews(news ?? NO_NEWS, answers);
  if (run.election.change === "elected") elected(run, turn);
  run.work();
  return ended(run, turn);
}

function elected(run: Run, turn: Turn<SchedulerTypes>): void {
  turn.note(note.leads);
  run.state = { ...run.state, phase: "leading" };
  run.api.start();
}

/** cmd/kube-scheduler/app/server.go, OnStoppedLeading: it exits. What was sent may still arrive. */
function exited(run: Run, turn: Turn<SchedulerTypes>): Step<SchedulerTypes> {
  turn.note(note.exited);
  run.api.stop();
  if (run.state.wakeAt !== 0) turn.cancelTimer(QUEUE_TIMER);
  turn.setTimer(RESTART_TIMER, run.state.config.restartUs);
  run.state = {
    ...run.state,
    phase: "exited",
    queue: EMPTY_SCHEDULING_QUEUE,
    cache: EMPTY_CACHE,
    bindings: emptyOrderedMap<BindingCycle>(),
    waiting: emptyOrderedMap<BindingCycle>(),
    wakeAt: 0,
  };
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
