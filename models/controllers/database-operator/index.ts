/** An operator of databases, as a user of Kubernetes would write one: a custom resource, pods, and claims of their own. */
import type { ApiRequest, ApiResponse } from "../../machinery/api.ts";
import {
  createRequest,
  deleteRequest,
  getRequest,
  listRequest,
  updateRequest,
} from "../../machinery/client/requests.ts";
import type { InformerEvent } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { KubeObject, Pod } from "../../machinery/kinds/index.ts";
import { isDeleting, keyFor, keyOf, withMeta, withoutFinalizer } from "../../machinery/meta.ts";
import { isAlreadyExists, isNotFound, isSuccess, objectOf } from "../../machinery/status.ts";
import { type Controller, DONE, NO_SETTINGS } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import { DATABASE_LABEL, databaseOf, FINALIZER, newClaim, newPod, ordinalOf, podName } from "./objects.ts";
import { type Action, type Instances, nextStep, type Step, statusOf } from "./plan.ts";
import {
  type Claim,
  DATABASES,
  type Database,
  type DatabaseOutcome,
  type DatabaseTask,
  type DatabaseTurn,
} from "./types.ts";

export { NOTE_NAMES as DATABASE_OPERATOR_NOTES } from "./notes.ts";

const spec = { labelSelector: "", fieldSelector: "", resyncUs: 0 };

export const databaseOperator: Controller<null, DatabaseTask, Readonly<Record<string, never>>> = {
  name: "database-operator",
  isDisabledByDefault: true,
  informers: [
    { ...spec, resource: DATABASES, indexes: [] },
    { ...spec, resource: "pods", indexes: ["byController"] },
    { ...spec, resource: "persistentvolumeclaims", indexes: [] },
  ],
  workers: 1,
  defaults: NO_SETTINGS,
  initial: null,
  observe,
  sync,
  answered,
};

function observe(turn: DatabaseTurn, { resource, old, object }: InformerEvent): void {
  if (resource === DATABASES) {
    turn.enqueue(keyOf(object));
    return;
  }
  for (const one of [old, object]) {
    const name = one === null ? null : databaseOf(one as Pod | Claim);
    if (name !== null) turn.enqueue(keyFor(one!.metadata.namespace ?? "", name));
  }
}

function sync(turn: DatabaseTurn, key: string): DatabaseOutcome {
  const database = turn.view<Database>(DATABASES).byKey(key);
  if (database === null) return DONE;
  const instances = instancesOf(turn, database);
  const step = nextStep(database, instances);
  if (isAction(step)) return take(turn, database, step);
  const status = statusOf(database, instances);
  if (isDeleting(database) || deepEqual(status, database.status)) return DONE;
  return write(updateRequest({ ...database, status } as KubeObject, "status"));
}

function isAction(step: Step): step is Action {
  return step.kind !== "none" && step.kind !== "wait";
}

/** Its pods by their owner; its claims by their label. */
function instancesOf(turn: DatabaseTurn, { metadata }: Database): Instances {
  const pods = turn.view<Pod>("pods").byIndex("byController", metadata.uid ?? "");
  const claims = turn
    .view<Claim>("persistentvolumeclaims")
    .list(metadata.namespace)
    .filter((claim) => databaseOf(claim) === metadata.name);
  const byOrdinal = <O extends KubeObject>(objects: readonly O[]) =>
    new Map(objects.map((object) => [ordinalOf(object.metadata.name), object] as const).sort(([a], [b]) => a - b));
  return { pods: byOrdinal(pods), claims: byOrdinal(claims) };
}

function write(request: ApiRequest): DatabaseOutcome {
  return { kind: "call", request, task: { step: "write" } };
}

