import { deepEqual } from "../../machinery/equality.ts";
import type { StatefulSet, StatefulSetSpec } from "../../machinery/kinds/index.ts";
import { type KindRules, specChanged } from "./base.ts";
import {
  isZero,
  validateNotMoreThan100Percent,
  validateNotNegative,
  validateOneOf,
  validatePositiveIntOrPercent,
} from "./common.ts";
import { type Errors, forbidden, invalid, invalidAll, required } from "./fields.ts";
import { filled, mapped, mappedList } from "./fill.ts";
import { dnsLabel } from "./names.ts";
import { validateClaimSpec } from "./persistent-volume-claim.ts";
import { claimSpecDefaults, podTemplateDefaults } from "./pod-defaults.ts";
import { validateLastingTemplate, validateSelectedTemplate, validateSelector } from "./pod-template.ts";

export const STATEFUL_SET: KindRules<StatefulSet> = {
  generation: specChanged,
  defaults: (set) => mapped(set, "spec", statefulSetDefaults),
  create: (set) => ({ ...set, status: { replicas: 0 } }),
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateStatus: validateStatefulSetStatus,
};

/** apps/v1 SetDefaults_StatefulSet. */
function statefulSetDefaults(spec: StatefulSetSpec): StatefulSetSpec {
  let result = filled(spec, {
    podManagementPolicy: "OrderedReady",
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
    replicas: 1,
    revisionHistoryLimit: 10,
  });
  result = mapped(result, "updateStrategy", (strategy) => {
    const typed = filled(strategy, { type: "RollingUpdate" });
    if (typed.type !== "RollingUpdate") return typed;
    return mapped(filled(typed, { rollingUpdate: {} }), "rollingUpdate", (rolling) =>
      filled(rolling, { partition: 0 }),
    );
  });
  result = mapped(result, "persistentVolumeClaimRetentionPolicy", (policy) =>
    filled(policy, { whenDeleted: "Retain", whenScaled: "Retain" }),
  );
  result = mapped(result, "volumeClaimTemplates", (claims) =>
    mappedList(claims, (claim) => {
      const typed = filled(claim as typeof claim & { kind?: string; apiVersion?: string; status?: object }, {
        kind: "PersistentVolumeClaim",
        apiVersion: "v1",
        status: { phase: "Pending" },
      });
      return mapped(typed, "spec", claimSpecDefaults);
    }),
  );
  return mapped(result, "template", podTemplateDefaults);
}

/** apps/validation ValidateStatefulSetSpec. */
function validateStatefulSet(set: StatefulSet, errors: Errors): void {
  const spec: Partial<StatefulSetSpec> = set.spec ?? {};
  if (spec.podManagementPolicy !== undefined && !["OrderedReady", "Parallel"].includes(spec.podManagementPolicy))
    errors.push(invalid("spec.podManagementPolicy", spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
  validateUpdateStrategy(spec, errors);
  const retention = spec.persistentVolumeClaimRetentionPolicy ?? {};
  for (const when of ["whenDeleted", "whenScaled"] as const)
    validateOneOf(retention[when], ["Delete", "Retain"], `spec.persistentVolumeClaimRetentionPolicy.${when}`, errors);
  validateNotNegative(spec.replicas, "spec.replicas", errors);
  validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds", errors);
  validateNotNegative(spec.ordinals?.start, "spec.ordinals.start", errors);
  if (spec.serviceName) invalidAll(errors, "spec.serviceName", spec.serviceName, dnsLabel(spec.serviceName));
  validateSelector(spec.selector, "statefulset", "spec.selector", errors);
  const claims = spec.volumeClaimTemplates ?? [];
  const volumes = claims.map(({ metadata }) => metadata?.name ?? "");
  claims.forEach((claim, index) => {
    if (!claim.metadata?.name) errors.push(required(`spec.volumeClaimTemplates[${index}].metadata.name`));
    validateClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${index}].spec`, errors);
  });
  validateSelectedTemplate(spec.template, spec.selector, "spec.template", errors, { volumes });
  validateLastingTemplate(spec.template, "spec.template", errors);
}

function validateUpdateStrategy(spec: Partial<StatefulSetSpec>, errors: Errors): void {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  const field = "spec.updateStrategy";
  switch (type) {
    case undefined:
      break;
    case "OnDelete":
      if (rollingUpdate !== undefined)
        errors.push(
          invalid(`${field}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"),
        );
      break;
    case "RollingUpdate": {
      validateNotNegative(rollingUpdate?.partition, `${field}.rollingUpdate.partition`, errors);
      const unavailable = rollingUpdate?.maxUnavailable;
      validatePositiveIntOrPercent(unavailable, `${field}.rollingUpdate.maxUnavailable`, errors);
      if (unavailable !== undefined && isZero(unavailable))
        errors.push(invalid(`${field}.rollingUpdate.maxUnavailable`, unavailable, "cannot be 0"));
      validateNotMoreThan100Percent(unavailable, `${field}.rollingUpdate.maxUnavailable`, errors);
      break;
    }
    default:
      errors.push(invalid(field, spec.updateStrategy, "must be 'RollingUpdate' or 'OnDelete'"));
  }
}

/** Fields of the spec that an update may change. */
const MUTABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

/** apps/validation ValidateStatefulSetUpdate. */
function validateStatefulSetUpdate(set: StatefulSet, old: StatefulSet, errors: Errors): void {
  const rest = (spec: StatefulSetSpec) =>
    Object.fromEntries(Object.entries(spec).filter(([name]) => !(MUTABLE as readonly string[]).includes(name)));
  if (set.spec === old.spec || deepEqual(rest(set.spec), rest(old.spec))) return;
  const all = MUTABLE.map((name) => `'${name}'`);
  errors.push(
    forbidden(
      "spec",
      `updates to statefulset spec for fields other than ${all.slice(0, -1).join(", ")} and ${all[all.length - 1]} are forbidden`,
    ),
  );
}

/** apps/validation ValidateStatefulSetStatus. */
function validateStatefulSetStatus({ status }: StatefulSet, old: StatefulSet, errors: Errors): void {
  if (status === undefined) return;
  for (const name of ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"] as const)
    if ((status[name] ?? 0) > status.replicas)
      errors.push(invalid(`status.${name}`, status[name], "cannot be greater than status.replicas"));
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0))
    errors.push(
      invalid("status.availableReplicas", status.availableReplicas, "cannot be greater than status.readyReplicas"),
    );
  if ((status.collisionCount ?? 0) < (old.status?.collisionCount ?? 0))
    errors.push(invalid("status.collisionCount", status.collisionCount ?? 0, "cannot be decremented"));
}
