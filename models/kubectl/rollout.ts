import type { ApiResponse } from "../machinery/api.ts";
import { getRequest, listRequest, patchRequest } from "../machinery/client/requests.ts";
import { deepEqual } from "../machinery/equality.ts";
import type {
  ControllerRevision,
  Deployment,
  Json,
  KubeObject,
  LabelSelector,
  PodTemplateSpec,
  ReplicaSet,
} from "../machinery/kinds/index.ts";
import { annotationOf, isControlledBy } from "../machinery/meta.ts";
import { mergePatchBetween, strategicMergePatch } from "../machinery/patch.ts";
import { formatLabelSelector } from "../machinery/selectors.ts";
import { badRequest, isConflict, objectOf } from "../machinery/status.ts";
import { note } from "./notes.ts";
import { ask, type CommandRules, type Context, DONE, finished, type Outcome } from "./outcome.ts";
import type { Command } from "./types.ts";

type Undo = Extract<Command, { readonly kind: "rolloutUndo" }>;

/** Which revision of a Deployment a ReplicaSet is (kubectl pkg/util/deployment). */
const REVISION = "deployment.kubernetes.io/revision";
const HASH_LABEL = "pod-template-hash";

/**
 * `kubectl rollout undo` (kubectl pkg/polymorphichelpers/rollback.go): the template of an earlier revision becomes the one
 * of the object again. A Deployment's revisions are its ReplicaSets, those of others are ControllerRevisions.
 *
 * kubectl replaces the template whatever it has become since it was read; here it must not have changed, or is read again.
 */
export const undo: CommandRules<Undo> = {
  begin: (command) => read(command),
  answered(command, { stage }, response, context) {
    switch (stage.kind) {
      case "reading": {
        const object = objectOf<KubeObject>(response);
        if (object === null) return finished(response);
        const labelSelector = formatLabelSelector(selectorOf(object));
        const { namespace } = command;
        const resource = command.resource === "deployments" ? "replicasets" : "controllerrevisions";
        return ask(listRequest(resource, { namespace, labelSelector }), { kind: "history", object });
      }
      case "history":
        return response.kind === "list" ? rollBack(command, stage.object, response.items, context) : finished(response);
      default:
        if (!isConflict(response)) return finished(response);
        context.note(note.conflict);
        return read(command);
    }
  },
};

function rollBack(command: Undo, object: KubeObject, items: readonly KubeObject[], context: Context): Outcome {
  const mine = items.filter((item) => isControlledBy(item, object));
  const wanted =
    command.resource === "deployments"
      ? withTemplateOf(object as Deployment, mine as unknown as readonly ReplicaSet[], command.toRevision)
      : withRevision(object, mine as unknown as readonly ControllerRevision[], command.toRevision);
  if (typeof wanted === "string") return { kind: "failed", status: badRequest(wanted) };
  const patch = mergePatchBetween(object, wanted) as { readonly [key: string]: Json } | null;
  if (patch === null) {
    context.note(note.undoneBefore);
    return DONE;
  }
  context.note(note.undone);
  const { namespace, name, resource } = command;
  const metadata = { resourceVersion: object.metadata.resourceVersion ?? "" };
  return ask(patchRequest(resource, namespace, name, { ...patch, metadata }), { kind: "writing" });
}

/** The Deployment with the template of another revision, without the hash that its controller put in; or why not. */
function withTemplateOf(deployment: Deployment, sets: readonly ReplicaSet[], toRevision: number): KubeObject | string {
  if (deployment.spec.paused === true)
    return "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume'";
  const found = revisionFrom(sets, (set) => Number(annotationOf(set, REVISION) ?? 0), toRevision);
  if (typeof found === "string") return found;
  const template = withoutHash(found.spec.template);
  return deepEqual(template, withoutHash(deployment.spec.template))
    ? deployment
    : ({ ...deployment, spec: { ...deployment.spec, template } } as KubeObject);
}

function withRevision(
  object: KubeObject,
  revisions: readonly ControllerRevision[],
  toRevision: number,
): KubeObject | string {
  const found = revisionFrom(revisions, ({ revision }) => revision, toRevision);
  if (typeof found === "string") return found;
  return strategicMergePatch(object as unknown as Json, (found.data ?? {}) as Json) as unknown as KubeObject;
}

/** The revision of that number; 0: the one before the last. Or why there is none. */
function revisionFrom<O extends KubeObject>(
  history: readonly O[],
  numberOf: (one: O) => number,
  toRevision: number,
): O | string {
  const sorted = history.toSorted((a, b) => numberOf(b) - numberOf(a));
  const found = toRevision === 0 ? sorted[1] : sorted.find((one) => numberOf(one) === toRevision);
  if (found !== undefined) return found;
  return toRevision === 0 ? "no rollout history found" : `unable to find specified revision ${toRevision} in history`;
}

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec | undefined {
  const labels = template?.metadata?.labels;
  if (template === undefined || labels === undefined || !Object.hasOwn(labels, HASH_LABEL)) return template;
  const { [HASH_LABEL]: _, ...rest } = labels;
  return { ...template, metadata: { ...template.metadata, labels: rest } };
}

function selectorOf(object: KubeObject): LabelSelector {
  return (object as Deployment).spec.selector ?? {};
}

function read({ resource, namespace, name }: Undo): Outcome {
  return ask(getRequest(resource, namespace, name), { kind: "reading" });
}

export type { ApiResponse };
