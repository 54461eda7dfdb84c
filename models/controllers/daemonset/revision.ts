import type { ApiRequest, ApiResponse } from "../../machinery/api.ts";
import { getRequest, updateRequest } from "../../machinery/client/requests.ts";
import { templateHash } from "../../machinery/hash.ts";
import type { ControllerRevision, DaemonSet, Pod } from "../../machinery/kinds/index.ts";
import { withMeta } from "../../machinery/meta.ts";
import { isAlreadyExists, objectOf } from "../../machinery/status.ts";
import { errorOf, hasFailed, retry } from "../shared/answers.ts";
import { createRevision, deleteRevision, isEqualRevision, newRevision, renumberRevision } from "../shared/history.ts";
import { note } from "./notes.ts";
import type { DaemonSetOutcome, DaemonSetTask, DaemonSetTurn, Sight } from "./types.ts";

export const HASH_LABEL = "controller-revision-hash";

type RevisionTask = Extract<DaemonSetTask, { readonly kind: "revision" }>;

/** How it goes on once the current revision is known. */
export type WithRevision = (turn: DaemonSetTurn, sight: Sight) => DaemonSetOutcome;

/**
 * The revision of the set's template, as a number above all others: found, of several the latest, or created
 * (kubernetes pkg/controller/daemon/update.go, constructHistory).
 */
export function findRevision(
  turn: DaemonSetTurn,
  set: DaemonSet,
  pods: readonly Pod[],
  revisions: readonly ControllerRevision[],
  then: WithRevision,
): DaemonSetOutcome {
  const hash = templateHash(set.spec.template, set.status?.collisionCount);
  const fresh = (revision: number): ControllerRevision =>
    newRevision({
      owner: set,
      template: set.spec.template,
      revision,
      name: `${set.metadata.name}-${hash}`,
      labels: { ...set.spec.template.metadata?.labels, [HASH_LABEL]: hash },
    });
  const wanted = fresh(0);
  const equal = revisions.filter((one) => isEqualRevision(one, wanted));
  const old = revisions.filter((one) => !equal.includes(one));
  const number = old.reduce((most, { revision }) => Math.max(most, revision), 0) + 1;
  const base = { kind: "revision", set, pods, old, duplicates: [], toRelabel: [] } as const;
  const current = equal.at(-1);
  if (current === undefined) {
    const revision = fresh(number);
    return { kind: "call", request: createRevision(revision), task: { ...base, step: "create", revision } };
  }
  const duplicates = equal.slice(0, -1);
  const currentHash = current.metadata.labels?.[HASH_LABEL];
  const stale = duplicates.map(({ metadata }) => metadata.labels?.[HASH_LABEL]);
  const toRelabel = pods.filter(({ metadata }) => stale.includes(metadata.labels?.[HASH_LABEL]));
  const task: RevisionTask = { ...base, step: "relabel", revision: current, duplicates, toRelabel };
  if (currentHash !== undefined && current.revision >= number) return deduplicate(turn, task, then);
  turn.note(note.revisionReused);
  return { kind: "call", request: renumberRevision(current, number), task: { ...task, step: "renumber" } };
}

/** The pods of duplicates take the label of the one that stays; then the duplicates go (update.go, dedupCurHistories). */
function deduplicate(turn: DaemonSetTurn, task: RevisionTask, then: WithRevision): DaemonSetOutcome {
  const { set, pods, old, revision, duplicates, toRelabel } = task;
  const hash = revision.metadata.labels?.[HASH_LABEL] ?? "";
  const call = (step: RevisionTask["step"], request: ApiRequest): DaemonSetOutcome => ({
    kind: "call",
    request,
    task: { ...task, step },
  });
  const [pod] = toRelabel;
  if (pod !== undefined) {
    const labels = { ...pod.metadata.labels, [HASH_LABEL]: hash };
    return call("relabel", updateRequest(withMeta(pod, { labels })));
  }
  const [duplicate] = duplicates;
  if (duplicate !== undefined) {
    turn.note(note.duplicatesMerged);
    return call("deduplicate", deleteRevision(duplicate));
  }
  return then(turn, { set, hash, old, pods });
}

export function revisionAnswered(
  turn: DaemonSetTurn,
  task: RevisionTask,
  response: ApiResponse | null,
  then: WithRevision,
): DaemonSetOutcome {
  switch (task.step) {
    case "create":
      if (isAlreadyExists(response)) return read(task, "read", "controllerrevisions", task.revision.metadata.name);
      return known(turn, task, objectOf<ControllerRevision>(response), response, then);
    case "read":
      return existing(turn, task, response, then);
    case "readSet":
      return countCollision(turn, task, response);
    case "countCollision":
      // It comes again, with another name for its revision.
      return retry(hasFailed(response) ? errorOf(response) : "the hash of the template has collided");
    case "renumber":
      return known(turn, task, objectOf<ControllerRevision>(response), response, then);
    case "relabel":
      if (hasFailed(response)) return retry(errorOf(response));
      return deduplicate(turn, { ...task, toRelabel: task.toRelabel.slice(1) }, then);
    case "deduplicate":
      if (hasFailed(response)) return retry(errorOf(response));
      return deduplicate(turn, { ...task, duplicates: task.duplicates.slice(1) }, then);
  }
}

function known(
  turn: DaemonSetTurn,
  task: RevisionTask,
  revision: ControllerRevision | null,
  response: ApiResponse | null,
  then: WithRevision,
): DaemonSetOutcome {
  if (revision === null) return retry(errorOf(response));
  if (task.step === "create") turn.note(note.revisionCreated);
  return deduplicate(turn, { ...task, revision }, then);
}

function read(task: RevisionTask, step: RevisionTask["step"], resource: string, name: string): DaemonSetOutcome {
  const request = getRequest(resource, task.set.metadata.namespace ?? "", name);
  return { kind: "call", request, task: { ...task, step } };
}

/** One of that name may be this very revision ("Check if we already created it"); else the hash has collided. */
function existing(
  turn: DaemonSetTurn,
  task: RevisionTask,
  response: ApiResponse | null,
  then: WithRevision,
): DaemonSetOutcome {
  const found = objectOf<ControllerRevision>(response);
  if (found === null) return retry(errorOf(response));
  if (!isEqualRevision(found, task.revision)) return read(task, "readSet", "daemonsets", task.set.metadata.name);
  turn.note(note.revisionExists);
  return deduplicate(turn, { ...task, revision: found }, then);
}

/** Counted on the live set, if it has not been counted by another (update.go, snapshot). */
function countCollision(turn: DaemonSetTurn, task: RevisionTask, response: ApiResponse | null): DaemonSetOutcome {
  const live = objectOf<DaemonSet>(response);
  if (live === null) return retry(errorOf(response));
  const count = live.status?.collisionCount ?? 0;
  if (count !== (task.set.status?.collisionCount ?? 0)) return retry("found a stale collision count");
  turn.note(note.revisionCollision);
  const status = { ...live.status, collisionCount: count + 1 };
  const request = updateRequest({ ...live, status } as DaemonSet, "status");
  return { kind: "call", request, task: { ...task, step: "countCollision" } };
}
