import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import { weighted } from "../shared/arbitrary.ts";

/** What tells nodes apart for the scheduler. */
export const DISK = "example.com/disk";
export const GPU = "example.com/gpu";
export const DEDICATED = "example.com/dedicated";

/** A node that differs from the others. */
export interface NodePlan {
  readonly cpu: string;
  readonly memory: string;
  readonly pods: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly resources: Readonly<Record<string, number>>;
  readonly taints: readonly { readonly key: string; readonly effect: "NoSchedule" | "PreferNoSchedule" }[];
}

const one: Arbitrary<NodePlan> = fc
  .record({
    cpu: weighted([2, "1"], [4, "2"], [2, "3"], [1, "4"]),
    memory: weighted([1, "1Gi"], [3, "2Gi"], [1, "4Gi"]),
    pods: weighted([1, 4], [5, 110]),
    disk: weighted([3, "ssd"], [2, "hdd"], [1, null]),
    gpus: weighted([3, 0], [1, 1], [1, 2]),
    taint: weighted<"NoSchedule" | "PreferNoSchedule" | null>([6, null], [1, "NoSchedule"], [1, "PreferNoSchedule"]),
  })
  .map(({ disk, gpus, taint, ...rest }) => ({
    ...rest,
    labels: disk === null ? {} : { [DISK]: disk },
    resources: gpus === 0 ? {} : { [GPU]: gpus },
    taints: taint === null ? [] : [{ key: DEDICATED, effect: taint }],
  }));

/** Nodes of many kinds, most of them small: what runs on them fills them. */
export function nodePlans(count: number): Arbitrary<readonly NodePlan[]> {
  return fc
    .array(one, { minLength: count, maxLength: count })
    .map(([first, ...rest]) => (first === undefined ? [] : [{ ...first, taints: [] }, ...rest]));
}
