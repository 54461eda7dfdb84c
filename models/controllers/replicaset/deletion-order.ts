import type { Micros } from "../../kernel/index.ts";
import { findCondition } from "../../machinery/conditions.ts";
import type { Pod, PodPhase } from "../../machinery/kinds/index.ts";
import { keyOf } from "../../machinery/meta.ts";
import { isPodActive, isPodReady } from "../../machinery/pods.ts";
import { wallOf } from "../../machinery/time.ts";

const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

/** What a pod is compared by, read once. */
interface Ranked {
  readonly pod: Pod;
  readonly key: string;
  readonly isUnassigned: boolean;
  readonly phase: number;
  readonly isReady: boolean;
  readonly cost: number;
  /** How many active pods of related replica sets are on its node. */
  readonly rank: number;
  readonly readyAt: Micros | null;
  readonly restarts: readonly [regular: number, sidecars: number];
  readonly createdAt: Micros | null;
}

const PHASES: Readonly<Record<PodPhase, number>> = { Pending: 0, Unknown: 1, Running: 2, Succeeded: 2, Failed: 2 };

/**
 * Which `count` pods are deleted first (kubernetes pkg/controller/replicaset/replica_set.go, getPodsToDelete): where all
 * are, no order matters.
 *
 * @param related the pods of all replica sets of the same owner, these among them
 */
export function podsToDelete(
  pods: readonly Pod[],
  related: readonly Pod[],
  count: number,
  wall: Micros,
): readonly Pod[] {
  if (count >= pods.length) return pods;
  const onNode = new Map<string, number>();
  for (const pod of related)
    if (isPodActive(pod)) {
      const node = pod.spec.nodeName ?? "";
      onNode.set(node, (onNode.get(node) ?? 0) + 1);
    }
  return pods
    .map((pod) => rankedOf(pod, onNode.get(pod.spec.nodeName ?? "") ?? 0))
    .sort((one, two) => compare(one, two, wall))
    .slice(0, count)
    .map(({ pod }) => pod);
}

/** kubernetes pkg/controller/controller_utils.go, ActivePodsWithRanks.Less: what comes first is deleted first. */
function compare(one: Ranked, two: Ranked, wall: Micros): number {
  if (one.isUnassigned !== two.isUnassigned) return one.isUnassigned ? -1 : 1;
  if (one.phase !== two.phase) return one.phase - two.phase;
  if (one.isReady !== two.isReady) return one.isReady ? 1 : -1;
  if (one.cost !== two.cost) return one.cost - two.cost;
  if (one.rank !== two.rank) return two.rank - one.rank;
  if (one.isReady && two.isReady && one.readyAt !== two.readyAt) {
    const byReadiness = compareAges(one.readyAt, two.readyAt, wall);
    return byReadiness !== 0 ? byReadiness : compareKeys(one, two);
  }
  if (one.restarts[0] !== two.restarts[0]) return two.restarts[0] - one.restarts[0];
  if (one.restarts[1] !== two.restarts[1]) return two.restarts[1] - one.restarts[1];
  const byCreation = compareAges(one.createdAt, two.createdAt, wall);
  return byCreation !== 0 ? byCreation : compareKeys(one, two);
}

/** controller_utils.go, ActivePods.Less: the least active first. Neither costs nor other pods of its node count. */
export function byActivity(pods: readonly Pod[]): readonly Pod[] {
  return pods
    .map((pod) => rankedOf(pod, 0))
    .sort(compareActive)
    .map(({ pod }) => pod);
}

function compareActive(one: Ranked, two: Ranked): number {
  if (one.isUnassigned !== two.isUnassigned) return one.isUnassigned ? -1 : 1;
  if (one.phase !== two.phase) return one.phase - two.phase;
  if (one.isReady !== two.isReady) return one.isReady ? 1 : -1;
  if (one.isReady && two.isReady && one.readyAt !== two.readyAt) return compareTimes(one.readyAt, two.readyAt);
  if (one.restarts[0] !== two.restarts[0]) return two.restarts[0] - one.restarts[0];
  if (one.restarts[1] !== two.restarts[1]) return two.restarts[1] - one.restarts[1];
  return one.createdAt === two.createdAt ? compareKeys(one, two) : compareTimes(one.createdAt, two.createdAt);
}

/** afterOrZero: the later first, and an unset one before all. */
function compareTimes(one: Micros | null, two: Micros | null): number {
  return one === null || (two !== null && one > two) ? -1 : 1;
}

/** Ties go by the UID in the real one; by the key here, so that they are the same whatever UIDs there are. */
function compareKeys(one: Ranked, two: Ranked): number {
  return one.key < two.key ? -1 : 1;
}

/** The younger first; ages within one power of two are alike, so that not always the youngest node is emptied. */
function compareAges(one: Micros | null, two: Micros | null, wall: Micros): number {
  if (one === two) return 0;
  // afterOrZero: an unset time counts as later than any.
  if (one === null) return -1;
  if (two === null) return 1;
  return bucketOf(one, wall) - bucketOf(two, wall);
}

/** controller_utils.go, logarithmicRankDiff: the integer part of log2 of the age in nanoseconds, -1 for none. */
function bucketOf(at: Micros | null, wall: Micros): number {
  if (at === null || wall <= at) return -1;
  const age = (wall - at) * 1000;
  let bucket = 0;
  for (let power = 2; power <= age; power *= 2) bucket++;
  return bucket;
}

function rankedOf(pod: Pod, rank: number): Ranked {
  const ready = findCondition(pod.status?.conditions, "Ready");
  const { creationTimestamp } = pod.metadata;
  return {
    pod,
    key: keyOf(pod),
    isUnassigned: (pod.spec.nodeName ?? "") === "",
    phase: PHASES[pod.status?.phase ?? "Pending"],
    isReady: isPodReady(pod),
    cost: costOf(pod),
    rank,
    readyAt:
      ready?.status === "True" && ready.lastTransitionTime !== undefined ? wallOf(ready.lastTransitionTime) : null,
    restarts: restartsOf(pod),
    createdAt: creationTimestamp === undefined ? null : wallOf(creationTimestamp),
  };
}

/** pkg/apis/core/helper, GetDeletionCostFromPodAnnotations: a 32-bit integer without a leading zero or plus; else 0. */
function costOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST];
  return text !== undefined && /^(0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0;
}

/** controller_utils.go, maxContainerRestarts. */
function restartsOf(pod: Pod): readonly [number, number] {
  let regular = 0;
  for (const { restartCount } of pod.status?.containerStatuses ?? []) regular = Math.max(regular, restartCount);
  const sidecars = new Set<string>();
  for (const { name, restartPolicy } of pod.spec.initContainers ?? [])
    if (restartPolicy === "Always") sidecars.add(name);
  let sidecar = 0;
  for (const { name, restartCount } of pod.status?.initContainerStatuses ?? [])
    if (sidecars.has(name)) sidecar = Math.max(sidecar, restartCount);
  return [regular, sidecar];
}
