import type { DaemonSet, DaemonSetSpec } from "../../machinery/kinds/index.ts";
import { type KindRules, specChanged } from "./base.ts";
import { isZero, validateNotMoreThan100Percent, validateNotNegative, validatePositiveIntOrPercent } from "./common.ts";
import { type Errors, invalid, notSupported, required } from "./fields.ts";
import { filled, mapped } from "./fill.ts";
import { podTemplateDefaults } from "./pod-defaults.ts";
import {
  validateImmutable,
  validateLastingTemplate,
  validateSelectedTemplate,
  validateSelector,
} from "./pod-template.ts";

const NO_STATUS = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };

export const DAEMON_SET: KindRules<DaemonSet> = {
  generation: specChanged,
  defaults: (set) => mapped(set, "spec", daemonSetDefaults),
  create: (set) => ({ ...set, status: NO_STATUS }),
  validate: validateDaemonSet,
  validateUpdate: (set, old, errors) =>
    validateImmutable(set.spec.selector, old.spec.selector, "spec.selector", errors),
};

/** apps/v1 SetDefaults_DaemonSet. */
function daemonSetDefaults(spec: DaemonSetSpec): DaemonSetSpec {
  const result = mapped(
    filled(spec, { updateStrategy: {}, revisionHistoryLimit: 10 }),
    "updateStrategy",
    (strategy) => {
      const typed = filled(strategy, { type: "RollingUpdate" });
      if (typed.type !== "RollingUpdate") return typed;
      return mapped(filled(typed, { rollingUpdate: {} }), "rollingUpdate", (rolling) =>
        filled(rolling, { maxUnavailable: 1, maxSurge: 0 }),
      );
    },
  );
  return mapped(result, "template", podTemplateDefaults);
}

/** apps/validation ValidateDaemonSetSpec. */
function validateDaemonSet(set: DaemonSet, errors: Errors): void {
  const spec: Partial<DaemonSetSpec> = set.spec ?? {};
  validateSelector(spec.selector, "daemonset", "spec.selector", errors);
  validateSelectedTemplate(spec.template, spec.selector, "spec.template", errors);
  validateLastingTemplate(spec.template, "spec.template", errors);
  validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds", errors);
  validateNotNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit", errors);
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type === "RollingUpdate") validateRollingUpdate(rollingUpdate, errors);
  else if (type !== "OnDelete" && type !== undefined)
    errors.push(notSupported("spec.updateStrategy", spec.updateStrategy, ["RollingUpdate", "OnDelete"]));
}

/** apps/validation ValidateRollingUpdateDaemonSet: just one of the two is not 0. */
function validateRollingUpdate(
  rolling: NonNullable<DaemonSetSpec["updateStrategy"]>["rollingUpdate"],
  errors: Errors,
): void {
  const field = "spec.updateStrategy.rollingUpdate";
  if (rolling === undefined) {
    errors.push(required(field));
    return;
  }
  const { maxUnavailable, maxSurge } = rolling;
  validatePositiveIntOrPercent(maxUnavailable, `${field}.maxUnavailable`, errors);
  validateNotMoreThan100Percent(maxUnavailable, `${field}.maxUnavailable`, errors);
  validatePositiveIntOrPercent(maxSurge, `${field}.maxSurge`, errors);
  validateNotMoreThan100Percent(maxSurge, `${field}.maxSurge`, errors);
  if (!isZero(maxUnavailable) && !isZero(maxSurge))
    errors.push(invalid(`${field}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"));
  if (isZero(maxUnavailable) && isZero(maxSurge))
    errors.push(required(`${field}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
}
