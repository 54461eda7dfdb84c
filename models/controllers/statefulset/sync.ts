import { unreachable } from "../../kernel/index.ts";
import type { ApiRequest, ApiResponse } from "../../machinery/api.ts";
import { createRequest, deleteRequest, getRequest, updateRequest } from "../../machinery/client/requests.ts";
import type { ControllerRevision, Pod, StatefulSet } from "../../machinery/kinds/index.ts";
import { controllerOf } from "../../machinery/meta.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import { isAlreadyExists, isNotFound, objectOf } from "../../machinery/status.ts";
import { DONE } from "../controller.ts";
import { errorOf, hasFailed, retry } from "../shared/answers.ts";
import { type Claim, claimAnswered, claimOf, claimRequest } from "../shared/claim.ts";
import {
  createRevision,
  deleteRevision,
  isEqualRevision,
  newRevision,
  nextRevision,
  renumberRevision,
  revisionHash,
  revisionName,
  sortRevisions,
  templatePatch,
} from "../shared/history.ts";
import { ownOrOrphans } from "../shared/owners.ts";
import { isMember, podRevision, REVISION_LABEL, replicasOf } from "./identity.ts";
import { note } from "./notes.ts";
import { noteOf, planFor } from "./plan.ts";
import { isInconsistent, statusOf, written } from "./status.ts";
import type { Action, Sight, StatefulSetOutcome, StatefulSetTask, StatefulSetTurn } from "./types.ts";

type Task<K extends StatefulSetTask["kind"]> = Extract<StatefulSetTask, { readonly kind: K }>;

/** kubernetes pkg/controller/statefulset/stateful_set.go, sync. */
export function sync(turn: StatefulSetTurn, key: string): StatefulSetOutcome {
  const set = turn.view<StatefulSet>("statefulsets").byKey(key);
  if (set === null) return DONE;
  const orphans = ownOrOrphans<ControllerRevision>(turn, "controllerrevisions", set).filter(
    (revision) => controllerOf(revision) === null,
  );
  return claimRevisions(turn, set, claimOf(set, selectorOf(set.spec.selector), orphans));
}

/** The request of a sync is answered. */
export function answered(
  turn: StatefulSetTurn,
  _key: string,
  task: StatefulSetTask,
  response: ApiResponse | null,
): StatefulSetOutcome {
  switch (task.kind) {
    case "claimRevisions":
      return claimRevisions(turn, task.set, claimAnswered(task.set, task.claim, response));
    case "claimPods": {
      const claim = claimAnswered(task.set, task.claim, response);
      if (claim.owned.length > task.claim.owned.length) turn.note(note.adopted);
      return claimPods(turn, task.set, task.revisions, claim);
    }
    case "revision":
      return revisionAnswered(turn, task, response);
    case "act":
      return acted(turn, task, response);
    case "status":
      return statusTold(turn, task, response);
    case "truncate":
      return truncated(turn, task, response);
    default:
      return unreachable(task);
  }
}

// ---- Adoption

function claimRevisions(turn: StatefulSetTurn, set: StatefulSet, claim: Claim<ControllerRevision>): StatefulSetOutcome {
  const request = claimRequest(set, claim);
  if (request !== null) return { kind: "call", request, task: { kind: "claimRevisions", set, claim } };
  if (claim.error !== "") return retry(claim.error);
  const selector = selectorOf(set.spec.selector);
  const own = turn
    .view<ControllerRevision>("controllerrevisions")
    .byIndex("byController", set.metadata.uid ?? "")
    .filter(({ metadata }) => matchesLabels(selector, metadata.labels));
  const revisions = sortRevisions([...own, ...claim.owned]);
  const pods = ownOrOrphans<Pod>(turn, "pods", set).filter((pod) => isMember(set, pod));
  return claimPods(turn, set, revisions, claimOf(set, selector, pods));
}

function claimPods(
  turn: StatefulSetTurn,
  set: StatefulSet,
  revisions: readonly ControllerRevision[],
  claim: Claim<Pod>,
): StatefulSetOutcome {
  const request = claimRequest(set, claim);
  if (request !== null) return { kind: "call", request, task: { kind: "claimPods", set, revisions, claim } };
  if (claim.error !== "") return retry(claim.error);
  return findRevision(turn, set, claim.owned, revisions, set.status?.collisionCount ?? 0);
}

// ---- Revisions

/**
 * The revision of the set's template: the last one, an earlier one under a new number, or a new one
 * (stateful_set_control.go, getStatefulSetRevisions).
 */
function findRevision(
  turn: StatefulSetTurn,
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: readonly ControllerRevision[],
  collisionCount: number,
): StatefulSetOutcome {
  const hash = revisionHash(templatePatch(set.spec.template), collisionCount);
  const fresh = newRevision({
    owner: set,
    template: set.spec.template,
    revision: nextRevision(revisions),
    name: revisionName(set.metadata.name, hash),
    labels: { ...set.spec.template.metadata?.labels, [REVISION_LABEL]: hash },
  });
  const equal = revisions.findLast((revision) => isEqualRevision(revision, fresh));
  const base = { set, pods, revisions, collisionCount };
  if (equal === undefined)
    return {
      kind: "call",
      request: createRevision(fresh),
      task: { kind: "revision", step: "create", ...base, revision: fresh },
    };
  if (equal === revisions.at(-1)) return act(turn, sightOf(base, equal));
  turn.note(note.revisionReused);
  return {
    kind: "call",
    request: renumberRevision(equal, fresh.revision),
    task: { kind: "revision", step: "renumber", ...base, revision: equal },
  };
}

