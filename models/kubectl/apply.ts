import type { ApiResponse } from "../machinery/api.ts";
import { createRequest, getRequest, patchRequest } from "../machinery/client/requests.ts";
import type { Json, KubeObject } from "../machinery/kinds/index.ts";
import { annotationOf, withMeta } from "../machinery/meta.ts";
import { RESOURCES, resourceOfKind } from "../machinery/resources.ts";
import { failureOf, isAlreadyExists, isConflict, isNotFound, objectOf } from "../machinery/status.ts";
import { note } from "./notes.ts";
import { ask, type CommandRules, type Context, DONE, finished, type Outcome } from "./outcome.ts";
import { threeWayPatch } from "./strategic.ts";
import type { Command, Work } from "./types.ts";

type Apply = Extract<Command, { readonly kind: "apply" }>;
type Create = Extract<Command, { readonly kind: "create" }>;

/** Where `apply` keeps the manifest that it applied last (kubectl pkg/util/apply.go). */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * `kubectl apply`: reads each object; creates it where it is not there; else sends the difference of three ways.
 *
 * An apply whose answer was lost may simply be done again: what it reads then is what it wrote.
 */
export const apply: CommandRules<Apply> = {
  begin: (command) => readObject(command, 0),
  answered(command, work, response, context) {
    const { stage } = work;
    if (stage.kind !== "object") return finished(response);
    const { index, at } = stage;
    if (at === "reading") return afterReading(command, index, response, context);
    if (at === "creating" && isAlreadyExists(response)) {
      context.note(note.applyCreatedMeanwhile);
      return readObject(command, index);
    }
    // Deleted since it was read, or changed (kubectl pkg/cmd/apply/patcher.go: it reads again).
    if (at === "patching" && (isNotFound(response) || isConflict(response))) {
      context.note(note.conflict);
      return readObject(command, index);
    }
    if (failureOf(response) !== null) return absentNamespace(response, at) ?? finished(response);
    context.note(at === "creating" ? note.applyCreated : note.applyPatched);
    return readObject(command, index + 1);
  },
};

/** `kubectl create`: one that exists is an error, unless an earlier try of our own may have made it. */
export const create: CommandRules<Create> = {
  begin: (command) => createObject(command, 0),
  answered(command, work, response, context) {
    if (work.stage.kind !== "object") return finished(response);
    if (isAlreadyExists(response) && work.doubtful) context.note(note.createdBefore);
    else if (failureOf(response) !== null) return absentNamespace(response, "creating") ?? finished(response);
    return createObject(command, work.stage.index + 1);
  },
};

function afterReading(command: Apply, index: number, response: ApiResponse, context: Context): Outcome {
  const manifest = inNamespace(command.objects[index]!);
  if (isNotFound(response))
    return ask(createRequest(withLastApplied(manifest)), { kind: "object", index, at: "creating" });
  const current = objectOf<KubeObject>(response);
  if (current === null) return finished(response);
  const patch = applyPatch(manifest, current);
  if (Object.keys(patch).length === 0) {
    context.note(note.applyUnchanged);
    return readObject(command, index + 1);
  }
  const { name, namespace = "" } = manifest.metadata;
  const type = isKnown(manifest) ? "strategic" : "merge";
  const request = patchRequest(resourceOf(manifest), namespace, name, patch, { type });
  return ask(request, { kind: "object", index, at: "patching" });
}

/** The patch that makes what is stored into what the manifest says. */
export function applyPatch(manifest: KubeObject, current: KubeObject): { readonly [key: string]: Json } {
  const lastApplied = annotationOf(current, LAST_APPLIED);
  const original = lastApplied === null ? {} : (JSON.parse(lastApplied) as Json);
  const json = (object: KubeObject) => object as unknown as Json;
  return threeWayPatch(original, json(withLastApplied(manifest)), json(current), isKnown(manifest));
}

/** The manifest with itself in an annotation; the annotation is not in there. */
export function withLastApplied(manifest: KubeObject): KubeObject {
  const { [LAST_APPLIED]: _, ...annotations } = manifest.metadata.annotations ?? {};
  const plain = withMeta(manifest, { annotations });
  return withMeta(manifest, { annotations: { ...annotations, [LAST_APPLIED]: JSON.stringify(plain) } });
}

/** A namespaced object that names none is in `default`. */
export function inNamespace(object: KubeObject): KubeObject {
  if (object.metadata.namespace !== undefined) return object;
  const { namespaced } = resourceOfKind(object.apiVersion, object.kind);
  return namespaced ? withMeta(object, { namespace: "default" }) : object;
}

function readObject(command: Apply, index: number): Outcome {
  const object = command.objects[index];
  if (object === undefined) return DONE;
  const { name, namespace = "" } = inNamespace(object).metadata;
  return ask(getRequest(resourceOf(object), namespace, name), { kind: "object", index, at: "reading" });
}

function createObject(command: Create, index: number): Outcome {
  const object = command.objects[index];
  if (object === undefined) return DONE;
  return ask(createRequest(inNamespace(object)), { kind: "object", index, at: "creating" });
}

/** The namespace of a new object is not there yet: `default` is made by the API server, others may just be made. */
function absentNamespace(response: ApiResponse, at: string): Outcome | null {
  return at === "creating" && isNotFound(response) ? { kind: "again", note: note.serverBusy } : null;
}

function resourceOf(object: KubeObject): string {
  return resourceOfKind(object.apiVersion, object.kind).name;
}

/** Whether it is one of the API's own kinds: others have no strategic merge. */
function isKnown(object: KubeObject): boolean {
  const { name } = resourceOfKind(object.apiVersion, object.kind);
  return RESOURCES.some((resource) => resource.name === name);
}

export type { Work };
