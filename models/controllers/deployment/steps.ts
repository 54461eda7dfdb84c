import { unreachable } from "../../kernel/index.ts";
import { createRequest, deleteRequest, updateRequest } from "../../machinery/client/requests.ts";
import { findCondition } from "../../machinery/conditions.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { Deployment, DeploymentStatus, ReplicaSet } from "../../machinery/kinds/index.ts";
import { isDeleting, withMeta } from "../../machinery/meta.ts";
import { DONE } from "../controller.ts";
import { decide, recreate, roll } from "./decide.ts";
import { findNewSet, newSetAnnotations, newSetOf, nextRevisionOf, oldSets, REVISION, revisionOf } from "./new-set.ts";
import { note } from "./notes.ts";
import { needsReplicasAnnotations, replicasAnnotations, sizeOf } from "./replicas.ts";
import { hasDeadline, rolloutStatusOf, setCondition, statusOf, stuckUntil } from "./status.ts";
import type { DeploymentStep, DeploymentTurn, StepResult, Work } from "./types.ts";

type Step<K extends DeploymentStep["kind"]> = Extract<DeploymentStep, { readonly kind: K }>;

/** Does a step: makes its request, or goes on at once. `work.steps` still has the step itself as the first. */
export function beginStep(turn: DeploymentTurn, work: Work, step: DeploymentStep): StepResult {
  const rest: Work = { ...work, steps: work.steps.slice(1) };
  const go: StepResult = { kind: "go", work: rest };
  switch (step.kind) {
    case "pausedCondition":
      return pausedCondition(turn, work) ?? go;
    case "revision":
      return revision(turn, work) ?? go;
    case "deploymentRevision":
      return deploymentRevision(turn, work) ?? go;
    case "decide":
      return { kind: "go", work: decide(turn, rest) };
    case "roll":
      return { kind: "go", work: roll(turn, rest) };
    case "recreate":
      return { kind: "go", work: recreate(turn, rest) };
    case "create":
      return { kind: "request", work, request: createRequest(newSetOf(work.deployment, work.sets)) };
    case "created":
      return created(turn, work, step) ?? go;
    case "collided":
      return statusWrite(work, { collisionCount: (work.deployment.status?.collisionCount ?? 0) + 1 });
    case "createFailed":
      return createFailed(turn, work, step);
    case "scale":
      return scale(work, step) ?? go;
    case "cleanup":
      return { kind: "go", work: { ...rest, steps: [...cleanup(turn, rest), ...rest.steps] } };
    case "deleteSet":
      return {
        kind: "request",
        work,
        request: deleteRequest("replicasets", work.deployment.metadata.namespace ?? "", step.name),
      };
    case "status":
      return status(turn, work) ?? go;
    case "rolloutStatus":
      return rolloutStatus(turn, work);
    case "fail":
      return go;
    default:
      return unreachable(step);
  }
}

function statusWrite(work: Work, status: DeploymentStatus, revision?: number): StepResult {
  const { deployment } = work;
  const annotated =
    revision === undefined
      ? deployment
      : withMeta(deployment, { annotations: { ...deployment.metadata.annotations, [REVISION]: String(revision) } });
  const written: Deployment = { ...annotated, status: { ...deployment.status, ...status } };
  return { kind: "request", work, request: updateRequest(written, "status") };
}

/**
 * Tells that a deployment is paused or goes on again, so that the time in between counts not for its deadline
 * (deployment/sync.go, checkPausedConditions).
 */
function pausedCondition(turn: DeploymentTurn, work: Work): StepResult | null {
  const { deployment } = work;
  if (!hasDeadline(deployment)) return null;
  const conditions = deployment.status?.conditions ?? [];
  const reason = findCondition(conditions, "Progressing")?.reason;
  // "If we have reported lack of progress, do not overwrite it with a paused condition."
  if (reason === "ProgressDeadlineExceeded") return null;
  const isPaused = deployment.spec.paused === true;
  if (isPaused === (reason === "DeploymentPaused")) return null;
  turn.note(isPaused ? note.paused : note.resumed);
  const write = {
    type: "Progressing",
    status: "Unknown",
    reason: isPaused ? "DeploymentPaused" : "DeploymentResumed",
    message: isPaused ? "Deployment is paused" : "Deployment is resumed",
  } as const;
  return statusWrite(work, { conditions: setCondition(conditions, write, turn.wall) });
}

