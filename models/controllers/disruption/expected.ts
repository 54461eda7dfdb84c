/** How many pods a budget counts with (kubernetes pkg/controller/disruption/disruption.go, getExpectedPodCount). */

import { scaledValue } from "../../machinery/int-or-string.ts";
import type {
  Deployment,
  OwnerReference,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  StatefulSet,
} from "../../machinery/kinds/index.ts";
import { controllerOf } from "../../machinery/meta.ts";
import { note } from "./notes.ts";
import type { DisruptionTurn } from "./types.ts";

export interface Expected {
  readonly expected: number;
  readonly desired: number;
}

/** getExpectedPodCount. Null: a pod's controller has no scale that is known, and the budget allows nothing. */
export function expectedPods(turn: DisruptionTurn, budget: PodDisruptionBudget, pods: readonly Pod[]): Expected | null {
  const { minAvailable, maxUnavailable } = budget.spec;
  if (maxUnavailable !== undefined) {
    const expected = expectedScale(turn, pods);
    if (expected === null) return null;
    return { expected, desired: Math.max(0, expected - scaledValue(maxUnavailable, expected, true)) };
  }
  if (typeof minAvailable === "string") {
    const expected = expectedScale(turn, pods);
    if (expected === null) return null;
    return { expected, desired: scaledValue(minAvailable, expected, true) };
  }
  turn.note(note.byCount);
  return { expected: pods.length, desired: minAvailable ?? 0 };
}

/** getExpectedScale: the scales of the controllers of the pods, each once. Pods that nobody controls do not count. */
function expectedScale(turn: DisruptionTurn, pods: readonly Pod[]): number | null {
  turn.note(note.byScale);
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const controller = controllerOf(pod);
    if (controller === null) continue;
    const scale = scaleOf(turn, pod, controller);
    if (scale === null) {
      turn.note(note.noController);
      return null;
    }
    scales.set(scale.uid, scale.replicas);
  }
  return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
}

interface ControllerScale {
  readonly uid: string;
  readonly replicas: number;
}

/** The finders: a ReplicaSet of a Deployment stands for the Deployment. */
function scaleOf(turn: DisruptionTurn, pod: Pod, reference: OwnerReference): ControllerScale | null {
  const namespace = pod.metadata.namespace ?? "";
  switch (reference.kind) {
    case "ReplicaSet": {
      const set = turn.view<ReplicaSet>("replicasets").get(namespace, reference.name);
      if (set === null || set.metadata.uid !== reference.uid) return null;
      const owner = controllerOf(set);
      if (owner?.kind !== "Deployment") return { uid: reference.uid, replicas: set.spec.replicas ?? 1 };
      const deployment = turn.view<Deployment>("deployments").get(namespace, owner.name);
      if (deployment === null || deployment.metadata.uid !== owner.uid) return null;
      return { uid: owner.uid, replicas: deployment.spec.replicas ?? 1 };
    }
    case "StatefulSet": {
      const set = turn.view<StatefulSet>("statefulsets").get(namespace, reference.name);
      if (set === null || set.metadata.uid !== reference.uid) return null;
      return { uid: reference.uid, replicas: set.spec.replicas ?? 1 };
    }
    default:
      return null;
  }
}
