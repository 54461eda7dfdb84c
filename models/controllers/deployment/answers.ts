import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import type { Deployment, ReplicaSet } from "../../machinery/kinds/index.ts";
import { controllerOf, keyFor } from "../../machinery/meta.ts";
import { isAlreadyExists, isNamespaceTerminating, isNotFound, objectOf } from "../../machinery/status.ts";
import { errorOf, hasFailed } from "../shared/answers.ts";
import { isEqualIgnoringHash, newSetOf, oldSets } from "./new-set.ts";
import { note } from "./notes.ts";
import { compareByCreation } from "./replicas.ts";
import type { DeploymentStep, DeploymentTurn, Work } from "./types.ts";

/** How the work goes on after the answer to its first step's request; null: the sync has failed. */
export function answerStep(turn: DeploymentTurn, work: Work, response: ApiResponse | null): Work | null {
  const [step, ...rest] = work.steps;
  const next: Work = { ...work, steps: rest };
  switch (step!.kind) {
    case "pausedCondition":
    case "deploymentRevision":
    case "status":
    case "rolloutStatus":
    case "created":
      return hasFailed(response) ? null : withDeployment(next, response);
    case "collided":
      // "Update the collisionCount for the Deployment and let it requeue by returning the original error."
      return { ...next, steps: [{ kind: "fail", error: step!.error }] };
    case "createFailed":
      return { ...next, steps: [{ kind: "fail", error: step!.error }] };
    case "revision":
    case "scale":
      return hasFailed(response) ? null : withSet(next, response);
    case "deleteSet":
      return hasFailed(response) && !isNotFound(response) ? null : next;
    case "create":
      return answerCreate(turn, next, response);
    case "decide":
    case "roll":
    case "recreate":
    case "cleanup":
    case "fail":
      return next;
    default:
      return unreachable(step!);
  }
}

/** The deployment as it was written; the real one goes on with what it read, and has a conflict at its next write. */
function withDeployment(work: Work, response: ApiResponse | null): Work {
  return { ...work, deployment: objectOf<Deployment>(response) ?? work.deployment };
}

function withSet(work: Work, response: ApiResponse | null): Work {
  const written = objectOf<ReplicaSet>(response);
  if (written === null) return work;
  const { name } = written.metadata;
  return { ...work, sets: work.sets.map((set) => (set.metadata.name === name ? written : set)) };
}

/** deployment/sync.go, getNewReplicaSet: what becomes of the create. */
function answerCreate(turn: DeploymentTurn, work: Work, response: ApiResponse | null): Work | null {
  const { name } = newSetOf(work.deployment, oldSets(work.sets, null)).metadata;
  if (isAlreadyExists(response)) return setExists(turn, work, name, errorOf(response));
  if (isNamespaceTerminating(response)) return null;
  if (hasFailed(response)) {
    turn.note(note.createFailed);
    return before(work, { kind: "createFailed", name, error: errorOf(response) });
  }
  turn.note(note.setCreated);
  return before(withNewSet(work, objectOf<ReplicaSet>(response)!), { kind: "created", name, isNew: true });
}

/** The set of that name may be the one that is wanted and not yet seen; else the hash has collided, and another is taken. */
function setExists(turn: DeploymentTurn, work: Work, name: string, error: string): Work | null {
  const { deployment } = work;
  const set = turn.view<ReplicaSet>("replicasets").byKey(keyFor(deployment.metadata.namespace ?? "", name));
  if (set === null) return null;
  const isOwn = controllerOf(set)?.uid === deployment.metadata.uid;
  if (isOwn && isEqualIgnoringHash(deployment.spec.template, set.spec.template)) {
    turn.note(note.setFound);
    return before(withNewSet(work, set), { kind: "created", name, isNew: false });
  }
  turn.note(note.collision);
  return { ...work, steps: [{ kind: "collided", error }] };
}

function withNewSet(work: Work, set: ReplicaSet): Work {
  const others = work.sets.filter(({ metadata }) => metadata.name !== set.metadata.name);
  return { ...work, sets: [...others, set].sort(compareByCreation) };
}

function before(work: Work, step: DeploymentStep): Work {
  return { ...work, steps: [step, ...work.steps] };
}
