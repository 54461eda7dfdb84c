import { type ClockReading, NO_EFFECTS, type Step } from "../kernel/index.ts";
import { Api } from "../machinery/client/api.ts";
import { Turn } from "../machinery/turn.ts";
import { kernelWith } from "./kernel.ts";
import type { Kernel, KernelRecord, ProxyConfig, ProxyState, ProxyTypes } from "./types.ts";

/** One step of a proxy in the making. What is in the kernel is changed by records, so that the disk has the same. */
export class ProxyTurn extends Turn<ProxyTypes> {
  readonly api: Api<ProxyTypes>;
  state: ProxyState;
  kernel: Kernel;

  constructor(state: ProxyState, clock: ClockReading) {
    super(clock);
    this.state = state;
    this.kernel = state.kernel;
    this.api = new Api<ProxyTypes>(state.config.api, state.api, this);
  }

  get config(): ProxyConfig {
    return this.state.config;
  }

  change(record: KernelRecord): void {
    this.kernel = kernelWith(this.kernel, record);
    this.persist(record, false);
  }

  close(): Step<ProxyTypes> {
    const { state, kernel, api } = this;
    const isSame = state.kernel === kernel && state.api === api.state;
    return {
      state: isSame
        ? state
        : {
            kind: "proxy",
            config: state.config,
            api: api.state,
            kernel,
            pending: state.pending,
            isFullDue: state.isFullDue,
            syncedAt: state.syncedAt,
            fullSyncedAt: state.fullSyncedAt,
            syncAt: state.syncAt,
            syncs: state.syncs,
            syncedVersions: state.syncedVersions,
          },
      effects: this.effects.length === 0 ? NO_EFFECTS : this.effects,
    };
  }
}
