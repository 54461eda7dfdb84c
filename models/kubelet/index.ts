import type { Input, Machine } from "../kernel/index.ts";
import { boot } from "./boot.ts";
import { step } from "./step.ts";
import type { KubeletState, KubeletTypes } from "./types.ts";

export { KUBELET_DEFAULTS, kubeletInformers } from "./defaults.ts";
export { KUBELET_NOTES } from "./notes.ts";
export * from "./types.ts";

/** The agent of a node. See the README for the rules, and for what is not modelled. */
export const kubelet: Machine<KubeletTypes> = {
  boot: (_durable, config, reading) => boot(config, reading),
  step: (state: KubeletState, input: Input<KubeletTypes>) => step(state, input),
  disk: { empty: null, write: () => null, pieces: (record) => [record] },
};
