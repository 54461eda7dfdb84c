import type { Micros } from "../../kernel/index.ts";
import type { EndpointSlice } from "../../machinery/kinds/index.ts";
import type { ControllerTurn } from "../controller.ts";
import type { Tracker } from "./tracker.ts";

/** Durations in microseconds; in brackets, kube-controller-manager's values. */
export interface EndpointSliceConfig {
  /** [max-endpoints-per-slice, 100] */
  readonly maxEndpointsPerSlice: number;
  /** Changes of pods are gathered for so long [endpointslice-updates-batch-period, 0]. */
  readonly updatesBatchUs: Micros;
  /** A slice that somebody else has changed is looked at after this [endpointSliceChangeMinSyncDelay, 1 s]. */
  readonly sliceChangeDelayUs: Micros;
}

export const ENDPOINT_SLICE_DEFAULTS: EndpointSliceConfig = Object.freeze({
  maxEndpointsPerSlice: 100,
  updatesBatchUs: 0,
  sliceChangeDelayUs: 1_000_000,
});

export interface EndpointSliceState {
  readonly tracker: Tracker;
}

/** What is still to be written; the first of it is asked for. */
export interface EndpointSliceTask {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
  readonly incomplete: boolean;
}

export type SliceTurn = ControllerTurn<EndpointSliceState, EndpointSliceConfig>;
