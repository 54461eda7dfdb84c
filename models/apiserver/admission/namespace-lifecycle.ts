import type { Namespace } from "../../machinery/kinds/index.ts";
import { isDeleting } from "../../machinery/meta.ts";
import { forbidden, notFound } from "../../machinery/status.ts";
import type { AdmissionPlugin } from "../strategy.ts";

const IMMORTAL = ["default", "kube-system", "kube-public"];

/**
 * Nothing is created in a namespace that is not there or is going, and some namespaces stay for good (apiserver
 * pkg/admission/plugin/namespace/lifecycle/admission.go).
 *
 * The real one looks again, past its cache, for a namespace that it does not know; here it depends on the context.
 */
export const namespaceLifecycle: AdmissionPlugin = {
  name: "NamespaceLifecycle",
  validate(context, request, object) {
    if (request.verb === "delete" && request.resource === "namespaces")
      return IMMORTAL.includes(request.name)
        ? forbidden("namespaces", request.name, "this namespace may not be deleted")
        : null;
    if (request.verb !== "create" || request.namespace === "" || request.resource === "namespaces") return null;
    const name = request.namespace;
    const namespace = context.get("namespaces", "", name) as Namespace | null;
    if (namespace === null) return notFound("namespaces", name);
    if (!isDeleting(namespace) && namespace.status?.phase !== "Terminating") return null;
    return forbidden(
      request.resource,
      object?.metadata?.name ?? request.name,
      `unable to create new content in namespace ${name} because it is being terminated`,
      [
        {
          reason: "NamespaceTerminating",
          message: `namespace ${name} is being terminated`,
          field: "metadata.namespace",
        },
      ],
    );
  },
};
