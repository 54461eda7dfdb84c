import type { ApiRequest } from "../../machinery/api.ts";
import { createRequest, deleteRequest } from "../../machinery/client/requests.ts";
import type { KubeObject, Pod, PodTemplateSpec } from "../../machinery/kinds/index.ts";
import { controllerReference } from "../../machinery/meta.ts";

/** A pod of a template, owned by what it is made for (kubernetes pkg/controller/controller_utils.go, GetPodFromTemplate). */
export function podFromTemplate(template: PodTemplateSpec, owner: KubeObject): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "",
      generateName: podPrefix(owner.metadata.name),
      ...namespaceOf(owner),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}

/** The owner's name with a dash, unless that is no valid name (controller_utils.go, getPodsPrefix). */
function podPrefix(name: string): string {
  const prefix = `${name}-`;
  return prefix.length > 253 ? name : prefix;
}

export function namespaceOf(object: KubeObject): { readonly namespace?: string } {
  const { namespace } = object.metadata;
  return namespace === undefined ? {} : { namespace };
}

export function createPod(pod: Pod): ApiRequest {
  return createRequest(pod, pod.metadata.namespace ?? "");
}

/**
 * Deletes a pod by its name alone: "DeletePod deletes the pod identified by podID", without a precondition on its UID
 * (controller_utils.go, RealPodControl.DeletePod).
 */
export function deletePod(pod: Pod): ApiRequest {
  return deleteRequest("pods", pod.metadata.namespace ?? "", pod.metadata.name);
}
