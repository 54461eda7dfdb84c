import type { ReplicaSet } from "../../machinery/kinds/index.ts";
import { type KindRules, specChanged } from "./base.ts";
import { validateNotNegative } from "./common.ts";
import { type Errors, invalid } from "./fields.ts";
import { filled, mapped } from "./fill.ts";
import { podTemplateDefaults } from "./pod-defaults.ts";
import {
  validateImmutable,
  validateLastingTemplate,
  validateSelectedTemplate,
  validateSelector,
} from "./pod-template.ts";

export const REPLICA_SET: KindRules<ReplicaSet> = {
  generation: specChanged,
  // apps/v1 SetDefaults_ReplicaSet
  defaults: (set) =>
    mapped(set, "spec", (spec) => mapped(filled(spec, { replicas: 1 }), "template", podTemplateDefaults)),
  create: (set) => ({ ...set, status: { replicas: 0 } }),
  validate: validateReplicaSet,
  validateUpdate: (set, old, errors) =>
    validateImmutable(set.spec.selector, old.spec.selector, "spec.selector", errors),
  validateStatus: validateReplicaSetStatus,
  fields: ({ status }) => ({ "status.replicas": String(status?.replicas ?? 0) }),
};

/** apps/validation ValidateReplicaSetSpec. */
function validateReplicaSet(set: ReplicaSet, errors: Errors): void {
  const spec: Partial<ReplicaSet["spec"]> = set.spec ?? {};
  validateNotNegative(spec.replicas, "spec.replicas", errors);
  validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds", errors);
  validateSelector(spec.selector, "deployment", "spec.selector", errors);
  validateSelectedTemplate(spec.template, spec.selector, "spec.template", errors);
  validateLastingTemplate(spec.template, "spec.template", errors);
}

/** apps/validation ValidateReplicaSetStatus. */
function validateReplicaSetStatus({ status }: ReplicaSet, _old: ReplicaSet, errors: Errors): void {
  if (status === undefined) return;
  const more = "cannot be greater than status.replicas";
  for (const name of ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const)
    if ((status[name] ?? 0) > status.replicas) errors.push(invalid(`status.${name}`, status[name], more));
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0))
    errors.push(invalid("status.availableReplicas", status.availableReplicas, "cannot be greater than readyReplicas"));
}
