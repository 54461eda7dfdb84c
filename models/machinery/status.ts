import type { ApiResponse, ResourceName, Status, StatusCause, StatusReason } from "./api.ts";
import type { KubeObject } from "./kinds/index.ts";
import { resourceNamed } from "./resources.ts";

/**
 * The errors of the API, with its own reasons, codes and messages (apimachinery pkg/api/errors/errors.go), and how
 * clients tell them apart.
 */
type Details = NonNullable<Status["details"]>;

export function failure(reason: StatusReason | "", code: number, message: string, details?: Details): Status {
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, code } as const;
  return details === undefined ? status : { ...status, details };
}

/** What a deletion answers that leaves no object. */
export function success(details?: Details): Status {
  const status = { kind: "Status", apiVersion: "v1", status: "Success", message: "", reason: "", code: 200 } as const;
  return details === undefined ? status : { ...status, details };
}

/** `pods`, `deployments.apps`: the resource as messages name it. */
export function qualifiedName(resource: ResourceName): string {
  const { name, group } = resourceNamed(resource);
  return group === "" || name.includes(".") ? name : `${name}.${group}`;
}

/** `Pod`, `Deployment.apps`: the kind as messages name it. */
function qualifiedKind(resource: ResourceName, kind: string): string {
  const { group } = resourceNamed(resource);
  return group === "" ? kind : `${kind}.${group}`;
}

export function badRequest(message: string): Status {
  return failure("BadRequest", 400, message);
}

export function unauthorized(message = "Unauthorized"): Status {
  return failure("Unauthorized", 401, message);
}

export function forbidden(
  resource: ResourceName,
  name: string,
  message: string,
  causes?: readonly StatusCause[],
): Status {
  const what = name === "" ? `${qualifiedName(resource)} is` : `${qualifiedName(resource)} ${quoted(name)} is`;
  const details = { name, kind: resource, ...(causes === undefined ? {} : { causes }) };
  return failure("Forbidden", 403, `${what} forbidden: ${message}`, details);
}

export function notFound(resource: ResourceName, name: string): Status {
  return failure("NotFound", 404, `${qualifiedName(resource)} ${quoted(name)} not found`, { name, kind: resource });
}

export function methodNotAllowed(resource: ResourceName, verb: string): Status {
  return failure(
    "MethodNotAllowed",
    405,
    `${verb} is not supported on resources of kind ${quoted(qualifiedName(resource))}`,
    {
      kind: resource,
    },
  );
}

export function alreadyExists(resource: ResourceName, name: string): Status {
  return failure("AlreadyExists", 409, `${qualifiedName(resource)} ${quoted(name)} already exists`, {
    name,
    kind: resource,
  });
}

/** What an update of an old version is told (apiserver registry/generic/registry, OptimisticLockErrorMsg). */
export const MODIFIED = "the object has been modified; please apply your changes to the latest version and try again";

export function conflict(resource: ResourceName, name: string, message: string = MODIFIED): Status {
  const text = `Operation cannot be fulfilled on ${qualifiedName(resource)} ${quoted(name)}: ${message}`;
  return failure("Conflict", 409, text, { name, kind: resource });
}

/** A precondition on the UID does not hold (apiserver storage/interfaces.go, Preconditions.Check). */
export function uidConflict(resource: ResourceName, name: string, wanted: string, found: string): Status {
  return conflict(resource, name, `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`);
}

/** A precondition on the resourceVersion does not hold. */
export function versionConflict(resource: ResourceName, name: string, wanted: string, found: string): Status {
  const message = `Precondition failed: ResourceVersion in precondition: ${wanted}, ResourceVersion in object meta: ${found}`;
  return conflict(resource, name, message);
}

/** The version asked for is compacted, or older than the watch cache goes back (NewResourceExpired). */
export function expired(message: string): Status {
  return failure("Expired", 410, message);
}

/** `too old resource version: 5 (100)`, what a watch cache says (apiserver storage/cacher). */
export function tooOldResourceVersion(wanted: string | number, oldest: string | number): Status {
  return expired(`too old resource version: ${wanted} (${oldest})`);
}

export function gone(message: string): Status {
  return failure("Gone", 410, message);
}

