import { performance } from "node:perf_hooks";
import { type BatchResult, type CampaignPlan, runCount, runsOf, Tally } from "../harness/campaign.ts";
import { type Pool, WorkerDeath } from "./pool.ts";

/** Why a campaign made fewer runs than planned. */
export type StopReason = "interrupt" | "time" | "bail";

/** How a campaign is carried out. None of it changes what a run does. */
export interface CampaignOptions {
  /** Stop at the first violation. The runs that count are then those up to the lowest one that violates. */
  readonly bail: boolean;
  readonly selfCheck: boolean;
  /** Start no further runs after so many seconds. */
  readonly secondsMax: number;
  /** A run that takes longer is given up, and its worker with it. */
  readonly runSecondsMax: number;
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  /** Told of each batch as it comes in. */
  readonly onBatch?: (batch: BatchResult, tally: Tally) => void;
}

/** What came of a campaign. */
export interface CampaignOutcome {
  readonly tally: Tally;
  readonly stoppedBy: StopReason | null;
}

/** The number of runs of a campaign that is bounded by time alone. */
export const RUNS_UNBOUNDED = 1_000_000_000;

/** A batch takes about so long, so that progress shows and an interrupt is quick. */
const BATCH_SECONDS = 0.3;
const BATCH_RUNS_MAX = 500;
/** After an interrupt, the batches under way are waited for so long. */
const GRACE_SECONDS = 3;

/** Makes the runs of a plan on a pool. */
export function runCampaign(pool: Pool, plan: CampaignPlan, options: CampaignOptions): Promise<CampaignOutcome> {
  return new Campaign(pool, plan, options).execute();
}

class Campaign {
  readonly #pool: Pool;
  readonly #plan: CampaignPlan;
  readonly #options: CampaignOptions;
  readonly #count: number;
  readonly #started = performance.now();
  #tally = new Tally();
  /** Kept only where the campaign may have to forget what came after a violation. */
  readonly #batches: BatchResult[] = [];
  readonly #again: (readonly number[])[] = [];
  #next = 0;
  #batchRuns = 1;
  #stoppedBy: StopReason | null = null;

  constructor(pool: Pool, plan: CampaignPlan, options: CampaignOptions) {
    this.#pool = pool;
    this.#plan = plan;
    this.#options = options;
    this.#count = runCount(plan);
  }

  async execute(): Promise<CampaignOutcome> {
    const giveUp = new AbortController();
    const onInterrupt = () => {
      this.#stoppedBy = "interrupt";
      setTimeout(() => giveUp.abort("interrupted"), GRACE_SECONDS * 1000).unref();
    };
    const { signal } = this.#options;
    if (signal.aborted) onInterrupt();
    else signal.addEventListener("abort", onInterrupt, { once: true });
    await Promise.all(Array.from({ length: this.#pool.workers }, () => this.#work(giveUp.signal)));
    signal.removeEventListener("abort", onInterrupt);
    if (this.#stoppedBy === "bail") this.#forgetLaterRuns();
    return { tally: this.#tally, stoppedBy: this.#stoppedBy };
  }

  /** Gives one worker batch after batch. */
  async #work(giveUp: AbortSignal): Promise<void> {
    for (let runs = this.#take(); runs.length > 0; runs = this.#take()) {
      const started = performance.now();
      const batch = await this.#make(runs, giveUp);
      if (batch === null) continue;
      this.#receive(batch);
      const seconds = (performance.now() - started) / 1000;
      const fitting = Math.round((runs.length * BATCH_SECONDS) / Math.max(seconds, 0.001));
      this.#batchRuns = Math.max(1, Math.min(fitting, this.#batchRuns * 4, BATCH_RUNS_MAX));
    }
  }

  #take(): readonly number[] {
    // What a dead worker left undone may be lower than the violation that stopped the campaign.
    const again = this.#stoppedBy === null || this.#stoppedBy === "bail" ? this.#again.shift() : undefined;
    if (again !== undefined) return again;
    if (this.#stoppedBy !== null) return [];
    const left = this.#count - this.#next;
    if (left > 0 && (performance.now() - this.#started) / 1000 > this.#options.secondsMax) {
      this.#stoppedBy = "time";
      return [];
    }
    const share = Math.ceil(left / (2 * this.#pool.workers));
    const first = this.#next;
    this.#next += Math.min(this.#batchRuns, share);
    return runsOf(this.#plan, first, this.#next - first);
  }

  /** Makes some runs. When the worker dies of one of them, the others are made again later. */
  async #make(runs: readonly number[], giveUp: AbortSignal): Promise<BatchResult | null> {
    const { bail, selfCheck } = this.#options;
    const progress = new SharedArrayBuffer(4);
    const current = new Int32Array(progress).fill(-1);
    const watch = this.#watch(current, giveUp);
    try {
      const task = { suite: this.#plan.suite, plan: this.#plan, runs, stopAtViolation: bail, selfCheck, progress };
      return await this.#pool.run("batch", task, watch.signal);
    } catch (error) {
      if (!(error instanceof WorkerDeath)) throw error;
      if (giveUp.aborted) return null;
      const run = Atomics.load(current, 0);
      const at = Math.max(0, runs.indexOf(run));
      for (const rest of [runs.slice(0, at), runs.slice(at + 1)]) if (rest.length > 0) this.#again.push(rest);
      return { ...NOTHING, faults: [{ run: runs[at]!, message: `the worker died: ${error.message}` }] };
    } finally {
      watch.stop();
    }
  }

  /** Gives up when one run takes too long, or when the campaign does. */
  #watch(current: Int32Array, giveUp: AbortSignal): { readonly signal: AbortSignal; stop(): void } {
    const { runSecondsMax } = this.#options;
    const controller = new AbortController();
    const onGiveUp = () => controller.abort("interrupted");
    giveUp.addEventListener("abort", onGiveUp, { once: true });
    let seen = -1;
    let since = performance.now();
    const timer = setInterval(
      () => {
        const run = Atomics.load(current, 0);
        if (run !== seen) since = performance.now();
        seen = run;
        const seconds = (performance.now() - since) / 1000;
        if (run >= 0 && seconds > runSecondsMax) controller.abort(`the run had not ended after ${runSecondsMax} s`);
      },
      Math.min(1000, runSecondsMax * 250),
    );
    const stop = () => {
      clearInterval(timer);
      giveUp.removeEventListener("abort", onGiveUp);
    };
    return { signal: controller.signal, stop };
  }

  #receive(batch: BatchResult): void {
    this.#tally.add(batch);
    if (this.#options.bail) {
      this.#batches.push(batch);
      if (batch.violations.length > 0) this.#stoppedBy ??= "bail";
    }
    this.#options.onBatch?.(batch, this.#tally);
  }

  /** What counts is what came before the first violation, so that it does not depend on the number of workers. */
  #forgetLaterRuns(): void {
    const first = this.#tally.violations[0]!.run;
    this.#tally = new Tally();
    for (const batch of this.#batches) if (lowestRun(batch) <= first) this.#tally.add(batch);
  }
}

const NOTHING: BatchResult = {
  hashes: [],
  sums: { runs: 0, events: 0, virtualUs: 0, reached: {}, struck: {}, coverage: {}, excused: 0 },
  violations: [],
  unknown: [],
  faults: [],
};

function lowestRun({ hashes, faults }: BatchResult): number {
  return Math.min(...[...hashes, ...faults].map(({ run }) => run));
}
