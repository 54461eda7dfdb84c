/** Deletes all that is in a namespace, and then the namespace (kubernetes pkg/controller/namespace/deletion/namespaced_resources_deleter.go). */
import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse, ResourceName } from "../../machinery/api.ts";
import { deleteCollectionRequest, getRequest, listRequest, updateRequest } from "../../machinery/client/requests.ts";
import type { KubeObject, Namespace, Pod } from "../../machinery/kinds/index.ts";
import { isDeleting } from "../../machinery/meta.ts";
import { isPodTerminal } from "../../machinery/pods.ts";
import { RESOURCES } from "../../machinery/resources.ts";
import { isNotFound, isSuccess, objectOf } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { type Controller, DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { namespaceConditions, withRemaining } from "./conditions.ts";
import { note } from "./notes.ts";
import {
  type Content,
  NAMESPACE_DEFAULTS,
  type NamespaceConfig,
  type NamespaceTask,
  type NamespaceTurn,
} from "./types.ts";

export { NOTE_NAMES as NAMESPACE_NOTES } from "./notes.ts";
export { NAMESPACE_DEFAULTS } from "./types.ts";

type Result = Outcome<NamespaceTask>;
type Task<K extends NamespaceTask["step"]> = Extract<NamespaceTask, { readonly step: K }>;

const FINALIZER = "kubernetes";
const NOTHING: Content = Object.freeze({ remaining: [], finalizers: {}, errors: [], estimateSeconds: 0 });

export const namespaceController: Controller<null, NamespaceTask, NamespaceConfig> = {
  name: "namespace",
  informers: [{ resource: "namespaces", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 300_000_000 }],
  workers: 10,
  defaults: NAMESPACE_DEFAULTS,
  initial: null,
  observe(turn, { type, key, object }) {
    if (type === "deleted" || !isDeleting(object)) return;
    // "Objects could be created in the namespace by API servers that do not know yet": their caches get time to see it.
    turn.note(note.waits);
    turn.enqueueAfter(key, turn.config.gracePeriodUs);
  },
  sync: (_turn, key) => ({ kind: "call", request: getRequest("namespaces", "", key), task: { step: "read" } }),
  answered,
};

function answered(turn: NamespaceTurn, _key: string, task: NamespaceTask, response: ApiResponse | null): Result {
  switch (task.step) {
    case "read":
    case "phase": {
      const namespace = objectOf<Namespace>(response);
      if (isNotFound(response)) return DONE;
      return namespace === null ? retry(errorOf(response)) : begin(turn, namespace);
    }
    case "delete":
      return deleted(turn, task, response);
    case "list":
      return listed(turn, task, response);
    case "conditions":
      if (isNotFound(response)) return DONE;
      return isSuccess(response) ? later(task.content) : retry(errorOf(response));
    case "finalize":
      return isSuccess(response) || isNotFound(response) ? DONE : retry(errorOf(response));
    default:
      return unreachable(task);
  }
}

/** Delete: the phase first, so that nothing new is let in. */
function begin(turn: NamespaceTurn, namespace: Namespace): Result {
  if (!isDeleting(namespace)) return DONE;
  if (namespace.status?.phase !== "Terminating") {
    turn.note(note.terminating);
    const terminating: Namespace = { ...namespace, status: { ...namespace.status, phase: "Terminating" } };
    return { kind: "call", request: updateRequest(terminating, "status"), task: { step: "phase" } };
  }
  if ((namespace.spec?.finalizers ?? []).length === 0) return DONE;
  const others = RESOURCES.filter(({ namespaced, name }) => namespaced && name !== "pods").map(({ name }) => name);
  // Pods go before what they may depend on (KEP-5080, ordered namespace deletion).
  return next(turn, namespace, ["pods", ...others, ...turn.config.customResources], NOTHING);
}

function next(turn: NamespaceTurn, namespace: Namespace, left: readonly ResourceName[], content: Content): Result {
  const [resource] = left;
  if (resource === undefined) return finish(turn, namespace, content);
  const request = deleteCollectionRequest(resource, namespace.metadata.name, {}, { propagationPolicy: "Background" });
  return { kind: "call", request, task: { step: "delete", namespace, left, content } };
}

/** Whatever the deletion has said: what is left is looked up, in the store and not in a cache. */
function deleted(_turn: NamespaceTurn, task: Task<"delete">, response: ApiResponse | null): Result {
  const { namespace, left } = task;
  const failed = !isSuccess(response);
  const errors = failed ? [...task.content.errors, `${left[0]}: ${errorOf(response)}`] : task.content.errors;
  const request = listRequest(left[0]!, { namespace: namespace.metadata.name });
  return { kind: "call", request, task: { ...task, step: "list", content: { ...task.content, errors } } };
}

function listed(turn: NamespaceTurn, { namespace, left, content }: Task<"list">, response: ApiResponse | null): Result {
  const [resource = "", ...rest] = left;
  if (response?.kind !== "list") {
    const errors = [...content.errors, `${resource}: ${errorOf(response)}`];
    return next(turn, namespace, rest, { ...content, errors });
  }
  const { items } = response;
  const found = withRemaining(content, resource, items);
  const estimate = items.length === 0 ? 0 : estimateOf(turn, resource, items);
  const known = { ...found, estimateSeconds: Math.max(found.estimateSeconds, estimate) };
  if (resource === "pods" && items.length > 0) {
    turn.note(note.podsRemain);
    return finish(turn, namespace, known);
  }
  return next(turn, namespace, rest, known);
}

/** estimateGracefulTermination, and for others the time that finalizers are given. */
function estimateOf(turn: NamespaceTurn, resource: ResourceName, items: readonly KubeObject[]): number {
  const { finalizerEstimateSeconds } = turn.config;
  if (resource !== "pods") return finalizerEstimateSeconds;
  const graces = (items as readonly Pod[])
    .filter((pod) => !isPodTerminal(pod))
    .map(({ spec }) => spec.terminationGracePeriodSeconds ?? 30);
  return Math.max(finalizerEstimateSeconds, ...graces);
}

/** Only an empty namespace is finalized; of another it is told what is in the way. */
function finish(turn: NamespaceTurn, namespace: Namespace, content: Content): Result {
  if (content.errors.length > 0) turn.note(note.contentFailed);
  if (content.remaining.length > 0) turn.note(note.contentRemains);
  if (Object.keys(content.finalizers).length > 0) turn.note(note.finalizersRemain);
  if (content.remaining.length === 0 && content.errors.length === 0) {
    turn.note(note.finalized);
    const finalizers = (namespace.spec?.finalizers ?? []).filter((one) => one !== FINALIZER);
    const finalized: Namespace = { ...namespace, spec: { ...namespace.spec, finalizers } };
    return { kind: "call", request: updateRequest(finalized, "finalize"), task: { step: "finalize" } };
  }
  const conditions = namespaceConditions(namespace, content, timeOf(turn.wall));
  if (conditions === namespace.status?.conditions) return later(content);
  turn.note(note.conditions);
  const told: Namespace = { ...namespace, status: { ...namespace.status, conditions } };
  return { kind: "call", request: updateRequest(told, "status"), task: { step: "conditions", content } };
}

/** After errors with backoff; else after half of the time that what remains may take. */
function later({ errors, estimateSeconds }: Content): Result {
  if (errors.length > 0) return retry(errors.join("; "));
  return { kind: "after", us: (Math.floor(estimateSeconds / 2) + 1) * 1_000_000 };
}
