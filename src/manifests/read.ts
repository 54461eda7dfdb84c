import { strategyFor } from "../../models/apiserver/kinds/index.ts";
import type { FieldError, Strategy } from "../../models/apiserver/strategy.ts";
import type { KubeObject } from "../../models/machinery/kinds/index.ts";
import { controllerOf } from "../../models/machinery/meta.ts";
import { type ResourceInfo, resourceOfKind } from "../../models/machinery/resources.ts";
import type { Place } from "../harness/places.ts";
import { withoutServerFields } from "./cleaning.ts";
import { documentsOf, type ManifestDocument, type Path, pathOf } from "./documents.ts";
import { isOfCluster, kindFlaw } from "./kinds.ts";
import { withoutNulls } from "./nulls.ts";
import { statusErrors } from "./status.ts";
import type { ManifestFile, ManifestFlaw, ManifestObject, Manifests } from "./types.ts";

/** An object in a document: itself, or an item of a list. */
interface Candidate {
  readonly file: string;
  readonly document: ManifestDocument;
  readonly path: Path;
  readonly value: unknown;
}

interface Found {
  readonly objects: ManifestObject[];
  readonly warnings: ManifestFlaw[];
  readonly flaws: ManifestFlaw[];
}

const DEFAULT_NAMESPACE = "default";

/**
 * Reads the objects of manifest files: YAML with one or more documents, JSON, lists, and what `kubectl get -o yaml`
 * writes. Checks each as the API server would on creation: unknown fields are warned of and kept, as with kubectl's
 * `--validate=warn`; what the API would refuse is a flaw.
 */
export function readManifests(files: readonly ManifestFile[]): Manifests {
  const found: Found = { objects: [], warnings: [], flaws: [] };
  const given = files.flatMap((file) => candidatesIn(file, found));
  const owners = new Set(given.map(({ value }) => identityOf(value)));
  for (const candidate of given) {
    const object = readObject(candidate, found);
    if (object !== null && !isLeftOut(candidate, object, owners, found))
      keepIfValid(candidate, withoutServerFields(object), [], found);
  }
  warnOfDuplicates(found);
  return found;
}

/**
 * Reads what a cluster has, in the output of `kubectl get -o yaml` or `-o json`: as {@link readManifests}, but objects keep
 * what the server has set in them, and none is left out.
 */
export function readStoredObjects(files: readonly ManifestFile[]): Manifests {
  const found: Found = { objects: [], warnings: [], flaws: [] };
  for (const candidate of files.flatMap((file) => candidatesIn(file, found))) {
    const object = readObject(candidate, found);
    if (object !== null) keepIfValid(candidate, withDefaults(withoutNulls(object)), statusErrors(object), found);
  }
  warnOfDuplicates(found);
  return found;
}

/** What no API server has seen yet has what it would be given: requests from limits, ports of the host, what is allocatable. */
function withDefaults(object: KubeObject): KubeObject {
  return object.kind === "Pod" || object.kind === "Node"
    ? strategyFor(resourceOfKind(object.apiVersion, object.kind)).defaults(object)
    : object;
}

/** `file:line:column: message`, one for each flaw. */
export function describeFlaws(flaws: readonly ManifestFlaw[]): readonly string[] {
  return flaws.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
}

// ---- What is in a file

function candidatesIn({ path: file, text }: ManifestFile, found: Found): readonly Candidate[] {
  const { documents, flaws } = documentsOf(text);
  for (const { line, col, message } of flaws)
    found.flaws.push({ file, line, column: col, field: "", message: `not well-formed: ${message}` });
  const candidates = documents.flatMap((document) => itemsIn({ file, document, path: [], value: document.value }));
  if (candidates.length === 0 && flaws.length === 0)
    found.warnings.push({ file, line: 1, column: 1, field: "", message: "there are no objects in it" });
  return candidates;
}

