/**
 * Metadata of the Kubernetes API, in its own words and shapes (staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go).
 *
 * Objects are plain JSON, as they are in a manifest: what is not there is left out. They are immutable and shared freely.
 */

/** RFC 3339 in UTC with whole seconds: `2026-01-01T00:00:00Z`. See `time.ts`. */
export type Time = string;

/** RFC 3339 in UTC with microseconds: `2026-01-01T00:00:00.000000Z`. Leases have it. */
export type MicroTime = string;

export type Uid = string;

/** The revision of the store at which an object was last written, in decimal. Opaque to clients, but for equality. */
export type ResourceVersion = string;

export type StringMap = Readonly<Record<string, string>>;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: Uid;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string;
  /** Left out for cluster-scoped objects. */
  readonly namespace?: string;
  readonly uid?: Uid;
  readonly resourceVersion?: ResourceVersion;
  readonly generation?: number;
  readonly creationTimestamp?: Time;
  readonly deletionTimestamp?: Time;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** Any object of the API. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** An object of which only the metadata is typed: custom resources, and code that works on every kind. */
export interface UnstructuredObject extends KubeObject {
  readonly spec?: Json;
  readonly status?: Json;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

export interface LabelSelector {
  readonly matchLabels?: StringMap;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

/** A condition of a status. `type` and `reason` are the kind's own. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: Time;
  readonly lastUpdateTime?: Time;
  readonly lastProbeTime?: Time | null;
  readonly lastHeartbeatTime?: Time;
  readonly reason?: string;
  readonly message?: string;
}

/** A number of things or a share of them: `3` or `"25%"`. */
export type IntOrString = number | string;

/** Quantities are kept as they were written: `"100m"`, `"1.5Gi"`, or a number. See `quantity.ts`. */
export type Quantity = string | number;

/** By resource name: `cpu`, `memory`, `pods`, `ephemeral-storage`, `example.com/gpu`. */
export type ResourceList = Readonly<Record<string, Quantity>>;
