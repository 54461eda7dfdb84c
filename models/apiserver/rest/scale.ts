import type { ResourceName } from "../../machinery/api.ts";
import type { Deployment, KubeObject, ReplicaSet, Scale, StatefulSet } from "../../machinery/kinds/index.ts";
import { formatLabelSelector } from "../../machinery/selectors.ts";

type Scalable = Deployment | ReplicaSet | StatefulSet;

/** Resources that have the subresource `scale` here. */
export function isScalable(resource: ResourceName): boolean {
  return resource === "deployments" || resource === "replicasets" || resource === "statefulsets";
}

/** The scale of a workload (registry/apps/deployment/storage, scaleFromDeployment). */
export function scaleOf(object: KubeObject): Scale {
  const { metadata, spec, status } = object as Scalable;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: spec.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, selector: formatLabelSelector(spec.selector) },
  };
}

/** The workload with the replicas of a scale, and the version that it names (scaleUpdatedObjectInfo). */
export function scaled(object: KubeObject, scale: Scale): KubeObject {
  const workload = object as Scalable;
  const { resourceVersion } = scale.metadata;
  const metadata =
    resourceVersion === undefined ? withoutVersionOf(workload) : { ...workload.metadata, resourceVersion };
  return { ...workload, metadata, spec: { ...workload.spec, replicas: scale.spec.replicas } } as Scalable;
}

function withoutVersionOf({ metadata }: KubeObject): KubeObject["metadata"] {
  const { resourceVersion: _, ...rest } = metadata;
  return rest;
}
