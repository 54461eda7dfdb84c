import type { Micros, OrderedMap } from "../../kernel/index.ts";
import type { Expectations } from "../../machinery/client/expectations.ts";
import type { Condition, Job, Pod, Uid } from "../../machinery/kinds/index.ts";
import type { ControllerTurn, Outcome } from "../controller.ts";
import type { Claim } from "../shared/claim.ts";
import type { BackoffRecord } from "./backoff.ts";
import type { Interval } from "./indexes.ts";

/** Durations in microseconds; in brackets, the values of kubernetes pkg/controller/job. */
export interface JobConfig {
  /** Changes of pods are gathered for so long [syncJobBatchPeriod, 1 s]. */
  readonly batchUs: Micros;
  /** Before a failed pod is replaced [DefaultJobPodFailureBackOff, 10 s, doubling to MaxJobPodFailureBackOff, 10 min]. */
  readonly podBackoffUs: Micros;
  readonly podBackoffMaxUs: Micros;
  /** [MaxPodCreateDeletePerSync, 500] */
  readonly burst: number;
  /** [MaxUncountedPods, 500] */
  readonly maxUncountedPods: number;
  /** [ExpectationsTimeout, 5 min] */
  readonly expectationsTimeoutUs: Micros;
}

export const JOB_DEFAULTS: JobConfig = Object.freeze({
  batchUs: 1_000_000,
  podBackoffUs: 10_000_000,
  podBackoffMaxUs: 600_000_000,
  burst: 500,
  maxUncountedPods: 500,
  expectationsTimeoutUs: 300_000_000,
});

/** What is remembered of a job between syncs. */
export interface JobMemory {
  readonly uid: Uid;
  readonly backoff: BackoffRecord;
  /** The version at which its status was last written. */
  readonly written: number;
  /** Pods whose finalizer is removed, though the cache may still show it. */
  readonly removed: readonly Uid[];
  /** Since this process leads, the API was asked once which pods the job has. */
  readonly confirmed: boolean;
}

export interface JobState {
  readonly expectations: Expectations;
  /** By job. */
  readonly jobs: OrderedMap<JobMemory>;
}

/** What a sync has found, and what it has done since. */
export interface Sight {
  /** With the status as it is to be written. */
  readonly job: Job;
  /** As it was read, or last written. */
  readonly base: Job;
  readonly pods: readonly Pod[];
  /** All pods that it has created or deleted are seen. */
  readonly satisfied: boolean;
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly succeeded: number;
  /** The end that it comes to; null: none yet. */
  readonly finished: Condition | null;
  readonly indexesBefore: readonly Interval[];
  readonly indexes: readonly Interval[];
  readonly backoff: BackoffRecord;
  /** The first thing that went wrong; empty: nothing did. */
  readonly error: string;
}

export type JobTask =
  | { readonly step: "claim"; readonly job: Job; readonly satisfied: boolean; readonly claim: Claim<Pod> }
  /** What the API says of the job and its pods, before the first pod is created. */
  | { readonly step: "confirmJob"; readonly sight: Sight }
  | { readonly step: "confirmPods"; readonly sight: Sight }
  | { readonly step: "delete"; readonly sight: Sight; readonly left: readonly Pod[]; readonly ending: boolean }
  | {
      readonly step: "create";
      readonly sight: Sight;
      readonly indexes: readonly number[];
      readonly left: number;
      readonly batch: number;
      readonly leftInBatch: number;
    }
  /** The terminated pods are recorded, and then their finalizers removed. */
  | { readonly step: "record"; readonly sight: Sight; readonly pods: readonly Pod[]; readonly full: boolean }
  | {
      readonly step: "finalizer";
      readonly sight: Sight;
      readonly pods: readonly Pod[];
      readonly full: boolean;
      /** Pods that still have their finalizer. */
      readonly kept: readonly Uid[];
    }
  | { readonly step: "fold"; readonly sight: Sight }
  /** It is asked whether the job of a pod is really gone. */
  | { readonly step: "orphanJob" }
  | { readonly step: "orphan" };

export type JobTurn = ControllerTurn<JobState, JobConfig>;
export type JobOutcome = Outcome<JobTask>;
