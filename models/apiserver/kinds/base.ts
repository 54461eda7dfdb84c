import { deepEqual } from "../../machinery/equality.ts";
import type { KubeObject, ObjectMeta, UnstructuredObject } from "../../machinery/kinds/index.ts";
import type { ResourceInfo } from "../../machinery/resources.ts";
import type { FieldError, Strategy } from "../strategy.ts";
import type { Errors } from "./fields.ts";
import { type NameCheck, validateObjectMeta, validateObjectMetaUpdate } from "./meta.ts";
import { dnsSubdomain } from "./names.ts";
import { decoded, SCHEMA, typeErrorsOf, unknownFieldsOf } from "./schema/index.ts";

/** What sets a kind apart. What is left out is as for most kinds. */
export interface KindRules<O extends KubeObject = KubeObject> {
  /** [a DNS subdomain] */
  readonly name?: NameCheck;
  /** It counts generations: +1 where this says that the change matters. [it has no generation] */
  readonly generation?: (object: O, old: O) => boolean;
  readonly defaults?: (object: O) => O;
  /** A creator may give a status. [false] */
  readonly createsStatus?: boolean;
  /** What a creator gets besides: a first status, a generated selector. */
  readonly create?: (object: O) => O;
  /** What an update keeps of the old object besides the status. */
  readonly update?: (object: O, old: O) => O;
  /** The rules of the spec. The metadata is checked by its own. */
  readonly validate?: (object: O, errors: Errors) => void;
  /** The rules of a change. `validate` is asked too. */
  readonly validateUpdate?: (object: O, old: O, errors: Errors) => void;
  /** What an update of the status keeps besides the spec. */
  readonly updateStatus?: (object: O, old: O) => O;
  readonly validateStatus?: (object: O, old: O, errors: Errors) => void;
  readonly gracePeriodSeconds?: (object: O, requested: number | null) => number | null;
  readonly defaultPropagation?: "Orphan" | "Background";
  /** Where field selectors look, besides the name and the namespace. */
  readonly fields?: (object: O) => Readonly<Record<string, string>>;
  /** The same with the name and the namespace: one literal, for the kind that is looked at most. */
  readonly allFields?: (object: O) => Readonly<Record<string, string>>;
}

/** The strategy of a kind that the schema knows. */
export function kindStrategy<O extends KubeObject>(resource: ResourceInfo, rules: KindRules<O>): Strategy {
  const struct = SCHEMA.get(resource.kind)!;
  const generation = rules.generation;
  const name = rules.name ?? dnsSubdomain;
  const mistyped = (object: KubeObject, old: KubeObject | null) => typeErrorsOf(struct, object, old);
  return {
    resource,
    defaults(object) {
      const present = decoded(struct, object);
      if (present === null) return object;
      return rules.defaults === undefined ? present : rules.defaults(present as O);
    },
    prepareForCreate(object) {
      const bare = rules.createsStatus === true ? object : withoutStatus(object, resource);
      const fresh = withGeneration(bare, generation === undefined ? null : 1);
      return rules.create === undefined ? fresh : rules.create(fresh as O);
    },
    validate(object) {
      const wrong = mistyped(object, null);
      if (wrong.length > 0) return wrong;
      const errors: FieldError[] = [];
      validateObjectMeta(object.metadata, resource.namespaced, name, errors);
      rules.validate?.(object as O, errors);
      return errors;
    },
    prepareForUpdate(object, old) {
      const kept = keptMeta(withStatusOf(object, old, resource), old);
      const updated = rules.update === undefined ? kept : rules.update(kept as O, old as O);
      return counted(updated, old, generation as ((object: KubeObject, old: KubeObject) => boolean) | undefined);
    },
    validateUpdate(object, old) {
      const wrong = mistyped(object, old);
      if (wrong.length > 0) return wrong;
      const errors: FieldError[] = [];
      validateObjectMetaUpdate(object, old, errors);
      rules.validateUpdate?.(object as O, old as O, errors);
      // A spec that stays as it was passed already, and most updates are of metadata.
      if (errors.length === 0 && !isSameButMeta(object, old)) rules.validate?.(object as O, errors);
      return errors;
    },
    prepareForStatusUpdate(object, old) {
      const written = statusUpdate(object, old);
      return rules.updateStatus === undefined ? written : rules.updateStatus(written as O, old as O);
    },
    validateStatusUpdate(object, old) {
      const wrong = mistyped(object, old);
      if (wrong.length > 0) return wrong;
      const errors: FieldError[] = [];
      validateObjectMetaUpdate(object, old, errors);
      rules.validateStatus?.(object as O, old as O, errors);
      return errors;
    },
    gracePeriodSeconds(object, requested) {
      return rules.gracePeriodSeconds === undefined ? null : rules.gracePeriodSeconds(object as O, requested);
    },
    defaultPropagation: rules.defaultPropagation ?? "Background",
    unknownFields(object) {
      return unknownFieldsOf(struct, object);
    },
    fields(object) {
      if (rules.allFields !== undefined) return rules.allFields(object as O);
      const own = metadataFields(object, resource);
      return rules.fields === undefined ? own : { ...own, ...rules.fields(object as O) };
    },
  };
}

/**
 * A custom resource: what it says passes as it is; the status has its subresource, and everything but metadata and
 * status counts as spec (apiextensions-apiserver pkg/registry/customresource/strategy.go).
 */