/** The items of a list (`List`, `PodList`), in a list too; else the object itself. */
function itemsIn(candidate: Candidate): readonly Candidate[] {
  const { value, path } = candidate;
  if (!isMapping(value) || typeof value["kind"] !== "string" || !value["kind"].endsWith("List")) return [candidate];
  const items = value["items"];
  if (!Array.isArray(items)) return items === null || items === undefined ? [] : [candidate];
  return items.flatMap((item, index) => itemsIn({ ...candidate, path: [...path, "items", index], value: item }));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// ---- An object

/** The object as it stands there; null: it is none, and the flaw is noted. */
function readObject(candidate: Candidate, found: Found): KubeObject | null {
  const shape = shapeFlaws(candidate);
  if (shape.length > 0) {
    found.flaws.push(...shape);
    return null;
  }
  const given = candidate.value as KubeObject;
  const resource = resourceOfKind(given.apiVersion, given.kind);
  const strategy = strategyFor(resource);
  for (const field of strategy.unknownFields(given))
    found.warnings.push(flawAt(candidate, field, `${nameOf(given, resource)}: unknown field "${field}"`));
  const mistyped = decodingErrors(given, strategy);
  found.flaws.push(...mistyped.map((error) => apiFlaw(candidate, given, resource, error)));
  return mistyped.length > 0 ? null : given;
}

function keepIfValid(candidate: Candidate, given: KubeObject, known: readonly FieldError[], found: Found): void {
  const resource = resourceOfKind(given.apiVersion, given.kind);
  const object = inNamespace(given, resource);
  const errors = apiErrors(object, strategyFor(resource));
  const others = known.filter(({ field }) => errors.every((error) => error.field !== field));
  const flaws = [...others, ...errors].map((error) =>
    apiFlaw(candidate, candidate.value as KubeObject, resource, error),
  );
  if (flaws.length > 0) found.flaws.push(...flaws);
  else found.objects.push(manifestObject(candidate, object));
}

/** In a large file, where an object begins is only looked for when it is asked. */
function manifestObject(candidate: Candidate, object: KubeObject): ManifestObject {
  return {
    object,
    file: candidate.file,
    get line() {
      return placeOf(candidate, "").line;
    },
  };
}

/** What is not even an object of the API, in kubectl's words. */
function shapeFlaws(candidate: Candidate): readonly ManifestFlaw[] {
  const { value } = candidate;
  const flaw = (field: string, message: string) => flawAt(candidate, field, message);
  if (!isMapping(value)) {
    const what = Array.isArray(value) ? "a list" : JSON.stringify(value);
    return [flaw("", `expected an object of the API (a mapping with apiVersion, kind and metadata), not ${what}`)];
  }
  const { apiVersion, kind, metadata } = value;
  const missing = [
    ...(typeof apiVersion === "string" && apiVersion !== "" ? [] : [flaw("apiVersion", "apiVersion not set")]),
    ...(typeof kind === "string" && kind !== "" ? [] : [flaw("kind", "kind not set")]),
  ];
  if (missing.length > 0) return missing;
  const unknown = kindFlaw(apiVersion as string, kind as string);
  if (unknown !== null) return [flaw("kind", unknown)];
  if (metadata !== undefined && metadata !== null && !isMapping(metadata))
    return [flaw("metadata", "metadata: expected a mapping")];
  const { name, generateName } = (metadata ?? {}) as { readonly name?: unknown; readonly generateName?: unknown };
  if (typeof name === "number" || typeof name === "boolean")
    return [
      flaw(
        "metadata.name",
        `${kind}: json: cannot unmarshal ${typeof name === "number" ? "number" : "bool"} into Go struct field ObjectMeta.metadata.name of type string`,
      ),
    ];
  if (typeof name === "string" && name !== "") return [];
  if (typeof generateName === "string" && generateName !== "")
    return [flaw("metadata.generateName", `from ${generateName}: cannot use generate name with apply`)];
  return [flaw("metadata.name", `${kind}: resource name may not be empty`)];
}

/** What the API server would say as it decodes the object: nothing more can be said of one that does not. */
function decodingErrors(object: KubeObject, strategy: Strategy): readonly FieldError[] {
  return strategy.validate(strategy.defaults(object)).filter(({ reason }) => reason === "FieldValueTypeInvalid");
}

/** What the API server would say as it creates the object. */
function apiErrors(object: KubeObject, strategy: Strategy): readonly FieldError[] {
  const filled = strategy.defaults(object);
  const complete = { ...filled, metadata: { ...filled.metadata, uid: "00000000-0000-0000-0000-000000000000" } };
  return strategy.validate(strategy.prepareForCreate(complete));
}

function inNamespace(object: KubeObject, resource: ResourceInfo): KubeObject {
  const { namespace, ...metadata } = object.metadata;
  if (!resource.namespaced || isOfCluster(object.apiVersion, object.kind))
    return namespace === undefined ? object : { ...object, metadata };
  return namespace ? object : { ...object, metadata: { ...object.metadata, namespace: DEFAULT_NAMESPACE } };
}

/** An object that another of the given ones makes by itself (pods and replica sets, in the output of `kubectl get`). */
function isLeftOut(candidate: Candidate, given: KubeObject, owners: ReadonlySet<string>, found: Found): boolean {
  const references = (given.metadata as { readonly ownerReferences?: unknown }).ownerReferences;
  if (!Array.isArray(references) || !references.every(isMapping)) return false;
  const owner = controllerOf(given);
  const isGiven = owner !== null && owners.has(identity(owner.kind, given.metadata.namespace, owner.name));
  const what = `${given.kind} "${given.metadata.name}"`;
  const message = isGiven
    ? `${what} is left out: its ${owner.kind} "${owner.name}" is given too, and makes its own`
    : `${what}: its owner references are left out, since the objects they name are not here`;
  found.warnings.push(flawAt(candidate, "metadata.ownerReferences", message));
  return isGiven;
}

function identityOf(value: unknown): string {
  if (!isMapping(value) || !isMapping(value["metadata"])) return "";
  const { name, namespace } = value["metadata"];
  return identity(String(value["kind"]), namespace as string | undefined, String(name));
}

function identity(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? DEFAULT_NAMESPACE}/${name}`;
}

function warnOfDuplicates(found: Found): void {
  const seen = new Map<string, ManifestObject>();
  for (const given of found.objects) {
    const { object, file } = given;
    const key = `${object.apiVersion} ${identityOf(object)}`;
    const before = seen.get(key);
    if (before !== undefined) {
      const message = `${object.kind} "${object.metadata.name}" is given before, at ${before.file}:${before.line}: this one is applied over it`;
      found.warnings.push({ file, line: given.line, column: 1, field: "", message });
    }
    seen.set(key, given);
  }
}

// ---- Flaws and where they stand

/** `Deployment.apps "web"`, as the API names an object. */
function nameOf(object: KubeObject, { group }: ResourceInfo): string {
  return `${object.kind}${group === "" ? "" : `.${group}`} "${object.metadata.name}"`;
}

/** An error in the form that the API server answers with (apimachinery api/errors NewInvalid, NewBadRequest). */
function apiFlaw(candidate: Candidate, object: KubeObject, resource: ResourceInfo, error: FieldError): ManifestFlaw {
  const version = object.apiVersion.slice(object.apiVersion.indexOf("/") + 1);
  const message =
    error.reason === "FieldValueTypeInvalid"
      ? `${object.kind} in version "${version}" cannot be handled as a ${object.kind}: ${error.message}`
      : `${nameOf(object, resource)} is invalid: ${error.field}: ${error.message}`;
  return flawAt(candidate, error.field, message);
}

function flawAt(candidate: Candidate, field: string, message: string): ManifestFlaw {
  const { line, col } = placeOf(candidate, field);
  return { file: candidate.file, line, column: col, field, message };
}

function placeOf({ document, path, value }: Candidate, field: string): Place {
  return document.placeOf([...path, ...existing(value, pathOf(field))]);
}

/** The path as the manifest has it: the API names a template's labels `template.labels`, which are in its metadata. */
function existing(value: unknown, path: Path): Path {
  const found: (string | number)[] = [];
  let at = value;
  for (const key of path) {
    if (isMapping(at) && at[key] === undefined && isMapping(at["metadata"]) && at["metadata"][key] !== undefined) {
      found.push("metadata");
      at = at["metadata"];
    }
    found.push(key);
    at = typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[key] : undefined;
  }
  return found;
}
