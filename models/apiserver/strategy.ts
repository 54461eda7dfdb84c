import type { ApiRequest, ResourceName, Status, StatusCause, UserName } from "../machinery/api.ts";
import type { KubeObject, OwnerReference, ResourceVersion } from "../machinery/kinds/index.ts";
import type { ResourceInfo } from "../machinery/resources.ts";

/** A field that breaks a rule of the API, with the API's own words (apimachinery util/validation/field). */
export interface FieldError {
  /** `spec.containers[0].image`. */
  readonly field: string;
  /** `FieldValueRequired`, `FieldValueInvalid`, `FieldValueNotSupported`, `FieldValueDuplicate`, `FieldValueForbidden`, … */
  readonly reason: string;
  /** `Required value`, `Invalid value: "x": must be …`. */
  readonly message: string;
}

/**
 * What the API server does with objects of a kind, beside storing them (kubernetes pkg/registry/…/strategy.go,
 * pkg/apis/…/v1/defaults.go, pkg/apis/…/validation). All functions are pure; objects come with `metadata` complete.
 */
export interface Strategy {
  readonly resource: ResourceInfo;
  /** Fills in what was left out. Idempotent. */
  defaults(object: KubeObject): KubeObject;
  /** Drops what a creator may not say: status, generation. */
  prepareForCreate(object: KubeObject): KubeObject;
  validate(object: KubeObject): readonly FieldError[];
  /** Takes from `old` what an update of the object may not change (status), and counts the generation. */
  prepareForUpdate(object: KubeObject, old: KubeObject): KubeObject;
  validateUpdate(object: KubeObject, old: KubeObject): readonly FieldError[];
  /** Takes from `old` all that an update of the status may not change (spec, and metadata but for the versions). */
  prepareForStatusUpdate(object: KubeObject, old: KubeObject): KubeObject;
  validateStatusUpdate(object: KubeObject, old: KubeObject): readonly FieldError[];
  /**
   * The grace period of a deletion in seconds; null: no graceful deletion, it goes at once
   * (rest.RESTGracefulDeleteStrategy.CheckGracefulDelete). `requested` null: not said.
   */
  gracePeriodSeconds(object: KubeObject, requested: number | null): number | null;
  /** What becomes of dependents where nobody says. */
  readonly defaultPropagation: "Orphan" | "Background";
  /** Fields that a manifest has and the API does not know, as paths. They are warned of. */
  unknownFields(object: KubeObject): readonly string[];
  /** Where field selectors look: `metadata.name`, `spec.nodeName`, `status.phase`. */
  fields(object: KubeObject): Readonly<Record<string, string>>;
}

/** What admission sees of the cluster: the server's own cache, which may be old. */
export interface AdmissionContext {
  readonly user: UserName;
  get(resource: ResourceName, namespace: string, name: string): KubeObject | null;
  list(resource: ResourceName, namespace: string): readonly KubeObject[];
}

/**
 * A step between authorisation and the store that may change an object or refuse it (kubernetes plugin/pkg/admission).
 * `object` is the new one, `old` what is stored; null where there is none.
 */
export interface AdmissionPlugin {
  readonly name: string;
  admit?(
    context: AdmissionContext,
    request: ApiRequest,
    object: KubeObject | null,
    old: KubeObject | null,
  ): KubeObject | null;
  validate?(
    context: AdmissionContext,
    request: ApiRequest,
    object: KubeObject | null,
    old: KubeObject | null,
  ): Status | null;
}

/** Whether a user may do this (a small stand-in for RBAC and the node authoriser). Null: it may. */
export type Authorize = (
  user: UserName,
  request: ApiRequest | { readonly verb: "watch"; readonly resource: ResourceName },
) => Status | null;

export type { OwnerReference, ResourceVersion, StatusCause };
