import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import {
  creationObserved,
  deletionObserved,
  expectationsOf,
  forgetExpectations,
  lowerCreations,
  setExpectations,
} from "../../machinery/client/expectations.ts";
import type { ControllerRevision, DaemonSet, Node, Pod } from "../../machinery/kinds/index.ts";
import { isDeleting, keyOf } from "../../machinery/meta.ts";
import { selectorOf } from "../../machinery/selectors.ts";
import { isNamespaceTerminating, isNotFound } from "../../machinery/status.ts";
import { DONE } from "../controller.ts";
import { errorOf, hasFailed, retry } from "../shared/answers.ts";
import { type Claim, claimAnswered, claimOf, claimRequest } from "../shared/claim.ts";
import { deleteRevision, sortRevisions } from "../shared/history.ts";
import { ownOrOrphans } from "../shared/owners.ts";
import { createPod, deletePod, podFromTemplate } from "../shared/pod-control.ts";
import { type StatusWrite, statusAnswered, statusRequest, statusWrite } from "../shared/status-write.ts";
import { daemonTolerations, pinnedTo } from "./nodes.ts";
import { note } from "./notes.ts";
import { isRollingUpdate, planNodes, planUpdate } from "./plan.ts";
import { findRevision, HASH_LABEL, revisionAnswered } from "./revision.ts";
import { isSteady, statusOf } from "./status.ts";
import type { DaemonSetOutcome, DaemonSetTask, DaemonSetTurn, NodePlan, Phase, Sight } from "./types.ts";

type Task<K extends DaemonSetTask["kind"]> = Extract<DaemonSetTask, { readonly kind: K }>;

/** "SlowStartInitialBatchSize is the size of the initial batch when batching pod creates" (controller_utils.go). */
const SLOW_START_INITIAL_BATCH = 1;

/** kubernetes pkg/controller/daemon/daemon_controller.go, syncDaemonSet. */
export function sync(turn: DaemonSetTurn, key: string): DaemonSetOutcome {
  const set = turn.view<DaemonSet>("daemonsets").byKey(key);
  if (set === null) {
    turn.state = { ...turn.state, expectations: forgetExpectations(turn.state.expectations, key) };
    return DONE;
  }
  // "we cannot be sure if the DaemonSet history objects it owned still exist"
  if (isDeleting(set)) {
    turn.note(note.beingDeleted);
    return DONE;
  }
  const revisions = ownOrOrphans<ControllerRevision>(turn, "controllerrevisions", set);
  return claimRevisions(turn, set, claimOf(set, selectorOf(set.spec.selector), revisions));
}

/** The request of a sync is answered. */
export function answered(
  turn: DaemonSetTurn,
  key: string,
  task: DaemonSetTask,
  response: ApiResponse | null,
): DaemonSetOutcome {
  switch (task.kind) {
    case "claimRevisions":
      return claimRevisions(turn, task.set, claimAnswered(task.set, task.claim, response));
    case "claimPods": {
      const claim = claimAnswered(task.set, task.claim, response);
      if (claim.owned.length > task.claim.owned.length) turn.note(note.adopted);
      return claimPods(turn, task.set, task.revisions, claim);
    }
    case "revision":
      return revisionAnswered(turn, task, response, withRevision);
    case "create":
      return created(turn, key, task, response);
    case "delete":
      return deleted(turn, key, task, response);
    case "truncate":
      return truncated(turn, task, response);
    case "status":
      return statusTold(turn, task, response);
    default:
      return unreachable(task);
  }
}

// ---- What is its own

function claimRevisions(turn: DaemonSetTurn, set: DaemonSet, claim: Claim<ControllerRevision>): DaemonSetOutcome {
  const request = claimRequest(set, claim);
  if (request !== null) return { kind: "call", request, task: { kind: "claimRevisions", set, claim } };
  if (claim.error !== "") return retry(claim.error);
  const revisions = sortRevisions(claim.owned);
  const pods = ownOrOrphans<Pod>(turn, "pods", set);
  return claimPods(turn, set, revisions, claimOf(set, selectorOf(set.spec.selector), pods));
}

