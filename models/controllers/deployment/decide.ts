import type { Pod, ReplicaSet } from "../../machinery/kinds/index.ts";
import { isDeleting } from "../../machinery/meta.ts";
import { isPodTerminal } from "../../machinery/pods.ts";
import { findNewSet, oldSets } from "./new-set.ts";
import { note } from "./notes.ts";
import {
  activeOrLatest,
  activeSets,
  actualCount,
  desiredAnnotation,
  isRollingUpdate,
  isSaturated,
  proportionalScales,
  type Scale,
  sizeOf,
  wantedOf,
} from "./replicas.ts";
import { reconcileNew, reconcileOld } from "./rolling.ts";
import { isComplete } from "./status.ts";
import type { DeploymentStep, DeploymentTurn, Work } from "./types.ts";

/** What kind of sync it is: of the status alone, of a paused or rescaled deployment, or a rollout (syncDeployment). */
export function decide(turn: DeploymentTurn, work: Work): Work {
  const { deployment, sets } = work;
  if (isDeleting(deployment)) return then(work, { kind: "status" });
  if (deployment.spec.paused === true)
    return then(work, ...scaleSteps(turn, work), { kind: "cleanup" }, { kind: "status" });
  if (isScalingEvent(work)) {
    turn.note(note.scalingEvent);
    return then(work, ...scaleSteps(turn, work), { kind: "status" });
  }
  if (!isRollingUpdate(deployment)) return then(work, { kind: "recreate" });
  const newSet = findNewSet(deployment, sets);
  return newSet === null ? then(work, { kind: "create" }, { kind: "roll" }) : then(work, { kind: "roll" });
}

/** An active set was meant for another size of the deployment (deployment_controller.go, isScalingEvent). */
function isScalingEvent({ deployment, sets }: Work): boolean {
  const wanted = wantedOf(deployment);
  return activeSets(sets).some((set) => {
    const desired = desiredAnnotation(set);
    return desired !== null && desired !== wanted;
  });
}

/** kubernetes pkg/controller/deployment/sync.go, scale. */
function scaleSteps(turn: DeploymentTurn, { deployment, sets }: Work): readonly DeploymentStep[] {
  const newSet = findNewSet(deployment, sets);
  const old = oldSets(sets, newSet);
  const only = activeOrLatest(newSet, old);
  const wanted = wantedOf(deployment);
  if (only !== null) return sizeOf(only) === wanted ? [] : [scaleStep({ name: only.metadata.name, size: wanted })];
  if (isSaturated(deployment, newSet)) {
    turn.note(note.saturated);
    return activeSets(old).map(({ metadata }) => scaleStep({ name: metadata.name, size: 0 }));
  }
  if (!isRollingUpdate(deployment) || sets.length === 0) return [];
  turn.note(note.proportional);
  return proportionalScales(deployment, activeSets(sets)).map(scaleStep);
}

/** One round of a rolling update: the new set up, or else the old ones down (rolling.go, rolloutRolling). */
export function roll(turn: DeploymentTurn, work: Work): Work {
  const { deployment, sets } = work;
  const newSet = findNewSet(deployment, sets)!;
  const up = reconcileNew(deployment, newSet, sets);
  if (up !== null) {
    turn.note(up.size > sizeOf(newSet) ? note.scaledUp : note.scaledDown);
    return then(work, scaleStep(up), { kind: "rolloutStatus" });
  }
  const old = oldSets(sets, newSet);
  const { unhealthy, healthy } = reconcileOld(deployment, newSet, old);
  if (unhealthy.length > 0) turn.note(note.unhealthyCleaned);
  if (healthy.length > 0) turn.note(note.oldScaledDown);
  if (unhealthy.length + healthy.length > 0)
    return then(work, ...[...unhealthy, ...healthy].map(scaleStep), { kind: "rolloutStatus" });
  if (activeSets(old).length > 0) turn.note(note.waitsForAvailability);
  return then(work, ...cleanupIfComplete(work), { kind: "rolloutStatus" });
}

/** All old pods go before the first new one comes (kubernetes pkg/controller/deployment/recreate.go, rolloutRecreate). */
export function recreate(turn: DeploymentTurn, work: Work): Work {
  const { deployment, sets } = work;
  const newSet = findNewSet(deployment, sets);
  const old = oldSets(sets, newSet);
  const active = activeSets(old);
  if (active.length > 0) {
    turn.note(note.recreateScaledDown);
    const down = active.map(({ metadata }) => scaleStep({ name: metadata.name, size: 0 }));
    return then(work, ...down, { kind: "rolloutStatus" });
  }
  if (oldPodsRun(turn, newSet, old)) {
    turn.note(note.recreateWaits);
    return then(work, { kind: "rolloutStatus" });
  }
  if (newSet === null) return then(work, { kind: "create" }, { kind: "recreate" });
  const up = scaleStep({ name: newSet.metadata.name, size: wantedOf(deployment) });
  return then(work, ...(sizeOf(newSet) === wantedOf(deployment) ? [] : [up]), ...cleanupIfComplete(work), {
    kind: "rolloutStatus",
  });
}

/** Pods of old sets, being deleted or not, that have not come to their end (recreate.go, oldPodsRunning). */
function oldPodsRun(turn: DeploymentTurn, newSet: ReplicaSet | null, old: readonly ReplicaSet[]): boolean {
  if (actualCount(old) > 0) return true;
  const pods = turn.view<Pod>("pods");
  return old
    .filter(({ metadata }) => metadata.uid !== newSet?.metadata.uid)
    .some(({ metadata }) => pods.byIndex("byController", metadata.uid ?? "").some((pod) => !isPodTerminal(pod)));
}

function cleanupIfComplete({ deployment }: Work): readonly DeploymentStep[] {
  return isComplete(deployment, deployment.status) ? [{ kind: "cleanup" }] : [];
}

function scaleStep({ name, size }: Scale): DeploymentStep {
  return { kind: "scale", name, size };
}

function then(work: Work, ...steps: readonly DeploymentStep[]): Work {
  return { ...work, steps: [...steps, ...work.steps] };
}