/** The new set's annotations and minReadySeconds follow the deployment's (deployment/sync.go, getNewReplicaSet). */
function revision(turn: DeploymentTurn, work: Work): StepResult | null {
  const { deployment, sets } = work;
  const set = findNewSet(deployment, sets);
  if (set === null) return null;
  const next = nextRevisionOf(oldSets(sets, set));
  const annotations = newSetAnnotations(deployment, set.metadata.annotations, next);
  const { minReadySeconds = 0 } = deployment.spec;
  if (!deepEqual(set.metadata.annotations ?? {}, annotations) || (set.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    turn.note(revisionOf(set) > 0 && revisionOf(set) < next ? note.rolledBack : note.revisionSet);
    const spec = { ...set.spec, minReadySeconds };
    return { kind: "request", work, request: updateRequest({ ...withMeta(set, { annotations }), spec } as ReplicaSet) };
  }
  const [step, ...rest] = work.steps;
  return {
    kind: "go",
    work: { ...work, steps: [{ kind: "deploymentRevision" }, ...(step === undefined ? [] : rest)] },
  };
}

/** The deployment has the revision of its new set; it is told that this was found, where nothing was told before. */
function deploymentRevision(turn: DeploymentTurn, work: Work): StepResult | null {
  const { deployment } = work;
  const set = findNewSet(deployment, work.sets);
  if (set === null) return null;
  const number = revisionOf(set);
  const conditions = deployment.status?.conditions ?? [];
  const isFirst = hasDeadline(deployment) && findCondition(conditions, "Progressing") === null;
  if (deployment.metadata.annotations?.[REVISION] === String(number) && !isFirst) return null;
  const message = `Found new replica set "${set.metadata.name}"`;
  const write = { type: "Progressing", status: "True", reason: "FoundNewReplicaSet", message } as const;
  return statusWrite(work, isFirst ? { conditions: setCondition(conditions, write, turn.wall) } : {}, number);
}

function created(turn: DeploymentTurn, work: Work, { name, isNew }: Step<"created">): StepResult | null {
  const { deployment } = work;
  const set = work.sets.find(({ metadata }) => metadata.name === name)!;
  const number = revisionOf(set);
  const isTold = isNew && hasDeadline(deployment);
  if (deployment.metadata.annotations?.[REVISION] === String(number) && !isTold) return null;
  const message = `Created new replica set "${name}"`;
  const write = { type: "Progressing", status: "True", reason: "NewReplicaSetCreated", message } as const;
  const conditions = setCondition(deployment.status?.conditions ?? [], write, turn.wall);
  return statusWrite(work, isTold ? { conditions } : {}, number);
}

function createFailed(turn: DeploymentTurn, work: Work, { name, error }: Step<"createFailed">): StepResult {
  const { deployment } = work;
  if (!hasDeadline(deployment)) return { kind: "go", work: { ...work, steps: [{ kind: "fail", error }] } };
  const message = `Failed to create new replica set "${name}": ${error}`;
  const write = { type: "Progressing", status: "False", reason: "ReplicaSetCreateError", message } as const;
  return statusWrite(work, { conditions: setCondition(deployment.status?.conditions ?? [], write, turn.wall) });
}

/** deployment/sync.go, scaleReplicaSet. */
function scale(work: Work, { name, size }: Step<"scale">): StepResult | null {
  const { deployment } = work;
  const set = work.sets.find(({ metadata }) => metadata.name === name)!;
  if (sizeOf(set) === size && !needsReplicasAnnotations(set, deployment)) return null;
  const annotations = { ...set.metadata.annotations, ...replicasAnnotations(deployment) };
  const scaled: ReplicaSet = { ...withMeta(set, { annotations }), spec: { ...set.spec, replicas: size } };
  return { kind: "request", work, request: updateRequest(scaled) };
}

/** The oldest revisions beyond the limit that have no pods and are observed (deployment/sync.go, cleanupDeployment). */
function cleanup(turn: DeploymentTurn, { deployment, sets }: Work): readonly DeploymentStep[] {
  const { revisionHistoryLimit = 10 } = deployment.spec;
  const old = oldSets(sets, findNewSet(deployment, sets)).filter((set) => !isDeleting(set));
  const excess = old.length - revisionHistoryLimit;
  if (excess <= 0) return [];
  const oldest = old.toSorted((one, two) => revisionOf(one) - revisionOf(two)).slice(0, excess);
  const unused = oldest.filter(
    (set) =>
      sizeOf(set) === 0 &&
      (set.status?.replicas ?? 0) === 0 &&
      (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
  );
  if (unused.length > 0) turn.note(note.historyCleaned);
  return unused.map(({ metadata }) => ({ kind: "deleteSet", name: metadata.name }));
}

function status(turn: DeploymentTurn, work: Work): StepResult | null {
  const { deployment, sets } = work;
  const next = statusOf(deployment, sets, findNewSet(deployment, sets), turn.wall);
  return isSame(deployment, next) ? null : replaced(work, next);
}

function rolloutStatus(turn: DeploymentTurn, work: Work): StepResult {
  const { deployment, sets } = work;
  const [next, progress] = rolloutStatusOf(deployment, sets, findNewSet(deployment, sets), turn.wall);
  if (isSame(deployment, next)) {
    const after = stuckUntil(deployment, next, turn.wall);
    if (after === null) return { kind: "end", outcome: DONE };
    return { kind: "end", outcome: after === 0 ? { kind: "retry", error: "stuck" } : { kind: "after", us: after } };
  }
  if (progress === "complete") turn.note(note.completed);
  else if (progress === "progressing") turn.note(note.progressed);
  else if (progress === "timed-out") turn.note(note.deadlineExceeded);
  return replaced(work, next);
}

/** The whole status is replaced; a number that is 0 is the same as none. */
function replaced(work: Work, status: DeploymentStatus): StepResult {
  return { kind: "request", work, request: updateRequest({ ...work.deployment, status } as Deployment, "status") };
}

function isSame({ status }: Deployment, next: DeploymentStatus): boolean {
  return deepEqual(nonzero(status ?? {}), nonzero(next));
}

function nonzero(status: DeploymentStatus): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(status).filter(([, value]) => value !== 0 && !(Array.isArray(value) && value.length === 0)),
  );
}
