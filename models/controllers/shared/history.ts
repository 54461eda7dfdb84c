import type { ApiRequest } from "../../machinery/api.ts";
import { createRequest, deleteRequest, updateRequest } from "../../machinery/client/requests.ts";
import { deepEqual } from "../../machinery/equality.ts";
import { canonicalJson, fnv32a, safeEncode } from "../../machinery/hash.ts";
import type { ControllerRevision, Json, KubeObject, PodTemplateSpec, StringMap } from "../../machinery/kinds/index.ts";
import { controllerReference } from "../../machinery/meta.ts";
import { namespaceOf } from "./pod-control.ts";

/** The patch that makes an owner's template what it was, as revisions keep it (controller/statefulset, getPatch). */
export function templatePatch(template: PodTemplateSpec): Json {
  return { spec: { template: { ...(template as unknown as { readonly [key: string]: Json }), $patch: "replace" } } };
}

/** The template that a revision keeps. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { spec } = revision.data as unknown as { readonly spec: { readonly template: Record<string, unknown> } };
  const { $patch: _patch, ...template } = spec.template;
  return template as unknown as PodTemplateSpec;
}

/** Old before new: by revision, by creation, by name (kubernetes pkg/controller/history, byRevision). */
export function sortRevisions(revisions: readonly ControllerRevision[]): readonly ControllerRevision[] {
  return revisions.toSorted((one, two) => one.revision - two.revision || compareAge(one, two));
}

function compareAge(one: ControllerRevision, two: ControllerRevision): number {
  const created = [one.metadata.creationTimestamp ?? "", two.metadata.creationTimestamp ?? ""] as const;
  if (created[0] !== created[1]) return created[0] < created[1] ? -1 : 1;
  return one.metadata.name < two.metadata.name ? -1 : 1;
}

/** The next number of sorted revisions (stateful_set_utils.go, nextRevision). */
export function nextRevision(sorted: readonly ControllerRevision[]): number {
  return (sorted.at(-1)?.revision ?? 0) + 1;
}

/** Two revisions keep the same (history.EqualRevision; that compares the label with the hash first). */
export function isEqualRevision(one: ControllerRevision, two: ControllerRevision): boolean {
  return deepEqual(one.data, two.data);
}

/** The hash of a revision and of the collisions that its owner has had (history.HashControllerRevision). */
export function revisionHash(data: Json, collisionCount: number | undefined): string {
  const hash = fnv32a(canonicalJson(data));
  return safeEncode(collisionCount === undefined ? hash : fnv32a(String(collisionCount), hash));
}

/** history.ControllerRevisionName: at most 223 characters of the owner's name. */
export function revisionName(prefix: string, hash: string): string {
  return `${prefix.slice(0, 223)}-${hash}`;
}

export interface RevisionInput {
  readonly owner: KubeObject;
  readonly template: PodTemplateSpec;
  readonly revision: number;
  readonly name: string;
  readonly labels: StringMap;
}

export function newRevision({ owner, template, revision, name, labels }: RevisionInput): ControllerRevision {
  const annotations = owner.metadata.annotations;
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name,
      ...namespaceOf(owner),
      labels,
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    data: templatePatch(template),
    revision,
  };
}

export function createRevision(revision: ControllerRevision): ApiRequest {
  return createRequest(revision, revision.metadata.namespace ?? "");
}

export function renumberRevision(revision: ControllerRevision, number: number): ApiRequest {
  return updateRequest({ ...revision, revision: number } as ControllerRevision);
}

export function deleteRevision({ metadata }: ControllerRevision): ApiRequest {
  return deleteRequest("controllerrevisions", metadata.namespace ?? "", metadata.name);
}
