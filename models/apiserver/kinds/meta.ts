import { deepEqual } from "../../machinery/equality.ts";
import type { KubeObject, ObjectMeta, OwnerReference, StringMap } from "../../machinery/kinds/index.ts";
import { type Errors, forbidden, IMMUTABLE, invalid, invalidAll, required, tooLong } from "./fields.ts";
import { dnsLabel, labelValue, qualifiedName } from "./names.ts";

/** A check of a name: the messages of what is wrong with it. */
export type NameCheck = (name: string) => readonly string[];

const ANNOTATIONS_BYTES_MAX = 256 * 1024;

/** meta/v1/validation ValidateLabels. */
export function validateLabels(labels: StringMap | undefined, field: string, errors: Errors): void {
  if (labels === undefined) return;
  for (const key of Object.keys(labels)) {
    invalidAll(errors, field, key, qualifiedName(key));
    invalidAll(errors, field, labels[key], labelValue(labels[key]!));
  }
}

/** apimachinery api/validation ValidateAnnotations. */
export function validateAnnotations(annotations: StringMap | undefined, field: string, errors: Errors): void {
  if (annotations === undefined) return;
  let bytes = 0;
  for (const key of Object.keys(annotations)) {
    invalidAll(errors, field, key, qualifiedName(key.toLowerCase()));
    bytes += key.length + annotations[key]!.length;
  }
  if (bytes > ANNOTATIONS_BYTES_MAX) errors.push(tooLong(field, ANNOTATIONS_BYTES_MAX));
}

/** apimachinery api/validation validateOwnerReference. */
function validateOwnerReference(reference: OwnerReference, field: string, errors: Errors): void {
  const at = (name: string) => `${field}.${name}`;
  if (!reference.apiVersion || reference.apiVersion.endsWith("/"))
    errors.push(invalid(at("apiVersion"), reference.apiVersion ?? "", "version must not be empty"));
  if (!reference.kind) errors.push(invalid(at("kind"), reference.kind ?? "", "must not be empty"));
  if (!reference.name) errors.push(invalid(at("name"), reference.name ?? "", "must not be empty"));
  if (!reference.uid) errors.push(invalid(at("uid"), reference.uid ?? "", "must not be empty"));
  if (reference.apiVersion === "v1" && reference.kind === "Event")
    errors.push(invalid(field, reference, "/v1, Kind=Event is disallowed from being an owner"));
}

/** apimachinery api/validation ValidateOwnerReferences: one controller at most. */
export function validateOwnerReferences(
  references: readonly OwnerReference[] | undefined,
  field: string,
  errors: Errors,
): void {
  if (references === undefined) return;
  let first = "";
  for (const reference of references) {
    validateOwnerReference(reference, field, errors);
    if (reference.controller !== true) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (first === "") first = name;
    else
      errors.push(
        invalid(
          field,
          references,
          `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${name}`,
        ),
      );
  }
}

/** apimachinery api/validation ValidateFinalizers, and core/validation ValidateFinalizerName. */
export function validateFinalizers(finalizers: readonly string[] | undefined, field: string, errors: Errors): void {
  if (finalizers === undefined) return;
  for (const finalizer of finalizers) validateFinalizerName(finalizer, field, errors);
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion"))
    errors.push(invalid(field, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
}

const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];

export function validateFinalizerName(finalizer: string, field: string, errors: Errors): void {
  const messages = qualifiedName(finalizer);
  invalidAll(errors, field, finalizer, messages);
  if (messages.length === 0 && !finalizer.includes("/") && !STANDARD_FINALIZERS.includes(finalizer))
    errors.push(invalid(field, finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
}

/** apimachinery api/validation ValidateObjectMeta. */
export function validateObjectMeta(meta: ObjectMeta, namespaced: boolean, name: NameCheck, errors: Errors): void {
  if (!meta.name) errors.push(required("metadata.name", "name or generateName is required"));
  else invalidAll(errors, "metadata.name", meta.name, name(meta.name));
  if (namespaced) {
    if (!meta.namespace) errors.push(required("metadata.namespace"));
    else invalidAll(errors, "metadata.namespace", meta.namespace, dnsLabel(meta.namespace));
  } else if (meta.namespace) errors.push(forbidden("metadata.namespace", "not allowed on this type"));
  if ((meta.generation ?? 0) < 0)
    errors.push(invalid("metadata.generation", meta.generation, "must be greater than or equal to 0"));
  validateCommon(meta, errors);
}

function validateCommon(meta: ObjectMeta, errors: Errors): void {
  validateLabels(meta.labels, "metadata.labels", errors);
  validateAnnotations(meta.annotations, "metadata.annotations", errors);
  validateOwnerReferences(meta.ownerReferences, "metadata.ownerReferences", errors);
  validateFinalizers(meta.finalizers, "metadata.finalizers", errors);
}

/** Metadata that no update may change. */
const IMMUTABLE_META = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

/** apimachinery api/validation ValidateObjectMetaUpdate. */
export function validateObjectMetaUpdate(object: KubeObject, before: KubeObject, errors: Errors): void {
  const meta = object.metadata;
  const old = before.metadata;
  if (old.deletionTimestamp !== undefined) validateNoNewFinalizers(meta.finalizers, old.finalizers, errors);
  if ((meta.generation ?? 0) < (old.generation ?? 0))
    errors.push(invalid("metadata.generation", meta.generation, "must not be decremented"));
  for (const name of IMMUTABLE_META)
    if (meta[name] !== old[name]) errors.push(invalid(`metadata.${name}`, meta[name], IMMUTABLE));
  if (meta.labels !== old.labels) validateLabels(meta.labels, "metadata.labels", errors);
  if (meta.annotations !== old.annotations) validateAnnotations(meta.annotations, "metadata.annotations", errors);
  if (!deepEqual(meta.ownerReferences ?? [], old.ownerReferences ?? []))
    validateOwnerReferences(meta.ownerReferences, "metadata.ownerReferences", errors);
  if (meta.finalizers !== old.finalizers) validateFinalizers(meta.finalizers, "metadata.finalizers", errors);
}

/** apimachinery api/validation ValidateNoNewFinalizers: no finalizer is added to an object that is being deleted. */
function validateNoNewFinalizers(
  finalizers: readonly string[] | undefined,
  old: readonly string[] | undefined,
  errors: Errors,
): void {
  const extra = (finalizers ?? []).filter((finalizer) => !(old ?? []).includes(finalizer)).sort();
  if (extra.length === 0) return;
  const listed = extra.map((finalizer) => JSON.stringify(finalizer)).join(", ");
  errors.push(
    forbidden(
      "metadata.finalizers",
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${listed}}`,
    ),
  );
}
