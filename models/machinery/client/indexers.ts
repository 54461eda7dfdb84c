import type { EndpointSlice, KubeObject, Pod } from "../kinds/index.ts";
import { controllerOf } from "../meta.ts";
import type { IndexName } from "./types.ts";

/** Before the namespace, under which `byController` has the objects that nobody controls. */
export const ORPHAN_PREFIX = "orphan/";

const NONE: readonly string[] = [];

/** The values under which an index has an object. */
export function indexValues(index: IndexName, object: KubeObject): readonly string[] {
  switch (index) {
    case "byNode":
      return byNode(object as Pod);
    case "byController":
      return byController(object);
    case "byOwner":
      return byOwner(object);
    case "byClaim":
      return byClaim(object as Pod);
    case "byService":
      return byService(object as EndpointSlice);
  }
}

/** `spec.nodeName` of a pod; nothing while it has none. */
function byNode(pod: Pod): readonly string[] {
  const node = pod.spec.nodeName;
  return node === undefined || node === "" ? NONE : [node];
}

/** The UID of its controller; what has none is under `orphan/<namespace>` (controller_utils.go, AddPodControllerUIDIndexer). */
function byController(object: KubeObject): readonly string[] {
  const controller = controllerOf(object);
  return [controller === null ? `${ORPHAN_PREFIX}${object.metadata.namespace ?? ""}` : controller.uid];
}

/** The UIDs of all its owners. */
function byOwner(object: KubeObject): readonly string[] {
  const owners = object.metadata.ownerReferences;
  return owners === undefined || owners.length === 0 ? NONE : owners.map(({ uid }) => uid);
}

/** The claims of a pod as `namespace/name`; an ephemeral volume's claim is named after pod and volume. */
function byClaim(pod: Pod): readonly string[] {
  const volumes = pod.spec.volumes;
  if (volumes === undefined) return NONE;
  const { namespace, name } = pod.metadata;
  const claims: string[] = [];
  for (const volume of volumes) {
    if (volume.persistentVolumeClaim !== undefined)
      claims.push(`${namespace}/${volume.persistentVolumeClaim.claimName}`);
    else if (volume.ephemeral !== undefined) claims.push(`${namespace}/${name}-${volume.name}`);
  }
  return claims;
}

/** `namespace/service` of an endpoint slice. */
function byService({ metadata }: EndpointSlice): readonly string[] {
  const service = metadata.labels?.["kubernetes.io/service-name"];
  return service === undefined ? NONE : [`${metadata.namespace}/${service}`];
}