function take(turn: DatabaseTurn, database: Database, step: Action): DatabaseOutcome {
  const { namespace = "", finalizers = [] } = database.metadata;
  switch (step.kind) {
    case "addFinalizer":
      return write(updateRequest(withMeta(database, { finalizers: [...finalizers, FINALIZER] })));
    case "createClaim":
      turn.note(note.claimMade);
      return write(createRequest(newClaim(database, step.ordinal)));
    case "createPod":
      turn.note(note.podMade);
      return write(createRequest(newPod(database, step.ordinal, step.claim)));
    case "growClaim":
      turn.note(note.claimGrown);
      return {
        kind: "call",
        request: updateRequest(grown(step.claim, database.spec.storage)),
        task: { step: "grown", ordinal: step.ordinal },
      };
    case "deletePod":
      if (step.why !== "over") turn.note(step.why === "surplus" ? note.podSurplus : note.behind);
      return write(deletion("pods", step.pod));
    case "deleteClaim":
      // A database that is being deleted never wants a claim again.
      if (isDeleting(database)) return write(deletion("persistentvolumeclaims", step.claim));
      return confirm(database, step);
    case "tornDown": {
      const labelSelector = `${DATABASE_LABEL}=${database.metadata.name}`;
      const request = listRequest("persistentvolumeclaims", { namespace, labelSelector });
      return { kind: "call", request, task: { step: "confirmEmpty", database } };
    }
  }
}

function grown(claim: Claim, storage: string): Claim {
  const { resources } = claim.spec;
  const requests = { ...resources?.requests, storage };
  return { ...claim, spec: { ...claim.spec, resources: { ...resources, requests } } };
}

/** Its UID, so that no successor of its name is hit. */
function deletion(resource: "pods" | "persistentvolumeclaims", { metadata }: KubeObject): ApiRequest {
  const preconditions = { uid: metadata.uid ?? "" };
  return deleteRequest(resource, metadata.namespace ?? "", metadata.name, { preconditions });
}

/** The cache may be old: before data is deleted, the API is asked whether the database wants it (cassandra-operator#402). */
function confirm({ metadata }: Database, { claim, ordinal }: { claim: Claim; ordinal: number }): DatabaseOutcome {
  const request = getRequest(DATABASES, metadata.namespace ?? "", metadata.name);
  return { kind: "call", request, task: { step: "confirm", claim, ordinal } };
}

function answered(turn: DatabaseTurn, key: string, task: DatabaseTask, response: ApiResponse | null): DatabaseOutcome {
  switch (task.step) {
    case "write":
      // What is there already, or gone already, will be seen.
      return isSuccess(response) || isAlreadyExists(response) || isNotFound(response) ? DONE : retry(errorOf(response));
    case "grown":
      if (!isSuccess(response)) return retry(errorOf(response));
      return restart(turn, key, task.ordinal);
    case "confirm": {
      const database = objectOf<Database>(response);
      if (database === null) return retry(errorOf(response));
      if (isDeleting(database) || database.spec.replicas > task.ordinal) {
        turn.note(note.claimSpared);
        return DONE;
      }
      turn.note(note.claimDeleted);
      return write(deletion("persistentvolumeclaims", task.claim));
    }
    case "confirmEmpty":
      if (response?.kind !== "list") return retry(errorOf(response));
      if (response.items.length > 0) {
        turn.note(note.claimsLeft);
        return retry("the database has claims that the cache lacks");
      }
      turn.note(note.tornDown);
      return write(updateRequest(withoutFinalizer(task.database, FINALIZER)));
  }
}

/** The second step of a resize. Whoever does not come to it finds the instance behind its claim (cluster-operator#782). */
function restart(turn: DatabaseTurn, key: string, ordinal: number): DatabaseOutcome {
  const database = turn.view<Database>(DATABASES).byKey(key);
  const pod =
    database === null
      ? null
      : turn.view<Pod>("pods").get(database.metadata.namespace ?? "", podName(database, ordinal));
  if (pod === null || isDeleting(pod)) return DONE;
  turn.note(note.restarted);
  return write(deletion("pods", pod));
}
