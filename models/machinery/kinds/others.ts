/** The kinds of the groups coordination, discovery, policy, scheduling, storage and autoscaling (scale). */

import type { ObjectReference } from "./core.ts";
import type {
  Condition,
  IntOrString,
  Json,
  KubeObject,
  LabelSelector,
  MicroTime,
  ObjectMeta,
  ResourceVersion,
  StringMap,
  Time,
  Uid,
} from "./meta.ts";

/** coordination.k8s.io/v1 */
export interface Lease extends KubeObject {
  readonly kind: "Lease";
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: MicroTime;
    readonly renewTime?: MicroTime;
    readonly leaseTransitions?: number;
  };
}

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly hostname?: string;
  readonly targetRef?: ObjectReference;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[];
    readonly forNodes?: readonly { readonly name: string }[];
  };
}

/** discovery.k8s.io/v1 */
export interface EndpointSlice extends KubeObject {
  readonly kind: "EndpointSlice";
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
  readonly endpoints: readonly Endpoint[];
  readonly ports?: readonly {
    readonly name?: string;
    readonly protocol?: string;
    readonly port?: number;
    readonly appProtocol?: string;
  }[];
}

/** policy/v1 */
export interface PodDisruptionBudget extends KubeObject {
  readonly kind: "PodDisruptionBudget";
  readonly spec: {
    readonly minAvailable?: IntOrString;
    readonly maxUnavailable?: IntOrString;
    readonly selector?: LabelSelector;
    readonly unhealthyPodEvictionPolicy?: "IfHealthyBudget" | "AlwaysAllow";
  };
  readonly status?: {
    readonly observedGeneration?: number;
    /** By pod name: evicted, and not yet seen gone. */
    readonly disruptedPods?: Readonly<Record<string, Time>>;
    readonly disruptionsAllowed: number;
    readonly currentHealthy: number;
    readonly desiredHealthy: number;
    readonly expectedPods: number;
    readonly conditions?: readonly Condition[];
  };
}

/** policy/v1: the body of the subresource `pods/eviction`. */
export interface Eviction extends KubeObject {
  readonly kind: "Eviction";
  readonly deleteOptions?: DeleteOptions;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: Uid; readonly resourceVersion?: ResourceVersion };
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
}

/** scheduling.k8s.io/v1 */
export interface PriorityClass extends KubeObject {
  readonly kind: "PriorityClass";
  readonly value: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: "PreemptLowerPriority" | "Never";
  readonly description?: string;
}

/** storage.k8s.io/v1 */
export interface StorageClass extends KubeObject {
  readonly kind: "StorageClass";
  readonly provisioner: string;
  readonly parameters?: StringMap;
  readonly reclaimPolicy?: "Retain" | "Delete";
  readonly volumeBindingMode?: "Immediate" | "WaitForFirstConsumer";
  readonly allowVolumeExpansion?: boolean;
  readonly allowedTopologies?: readonly Json[];
}

/** autoscaling/v1: the body of the subresource `scale`. */
export interface Scale extends KubeObject {
  readonly kind: "Scale";
  readonly metadata: ObjectMeta;
  readonly spec: { readonly replicas: number };
  readonly status?: { readonly replicas: number; readonly selector?: string };
}