export interface FieldFailure {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** An object that breaks the rules of its kind: one text for all errors, and a cause for each (NewInvalid). */
export function invalid(resource: ResourceName, kind: string, name: string, errors: readonly FieldFailure[]): Status {
  const texts = errors.map(({ field, message }) => (field === "" ? message : `${field}: ${message}`));
  const text = texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`;
  const causes = errors.map(({ field, reason, message }) => ({ reason, message, field }));
  const message = `${qualifiedKind(resource, kind)} ${quoted(name)} is invalid: ${text}`;
  return failure("Invalid", 422, message, { name, kind, causes });
}

export function tooManyRequests(message: string, retryAfterSeconds = 0, causes?: readonly StatusCause[]): Status {
  const details = {
    ...(causes === undefined ? {} : { causes }),
    ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  };
  return failure("TooManyRequests", 429, message, details);
}

export function internalError(message: string): Status {
  return failure("InternalError", 500, `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** The server could not do it for now, and it did not happen (NewServerTimeout). */
export function serverTimeout(resource: ResourceName, verb: string, retryAfterSeconds = 0): Status {
  const message = `The ${verb} operation against ${qualifiedName(resource)} could not be completed at this time, please try again.`;
  return failure("ServerTimeout", 500, message, {
    name: verb,
    kind: resource,
    ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  });
}

export function serviceUnavailable(message: string): Status {
  return failure("ServiceUnavailable", 503, message);
}

/** It took too long; it may have happened (NewTimeoutError). */
export function timeout(message: string, retryAfterSeconds = 0): Status {
  return failure("Timeout", 504, `Timeout: ${message}`, retryAfterSeconds === 0 ? {} : { retryAfterSeconds });
}

/** The version asked for is one that this server has not seen yet (apiserver storage/errors.go, NewTooLargeResourceVersionError). */
export function tooLargeResourceVersion(wanted: string | number, current: string | number): Status {
  return failure("Timeout", 504, `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

// ---- How clients tell them apart

export function statusResponse(status: Status): ApiResponse {
  return { kind: "status", status };
}

export function objectResponse(object: KubeObject, warnings: readonly string[] = []): ApiResponse {
  return { kind: "object", object, warnings };
}

/** The failure in an answer; null where it succeeded, or there is none. */
export function failureOf(response: ApiResponse | null): Status | null {
  return response !== null && response.kind === "status" && response.status.status === "Failure"
    ? response.status
    : null;
}

export function isSuccess(response: ApiResponse | null): boolean {
  return response !== null && failureOf(response) === null;
}

/** The object of an answer; null where it has none. */
export function objectOf<O extends KubeObject>(response: ApiResponse | null): O | null {
  return response?.kind === "object" ? (response.object as O) : null;
}

function hasReason(response: ApiResponse | null, reason: StatusReason): boolean {
  return failureOf(response)?.reason === reason;
}

export function isNotFound(response: ApiResponse | null): boolean {
  return hasReason(response, "NotFound");
}

export function isAlreadyExists(response: ApiResponse | null): boolean {
  return hasReason(response, "AlreadyExists");
}

export function isConflict(response: ApiResponse | null): boolean {
  return hasReason(response, "Conflict");
}

export function isInvalid(response: ApiResponse | null): boolean {
  return hasReason(response, "Invalid");
}

export function isForbidden(response: ApiResponse | null): boolean {
  return hasReason(response, "Forbidden");
}

export function isTooManyRequests(response: ApiResponse | null): boolean {
  return hasReason(response, "TooManyRequests");
}

export function isServiceUnavailable(response: ApiResponse | null): boolean {
  return hasReason(response, "ServiceUnavailable");
}

/** Whether the version asked for is no longer to be had (client-go reflector.go, isExpiredError). */
export function isExpired(status: Status | null): boolean {
  return status !== null && (status.reason === "Expired" || status.reason === "Gone");
}

/** client-go reflector.go, isTooLargeResourceVersionError. */
export function isTooLargeResourceVersion(status: Status | null): boolean {
  return hasCause(status, "ResourceVersionTooLarge");
}

/** A create in a namespace that is being deleted (apimachinery errors.HasStatusCause, NamespaceTerminatingCause). */
export function isNamespaceTerminating(response: ApiResponse | null): boolean {
  return hasCause(failureOf(response), "NamespaceTerminating");
}

export function hasCause(status: Status | null, reason: string): boolean {
  return status?.details?.causes?.some((cause) => cause.reason === reason) === true;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
