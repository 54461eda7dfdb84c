import type { Namespace } from "../../machinery/kinds/index.ts";
import type { KindRules } from "./base.ts";
import { mapped } from "./fill.ts";
import { validateFinalizerName } from "./meta.ts";
import { dnsLabel } from "./names.ts";

const NAME_LABEL = "kubernetes.io/metadata.name";

export const NAMESPACE: KindRules<Namespace> = {
  name: dnsLabel,
  defaults: namespaceDefaults,
  create: newNamespace,
  // core/namespace strategy PrepareForUpdate: finalizers of the spec go by the subresource `finalize` alone.
  update: (namespace, old) => (old.spec === undefined ? namespace : { ...namespace, spec: old.spec }),
  validate: ({ spec }, errors) =>
    (spec?.finalizers ?? []).forEach((finalizer, index) => {
      validateFinalizerName(finalizer, `spec.finalizers[${index}]`, errors);
    }),
  fields: ({ status }) => ({ "status.phase": status?.phase ?? "" }),
};

/** core/v1 SetDefaults_Namespace: its name is a label too. */
function namespaceDefaults(namespace: Namespace): Namespace {
  const { name } = namespace.metadata;
  if (!name || namespace.metadata.labels?.[NAME_LABEL] === name) return namespace;
  return mapped(namespace, "metadata", (metadata) => ({
    ...metadata,
    labels: { ...metadata.labels, [NAME_LABEL]: name },
  }));
}

/** core/namespace strategy PrepareForCreate: active, and kept until its content is gone. */
function newNamespace(namespace: Namespace): Namespace {
  const finalizers = namespace.spec?.finalizers ?? [];
  const spec = finalizers.includes("kubernetes") ? { finalizers } : { finalizers: [...finalizers, "kubernetes"] };
  return { ...namespace, spec, status: { phase: "Active" } };
}