/** One of that name may be this very revision; else the count of collisions makes another name (history.CreateControllerRevision). */
function revisionAnswered(
  turn: StatefulSetTurn,
  task: Task<"revision">,
  response: ApiResponse | null,
): StatefulSetOutcome {
  const { set, pods, revisions, collisionCount, revision } = task;
  if (task.step === "create" && isAlreadyExists(response)) {
    const request = getRequest("controllerrevisions", set.metadata.namespace ?? "", revision.metadata.name);
    return { kind: "call", request, task: { ...task, step: "read" } };
  }
  const found = objectOf<ControllerRevision>(response);
  if (found === null) return retry(errorOf(response));
  if (task.step === "read" && !isEqualRevision(found, revision)) {
    turn.note(note.revisionCollision);
    return findRevision(turn, set, pods, revisions, collisionCount + 1);
  }
  turn.note(task.step === "read" ? note.revisionExists : note.revisionCreated);
  return act(turn, sightOf(task, found));
}

function sightOf(
  { set, pods, revisions, collisionCount }: Pick<Task<"revision">, "set" | "pods" | "revisions" | "collisionCount">,
  update: ControllerRevision,
): Sight {
  // "if the current revision is nil we initialize the history by setting it to the update revision"
  const current = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
  return { set, pods, revisions, current, update, collisionCount };
}

// ---- Pods and claims

function act(turn: StatefulSetTurn, sight: Sight): StatefulSetOutcome {
  const actions = planFor(turn, sight);
  const status = statusOf(sight, actions, turn.wall);
  return actNext(turn, { kind: "act", sight, actions, status });
}

function actNext(turn: StatefulSetTurn, task: Task<"act">): StatefulSetOutcome {
  const [action] = task.actions;
  if (action === undefined) return writeStatus(turn, task.sight, task.status, "");
  return { kind: "call", request: actionRequest(action), task };
}

function actionRequest(action: Action): ApiRequest {
  switch (action.kind) {
    case "createClaim":
      return createRequest(action.claim);
    case "updateClaim":
      return updateRequest(action.claim);
    case "createPod":
      return createRequest(action.pod);
    case "updatePod":
      return updateRequest(action.pod);
    case "deletePod": {
      const { namespace = "", name, uid = "" } = action.pod.metadata;
      // The real one goes by the name alone; pods of a set have their names again, and a new leader's cache may be older.
      const options = { preconditions: { uid } };
      return deleteRequest("pods", namespace, name, options);
    }
    default:
      return unreachable(action);
  }
}

/** The first error ends it; the status is written nevertheless ("make sure to update the latest status even if there is an error"). */
function acted(turn: StatefulSetTurn, task: Task<"act">, response: ApiResponse | null): StatefulSetOutcome {
  const [action, ...actions] = task.actions;
  const isGone = action!.kind === "deletePod" && action!.why === "update" && isNotFound(response);
  if (hasFailed(response) && !isGone) {
    turn.note(note.actionFailed);
    return writeStatus(turn, task.sight, task.status, errorOf(response));
  }
  turn.note(noteOf(action!));
  return actNext(turn, { ...task, actions });
}

// ---- Status and history

function writeStatus(
  turn: StatefulSetTurn,
  sight: Sight,
  status: Task<"status">["status"],
  error: string,
): StatefulSetOutcome {
  const { set } = sight;
  if (!isInconsistent(set, status)) return truncate(turn, sight, error, status.availableReplicas ?? 0);
  if (status.currentRevision !== set.status?.currentRevision && set.status?.currentRevision !== undefined)
    turn.note(note.updateComplete);
  const request = updateRequest({ ...set, status: written(set, status) } as StatefulSet, "status");
  return { kind: "call", request, task: { kind: "status", sight, status, error } };
}

function statusTold(turn: StatefulSetTurn, task: Task<"status">, response: ApiResponse | null): StatefulSetOutcome {
  const hasWritten = !hasFailed(response);
  turn.note(hasWritten ? note.statusWritten : note.statusFailed);
  const error = task.error === "" && !hasWritten ? errorOf(response) : task.error;
  return truncate(turn, task.sight, error, task.status.availableReplicas ?? 0);
}

/** Revisions that no pod has and that are neither current nor next, beyond the limit; the oldest go (stateful_set_control.go, truncateHistory). */
function truncate(turn: StatefulSetTurn, sight: Sight, error: string, available: number): StatefulSetOutcome {
  const { set, pods, revisions, current, update } = sight;
  const live = new Set([current.metadata.name, update.metadata.name, ...pods.map(podRevision)]);
  const history = revisions.filter(({ metadata }) => !live.has(metadata.name));
  const excess = history.length - (set.spec.revisionHistoryLimit ?? 10);
  if (excess > 0) return truncateNext({ kind: "truncate", sight, left: history.slice(0, excess), error });
  if (error !== "") return retry(error);
  const { minReadySeconds = 0 } = set.spec;
  // "We might need to re-enqueue the StatefulSet after minReadySeconds".
  if (minReadySeconds > 0 && available !== replicasOf(set)) {
    turn.note(note.waitsForAvailable);
    return { kind: "after", us: minReadySeconds * 1_000_000 };
  }
  return DONE;
}

function truncateNext(task: Task<"truncate">): StatefulSetOutcome {
  return { kind: "call", request: deleteRevision(task.left[0]!), task };
}

function truncated(turn: StatefulSetTurn, task: Task<"truncate">, response: ApiResponse | null): StatefulSetOutcome {
  if (hasFailed(response) && !isNotFound(response)) return retry(errorOf(response));
  turn.note(note.revisionDeleted);
  const left = task.left.slice(1);
  if (left.length > 0) return truncateNext({ ...task, left });
  return task.error === "" ? DONE : retry(task.error);
}