function claimPods(
  turn: DaemonSetTurn,
  set: DaemonSet,
  revisions: readonly ControllerRevision[],
  claim: Claim<Pod>,
): DaemonSetOutcome {
  const request = claimRequest(set, claim);
  if (request !== null) return { kind: "call", request, task: { kind: "claimPods", set, revisions, claim } };
  if (claim.error !== "") return retry(claim.error);
  return findRevision(turn, set, claim.owned, revisions, withRevision);
}

/** With expectations unmet, only the status is written, and the generation not yet as observed. */
function withRevision(turn: DaemonSetTurn, sight: Sight): DaemonSetOutcome {
  if (!expectationsMet(turn, keyOf(sight.set))) return writeStatus(turn, sight, "", false);
  return syncNodes(turn, sight, "manage", planNodes(turn, sight, nodesOf(turn)));
}

function expectationsMet(turn: DaemonSetTurn, key: string): boolean {
  const state = expectationsOf(turn.state.expectations, key, turn.now, turn.config.expectationsTimeoutUs);
  if (state === "expired") turn.note(note.expectationsExpired);
  if (state === "unmet") turn.note(note.expectationsUnmet);
  return state !== "unmet";
}

function nodesOf(turn: DaemonSetTurn): readonly Node[] {
  return turn.view<Node>("nodes").list();
}

// ---- Pods

/** daemon_controller.go, syncNodes: creations first, in slow-start batches; then deletions; of each so many at the most. */
function syncNodes(turn: DaemonSetTurn, sight: Sight, phase: Phase, plan: NodePlan): DaemonSetOutcome {
  const { burstReplicas } = turn.config;
  const nodes = plan.nodes.slice(0, burstReplicas);
  const doomed = plan.doomed.slice(0, burstReplicas);
  const key = keyOf(sight.set);
  turn.state = {
    ...turn.state,
    expectations: setExpectations(turn.state.expectations, key, nodes.length, doomed.map(keyOf), turn.now),
  };
  if (nodes.length === 0) return doomNext(turn, { kind: "delete", sight, phase, doomed, error: "" });
  const batch = SLOW_START_INITIAL_BATCH;
  return create({ kind: "create", sight, phase, nodes, doomed, batch, leftInBatch: batch, error: "" });
}

function create(task: Task<"create">): DaemonSetOutcome {
  return { kind: "call", request: createPod(podFor(task.sight, task.nodes[0]!)), task };
}

/** daemonset_util.go, CreatePodTemplate: with the tolerations of daemons, the revision's hash, and pinned to its node. */
function podFor({ set, hash }: Sight, node: string): Pod {
  const { template } = set.spec;
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const spec = {
    ...template.spec,
    tolerations: daemonTolerations(template),
    affinity: pinnedTo(template.spec.affinity, node),
  };
  return podFromTemplate({ metadata: { ...template.metadata, labels }, spec }, set);
}

function created(
  turn: DaemonSetTurn,
  key: string,
  task: Task<"create">,
  response: ApiResponse | null,
): DaemonSetOutcome {
  let { error } = task;
  if (hasFailed(response) && !isNamespaceTerminating(response)) {
    turn.note(note.createFailed);
    turn.state = { ...turn.state, expectations: creationObserved(turn.state.expectations, key) };
    error = error === "" ? errorOf(response) : error;
  } else {
    turn.note(note.podCreated);
  }
  const nodes = task.nodes.slice(1);
  const leftInBatch = task.leftInBatch - 1;
  if (leftInBatch > 0) return create({ ...task, nodes, leftInBatch, error });
  if (nodes.length > 0 && error === "") {
    const batch = Math.min(2 * task.batch, nodes.length);
    return create({ ...task, nodes, batch, leftInBatch: batch, error });
  }
  if (nodes.length > 0) {
    turn.note(note.slowStartEnded);
    turn.state = { ...turn.state, expectations: lowerCreations(turn.state.expectations, key, nodes.length) };
  }
  return doomNext(turn, { kind: "delete", sight: task.sight, phase: task.phase, doomed: task.doomed, error });
}

function doomNext(turn: DaemonSetTurn, task: Task<"delete">): DaemonSetOutcome {
  const [pod] = task.doomed;
  if (pod !== undefined) return { kind: "call", request: deletePod(pod), task };
  if (task.error !== "") return writeStatus(turn, task.sight, task.error, true);
  return task.phase === "manage" ? update(turn, task.sight) : truncate(turn, task.sight);
}