export function customStrategy(resource: ResourceInfo): Strategy {
  const struct = SCHEMA.get("PartialObjectMetadata")!;
  const changed = (object: KubeObject, old: KubeObject) => !isSameButMetaAndStatus(object, old);
  return {
    resource,
    defaults: (object) => decoded(struct, object) ?? object,
    prepareForCreate: (object) => withGeneration(withoutStatus(object, resource), 1),
    validate(object) {
      const wrong = typeErrorsOf(struct, object);
      if (wrong.length > 0) return wrong;
      const errors: FieldError[] = [];
      validateObjectMeta(object.metadata, object.metadata.namespace !== undefined, dnsSubdomain, errors);
      return errors;
    },
    prepareForUpdate: (object, old) => counted(keptMeta(withStatusOf(object, old, resource), old), old, changed),
    validateUpdate(object, old) {
      const wrong = typeErrorsOf(struct, object, old);
      if (wrong.length > 0) return wrong;
      const errors: FieldError[] = [];
      validateObjectMetaUpdate(object, old, errors);
      return errors;
    },
    prepareForStatusUpdate: customStatusUpdate,
    validateStatusUpdate: () => [],
    gracePeriodSeconds: () => null,
    defaultPropagation: "Background",
    unknownFields: (object) => unknownFieldsOf(struct, object).filter((field) => field.startsWith("metadata.")),
    fields: (object) => metadataFields(object, resource),
  };
}

function metadataFields(object: KubeObject, resource: ResourceInfo): Readonly<Record<string, string>> {
  const { name, namespace } = object.metadata;
  return resource.namespaced
    ? { "metadata.name": name, "metadata.namespace": namespace ?? "" }
    : { "metadata.name": name };
}

// ---- What objects keep and lose

function withoutStatus(object: KubeObject, resource: ResourceInfo): KubeObject {
  const { status, ...rest } = object as UnstructuredObject;
  return status === undefined || !resource.hasStatus ? object : rest;
}

/** An update of the object changes no status. */
function withStatusOf(object: KubeObject, old: KubeObject, resource: ResourceInfo): KubeObject {
  if (!resource.hasStatus) return object;
  const before = (old as UnstructuredObject).status;
  const { status, ...rest } = object as UnstructuredObject;
  if (status === before) return object;
  return before === undefined ? rest : ({ ...rest, status: before } as KubeObject);
}

/**
 * An update of the status changes no spec. Of the metadata, what clients may say changes too (the status strategies of
 * pkg/registry reset the spec alone): the deployment controller writes its annotations so.
 */
function statusUpdate(object: KubeObject, old: KubeObject): KubeObject {
  const status = (object as UnstructuredObject).status;
  const { status: _, ...before } = old as UnstructuredObject;
  const { metadata } = counted(keptMeta(object, old), old, undefined);
  return status === undefined ? { ...before, metadata } : ({ ...before, metadata, status } as KubeObject);
}

/** Of a custom resource, the metadata stays too. The version comes along, as a precondition. */
function customStatusUpdate(object: KubeObject, old: KubeObject): KubeObject {
  const written = statusUpdate(object, old);
  const version = object.metadata.resourceVersion;
  const metadata = version === undefined ? old.metadata : { ...old.metadata, resourceVersion: version };
  return { ...written, metadata };
}

function withGeneration(object: KubeObject, generation: number | null): KubeObject {
  const { generation: before, ...metadata } = object.metadata;
  if (generation === null) return before === undefined ? object : { ...object, metadata };
  return before === generation ? object : { ...object, metadata: { ...object.metadata, generation } };
}

/** Metadata that a client need not repeat (apimachinery api/validation ValidateObjectMetaAccessorUpdate, rest.BeforeUpdate). */
const CARRIED = [
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generateName",
] as const;

function keptMeta(object: KubeObject, old: KubeObject): KubeObject {
  const missing = CARRIED.filter((name) => object.metadata[name] === undefined && old.metadata[name] !== undefined);
  if (missing.length === 0) return object;
  const carried = Object.fromEntries(missing.map((name) => [name, old.metadata[name]]));
  return { ...object, metadata: { ...object.metadata, ...carried } as ObjectMeta };
}

/** rest.BeforeUpdate: clients have no say in the generation. */
function counted(
  object: KubeObject,
  old: KubeObject,
  changed: ((object: KubeObject, old: KubeObject) => boolean) | undefined,
): KubeObject {
  const before = old.metadata.generation ?? 0;
  const generation = changed?.(object, old) ? before + 1 : before;
  if (generation === 0) return withGeneration(object, null);
  return withGeneration(object, generation);
}

/** A change of the spec: what most kinds count. */
export function specChanged(object: KubeObject, old: KubeObject): boolean {
  return !deepEqual((object as UnstructuredObject).spec, (old as UnstructuredObject).spec);
}

/** The object with a list or map of its metadata as it was. */
export function withMetaOf<O extends KubeObject>(object: O, old: O, name: "labels" | "ownerReferences"): O {
  const before = old.metadata[name];
  if (object.metadata[name] === before) return object;
  const { [name]: _, ...metadata } = object.metadata;
  return { ...object, metadata: before === undefined ? metadata : { ...metadata, [name]: before } };
}

function isSameButMeta(object: KubeObject, old: KubeObject): boolean {
  const { metadata: _, ...one } = object;
  const { metadata: __, ...two } = old;
  return deepEqual(one, two);
}

function isSameButMetaAndStatus(object: KubeObject, old: KubeObject): boolean {
  const { metadata: _, status: __, ...one } = object as UnstructuredObject;
  const { metadata: ___, status: ____, ...two } = old as UnstructuredObject;
  return deepEqual(one, two);
}
