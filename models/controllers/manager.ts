import {
  type BootReading,
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
import { EMPTY_QUEUE } from "../machinery/client/workqueue.ts";
import { Turn } from "../machinery/turn.ts";
import type { Controller } from "./controller.ts";
import { note } from "./notes.ts";
import { QUEUE_TIMER, Run } from "./run.ts";
import type {
  ControllerManagerConfig,
  ControllerManagerState,
  ControllerManagerTypes,
  ControllerSlot,
} from "./types.ts";

type Types = ControllerManagerTypes;

const RESTART_TIMER = "restart";

/** kube-controller-manager's own values, for everything that is not the process's. */
export const CONTROLLER_MANAGER_DEFAULTS: Pick<
  ControllerManagerConfig,
  "kind" | "election" | "controllers" | "settings" | "restartUs"
> = Object.freeze({
  kind: "controllerManager",
  election: Object.freeze({ namespace: "kube-system", name: "kube-controller-manager", ...ELECTION_DEFAULTS }),
  controllers: Object.freeze(["*"]),
  settings: Object.freeze({}),
  restartUs: 1_000_000,
});

/**
 * A kube-controller-manager with these controllers: it stands for election, and while it leads, its informers run and its
 * controllers work. One that loses the lead exits, as the real one does (cmd/kube-controller-manager/app/
 * controllermanager.go: "leaderelection lost"), and is started again with nothing in memory.
 */
export function controllerManager(controllers: readonly Controller[]): Machine<Types> {
  // By the names in a configuration: what is computed once need not be in each step.
  const known = new WeakMap<readonly string[], readonly Controller[]>();
  const running = (config: ControllerManagerConfig): readonly Controller[] => {
    let some = known.get(config.controllers);
    if (some === undefined) {
      some = runningOf(controllers, config);
      known.set(config.controllers, some);
    }
    return some;
  };
  return {
    boot: (_durable: null, config: ControllerManagerConfig, reading: BootReading) =>
      boot(running(config), config, reading),
    step: (state: ControllerManagerState, input: Input<Types>) => step(running(state.config), state, input),
    disk: { empty: null, write: nothingIsWritten, pieces: nothingIsWritten },
  };
}

/** A controller manager keeps nothing on disk. */
function nothingIsWritten(): never {
  throw new ModelBug("a controller manager keeps nothing on disk");
}

function boot(controllers: readonly Controller[], config: ControllerManagerConfig, reading: BootReading): Step<Types> {
  const turn = new Turn<Types>(reading);
  const apiConfig: ApiConfig = { ...config.api, informers: mergedInformers(controllers) };
  const state: ControllerManagerState = {
    kind: "controllerManager",
    config,
    apiConfig,
    phase: "standby",
    api: Api.boot(apiConfig, reading.now),
    election: bootElection(config.id, reading),
    slots: controllers.map((controller) => slotOf(controller, config)),
    wakeAt: 0,
  };
  const run = new Run(controllers, state, turn);
  run.election.start();
  return ended(run.close(), turn);
}

function step(controllers: readonly Controller[], state: ControllerManagerState, input: Input<Types>): Step<Types> {
  const turn = new Turn<Types>(input);
  if (state.phase === "exited")
    return isTimer(input, RESTART_TIMER) ? restarted(controllers, state, turn) : { state, effects: NO_EFFECTS };
  const run = new Run(controllers, state, turn);
  const news = run.api.take(input);
  const answers = news === null ? [] : news.answers.filter((answer) => !run.election.answered(answer));
  if (news === null && !run.election.take(input) && isTimer(input, QUEUE_TIMER)) run.wakeQueues();
  if (run.election.change === "lost") return exited(run, turn);
  if (run.election.change === "elected") return elected(controllers, run, turn);
  if (state.phase !== "leading") return ended(run.close(), turn);
  if (news !== null) run.takeNews(news, answers);
  run.work();
  return ended(run.close(), turn);
}

/** From now on it acts: "the informers are started only by who leads" (controllermanager.go, Run). */
function elected(controllers: readonly Controller[], run: Run, turn: Turn<Types>): Step<Types> {
  turn.note(note.leads);
  run.api.start();
  const leading = new Run(controllers, { ...run.close(), phase: "leading" }, turn);
  leading.takeNews(NO_NEWS, []);
  leading.work();
  return ended(leading.close(), turn);
}

/** Nothing is left in memory, and nothing is done until it is started again. What was sent may still arrive. */
function exited(run: Run, turn: Turn<Types>): Step<Types> {
  turn.note(note.exited);
  run.api.stop();
  if (run.state.wakeAt !== 0) turn.cancelTimer(QUEUE_TIMER);
  const { config } = run.state;
  turn.setTimer(RESTART_TIMER, config.restartUs);
  const slots = run.controllers.map((controller) => slotOf(controller, config));
  return ended({ ...run.close(), phase: "exited", slots, wakeAt: 0 }, turn);
}

/** A candidate again, under another identity. */
function restarted(controllers: readonly Controller[], state: ControllerManagerState, turn: Turn<Types>): Step<Types> {
  turn.note(note.restarted);
  const election = bootElection(state.config.id, turn);
  const run = new Run(controllers, { ...state, phase: "standby", election }, turn);
  run.election.start();
  return ended(run.close(), turn);
}

const NO_NEWS: News = Object.freeze({ events: [], answers: [] });

function ended(state: ControllerManagerState, { effects }: Turn<Types>): Step<Types> {
  return { state, effects: effects.length === 0 ? NO_EFFECTS : effects };
}

function isTimer(input: Input<Types>, name: string): boolean {
  return input.kind === "timer" && input.name === name;
}

/** Those of the table that the config names, in the order of the table; `*` is all but those that are disabled by default. */
function runningOf(all: readonly Controller[], { controllers }: ControllerManagerConfig): readonly Controller[] {
  const isAll = controllers.includes("*");
  return all.filter(
    ({ name, isDisabledByDefault }) => controllers.includes(name) || (isAll && isDisabledByDefault !== true),
  );
}

function slotOf(controller: Controller, { settings }: ControllerManagerConfig): ControllerSlot {
  const { name, defaults, initial } = controller;
  return {
    name,
    config: { ...(defaults as object), ...settings[name] },
    state: initial,
    started: false,
    queue: EMPTY_QUEUE,
    tasks: emptyOrderedMap(),
  };
}

/** One informer a resource: all that any of them selects, with all indexes, resynced as often as the most eager one asks. */
export function mergedInformers(controllers: readonly Controller[]): readonly InformerSpec[] {
  const merged = new Map<string, InformerSpec>();
  for (const { informers } of controllers)
    for (const spec of informers) {
      const before = merged.get(spec.resource);
      merged.set(spec.resource, before === undefined ? spec : mergedSpec(before, spec));
    }
  return [...merged.values()];
}

function mergedSpec(one: InformerSpec, two: InformerSpec): InformerSpec {
  const resyncs = [one.resyncUs, two.resyncUs].filter((us) => us > 0);
  return {
    ...one,
    labelSelector: one.labelSelector === two.labelSelector ? one.labelSelector : "",
    fieldSelector: one.fieldSelector === two.fieldSelector ? one.fieldSelector : "",
    indexes: [...new Set([...one.indexes, ...two.indexes])].sort(),
    resyncUs: resyncs.length === 0 ? 0 : Math.min(...resyncs),
  };
}