function deleted(
  turn: DaemonSetTurn,
  key: string,
  task: Task<"delete">,
  response: ApiResponse | null,
): DaemonSetOutcome {
  const [pod, ...doomed] = task.doomed;
  let { error } = task;
  if (hasFailed(response)) {
    turn.note(note.deleteFailed);
    turn.state = { ...turn.state, expectations: deletionObserved(turn.state.expectations, key, keyOf(pod!)) };
    if (!isNotFound(response) && error === "") error = errorOf(response);
  } else {
    turn.note(note.podDeleted);
  }
  return doomNext(turn, { ...task, doomed, error });
}

/** "Process rolling updates if we're ready": only when nothing is expected of what was done just now (updateDaemonSet). */
function update(turn: DaemonSetTurn, sight: Sight): DaemonSetOutcome {
  if (!isRollingUpdate(sight.set) || !expectationsMet(turn, keyOf(sight.set))) return truncate(turn, sight);
  return syncNodes(turn, sight, "update", planUpdate(turn, sight, nodesOf(turn)));
}

// ---- History and status

/** Old revisions beyond the limit that no pod has; the oldest go (update.go, cleanupHistory). */
function truncate(turn: DaemonSetTurn, sight: Sight): DaemonSetOutcome {
  const { set, old, pods } = sight;
  const excess = old.length - (set.spec.revisionHistoryLimit ?? 10);
  if (excess <= 0) return writeStatus(turn, sight, "", true);
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[HASH_LABEL]));
  const unused = sortRevisions(old).filter(({ metadata }) => !live.has(metadata.labels?.[HASH_LABEL]));
  return truncateNext(turn, { kind: "truncate", sight, left: unused.slice(0, excess) });
}

function truncateNext(turn: DaemonSetTurn, task: Task<"truncate">): DaemonSetOutcome {
  const [revision] = task.left;
  if (revision === undefined) return writeStatus(turn, task.sight, "", true);
  return { kind: "call", request: deleteRevision(revision), task };
}

function truncated(turn: DaemonSetTurn, task: Task<"truncate">, response: ApiResponse | null): DaemonSetOutcome {
  if (hasFailed(response) && !isNotFound(response)) return writeStatus(turn, task.sight, errorOf(response), true);
  turn.note(note.revisionDeleted);
  return truncateNext(turn, { ...task, left: task.left.slice(1) });
}

function writeStatus(turn: DaemonSetTurn, sight: Sight, error: string, observesGeneration: boolean): DaemonSetOutcome {
  const { set } = sight;
  const status = statusOf(sight, nodesOf(turn), turn.wall, observesGeneration);
  const isAwaited = status.numberReady !== (status.numberAvailable ?? 0);
  if (isSteady(set, status)) return finish(set, error, isAwaited);
  return writeNext(statusWrite(set, status), error, isAwaited);
}

function writeNext(write: StatusWrite<DaemonSet>, error: string, isAwaited: boolean): DaemonSetOutcome {
  return { kind: "call", request: statusRequest(write), task: { kind: "status", write, error, isAwaited } };
}

function statusTold(turn: DaemonSetTurn, task: Task<"status">, response: ApiResponse | null): DaemonSetOutcome {
  const { write, error, isAwaited } = task;
  const next = statusAnswered(write, response);
  switch (next.kind) {
    case "next":
      turn.note(note.statusRetried);
      return writeNext(next.write, error, isAwaited);
    case "failed":
      turn.note(note.statusFailed);
      return retry(error === "" ? next.error : error);
    case "written":
      turn.note(note.statusWritten);
      return finish(write.object, error, isAwaited);
    default:
      return unreachable(next);
  }
}

/** "Resync the DaemonSet after MinReadySeconds as a last line of defense to guard against clock-skew." */
function finish({ spec }: DaemonSet, error: string, isAwaited: boolean): DaemonSetOutcome {
  if (error !== "") return retry(error);
  const { minReadySeconds = 0 } = spec;
  return minReadySeconds > 0 && isAwaited ? { kind: "after", us: minReadySeconds * 1_000_000 } : DONE;
}
