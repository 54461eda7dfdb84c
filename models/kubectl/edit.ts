import { unreachable } from "../kernel/index.ts";
import type { ApiRequest } from "../machinery/api.ts";
import { deleteRequest, getRequest, patchRequest, updateRequest } from "../machinery/client/requests.ts";
import { deepEqual } from "../machinery/equality.ts";
import type { Container, Deployment, Json, KubeObject, Node, Taint } from "../machinery/kinds/index.ts";
import { withMeta } from "../machinery/meta.ts";
import { resourceOfKind } from "../machinery/resources.ts";
import { failureOf, isConflict, isNotFound, objectOf } from "../machinery/status.ts";
import { timeOf } from "../machinery/time.ts";
import { inNamespace } from "./apply.ts";
import { cordonRequest } from "./drain.ts";
import { note } from "./notes.ts";
import { ask, type CommandRules, type Context, DONE, finished, type Outcome } from "./outcome.ts";
import type { Command, ObjectName } from "./types.ts";

type Of<K extends Command["kind"]> = Extract<Command, { readonly kind: K }>;

/** Commands of one request, which says by itself what is to become of the object. */
type Single = Of<"scale" | "rolloutRestart" | "rolloutPause" | "cordon" | "label" | "annotate" | "patch">;

export const single: CommandRules<Single> = {
  begin: (command, context) => ask(singleRequest(command, context), { kind: "writing" }),
  // A patch that names no version conflicts only where others write all the time (apiserver handlers/patch.go).
  answered: (_, __, response) => (isConflict(response) ? { kind: "again", note: note.conflict } : finished(response)),
};

function singleRequest(command: Single, { wall }: Context): ApiRequest {
  switch (command.kind) {
    case "scale": {
      const { resource, namespace, name, replicas } = command;
      // kubectl pkg/scale/scale.go, ScaleSimple without preconditions.
      return patchRequest(resource, namespace, name, { spec: { replicas } }, { subresource: "scale" });
    }
    case "rolloutRestart":
      return strategic(command, {
        spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": timeOf(wall) } } } },
      });
    case "rolloutPause":
      return strategic(command, { spec: { paused: command.paused ? true : null } });
    case "cordon":
      return cordonRequest(command.node, command.unschedulable);
    case "label":
      return strategic(command, { metadata: { labels: command.values } });
    case "annotate":
      return strategic(command, { metadata: { annotations: command.values } });
    case "patch": {
      const { resource, namespace, name, patch, type } = command;
      return patchRequest(resource, namespace, name, patch, { type });
    }
    default:
      return unreachable(command);
  }
}

/** Commands that read the object, and write what they make of it. */
type ReadWrite = Of<"setImage" | "taint" | "replace" | "rewrite">;

export const readWrite: CommandRules<ReadWrite> = {
  begin: read,
  answered(command, { stage }, response, context) {
    if (stage.kind === "reading") {
      const object = objectOf<KubeObject>(response);
      if (object === null) return finished(response);
      const request = writeRequest(command, object);
      return request === null ? DONE : ask(request, { kind: "writing" });
    }
    if (!isConflict(response)) return finished(response);
    context.note(note.conflict);
    return read(command);
  },
};

function read(command: ReadWrite): Outcome {
  switch (command.kind) {
    case "taint":
      return ask(getRequest("nodes", "", command.node), { kind: "reading" });
    case "replace": {
      const { apiVersion, kind, metadata } = inNamespace(command.object);
      const { name: resource } = resourceOfKind(apiVersion, kind);
      return ask(getRequest(resource, metadata.namespace ?? "", metadata.name), { kind: "reading" });
    }
    default:
      return ask(getRequest(command.resource, command.namespace, command.name), { kind: "reading" });
  }
}

/** null: there is nothing to change. */
function writeRequest(command: ReadWrite, object: KubeObject): ApiRequest | null {
  const { resourceVersion = "" } = object.metadata;
  switch (command.kind) {
    case "setImage": {
      const containers = imagesOf(object, command.container, command.image);
      if (containers.length === 0) return null;
      const pod = { containers };
      return strategic(command, { spec: command.resource === "pods" ? pod : { template: { spec: pod } } });
    }
    case "taint": {
      const before = (object as Node).spec?.taints ?? [];
      const taints = withTaints(before, command);
      if (deepEqual(before, taints)) return null;
      // kubectl names no version, and may lose what others wrote meanwhile.
      return patchRequest("nodes", "", command.node, {
        metadata: { resourceVersion },
        spec: { taints: taints as unknown as Json },
      });
    }
    case "replace":
      return updateRequest(withMeta(inNamespace(command.object), { resourceVersion }));
    case "rewrite": {
      const annotations = { ...object.metadata.annotations, ...command.annotations };
      return updateRequest(withMeta(object, { annotations }));
    }
    default:
      return unreachable(command);
  }
}

function imagesOf(object: KubeObject, container: string, image: string): { name: string; image: string }[] {
  const spec = (object as Deployment).spec as unknown as {
    readonly containers?: readonly Container[];
    readonly template?: Deployment["spec"]["template"];
  };
  const containers = spec.containers ?? spec.template?.spec.containers ?? [];
  return containers.filter(({ name }) => container === "*" || name === container).map(({ name }) => ({ name, image }));
}

/** kubectl pkg/cmd/taint/utils.go: a new taint takes the place of one with its key and effect. */
export function withTaints(before: readonly Taint[], { add, remove }: Of<"taint">): readonly Taint[] {
  const kept = before.filter(
    ({ key, effect }) =>
      !remove.some((gone) => gone.key === key && (gone.effect === "" || gone.effect === effect)) &&
      !add.some((taint) => taint.key === key && taint.effect === effect),
  );
  return [...kept, ...add];
}

/** `kubectl delete`, with `--wait` where the command has it: it looks until the object of that UID is gone. */
export const remove: CommandRules<Of<"delete">> = {
  begin: ({ resource, namespace, name, options }) =>
    ask(deleteRequest(resource, namespace, name, options), { kind: "writing" }),
  answered(command, { stage }, response, context) {
    if (isNotFound(response)) return gone(context);
    if (failureOf(response) !== null) return finished(response);
    const object = objectOf<KubeObject>(response);
    if (!command.wait || object === null) return DONE;
    const uid = object.metadata.uid ?? "";
    if (stage.kind === "gone" && uid !== stage.uid) return gone(context);
    const { resource, namespace, name } = command;
    return ask(getRequest(resource, namespace, name), { kind: "gone", uid }, context.drainPollUs);
  },
};

function gone(context: Context): Outcome {
  context.note(note.deleted);
  return DONE;
}

function strategic({ resource, namespace, name }: ObjectName, patch: Json): ApiRequest {
  return patchRequest(resource, namespace, name, patch, { type: "strategic" });
}
