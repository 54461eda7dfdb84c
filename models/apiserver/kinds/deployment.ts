import { deepEqual } from "../../machinery/equality.ts";
import type { Deployment, DeploymentSpec, DeploymentStrategy } from "../../machinery/kinds/index.ts";
import { type KindRules, specChanged, withMetaOf } from "./base.ts";
import { isZero, validateNotMoreThan100Percent, validateNotNegative, validatePositiveIntOrPercent } from "./common.ts";
import { type Errors, forbidden, invalid, notSupported, required } from "./fields.ts";
import { filled, mapped } from "./fill.ts";
import { podTemplateDefaults } from "./pod-defaults.ts";
import {
  validateImmutable,
  validateLastingTemplate,
  validateSelectedTemplate,
  validateSelector,
} from "./pod-template.ts";

export const DEPLOYMENT: KindRules<Deployment> = {
  // apps/deployment strategy PrepareForUpdate: annotations count as a change of the spec.
  generation: (deployment, old) =>
    specChanged(deployment, old) || !deepEqual(deployment.metadata.annotations ?? {}, old.metadata.annotations ?? {}),
  defaults: (deployment) => mapped(deployment, "spec", deploymentDefaults),
  create: (deployment) => ({ ...deployment, status: {} }),
  // apps/deployment status strategy PrepareForUpdate
  updateStatus: (deployment, old) => withMetaOf(deployment, old, "labels"),
  validate: validateDeployment,
  validateUpdate: (deployment, old, errors) =>
    validateImmutable(deployment.spec.selector, old.spec.selector, "spec.selector", errors),
};

/** apps/v1 SetDefaults_Deployment. */
function deploymentDefaults(spec: DeploymentSpec): DeploymentSpec {
  const result = filled(spec, {
    replicas: 1,
    strategy: {},
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  return mapped(mapped(result, "strategy", strategyDefaults), "template", podTemplateDefaults);
}

function strategyDefaults(strategy: DeploymentStrategy): DeploymentStrategy {
  const typed = filled(strategy, { type: "RollingUpdate" });
  if (typed.type !== "RollingUpdate") return typed;
  return mapped(filled(typed, { rollingUpdate: {} }), "rollingUpdate", (rolling) =>
    filled(rolling, { maxUnavailable: "25%", maxSurge: "25%" }),
  );
}

/** apps/validation ValidateDeploymentSpec. */
function validateDeployment(deployment: Deployment, errors: Errors): void {
  const spec: Partial<DeploymentSpec> = deployment.spec ?? {};
  validateNotNegative(spec.replicas, "spec.replicas", errors);
  validateSelector(spec.selector, "deployment", "spec.selector", errors);
  validateSelectedTemplate(spec.template, spec.selector, "spec.template", errors);
  validateLastingTemplate(spec.template, "spec.template", errors);
  validateStrategy(spec.strategy ?? {}, errors);
  validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds", errors);
  validateNotNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit", errors);
  const deadline = spec.progressDeadlineSeconds;
  validateNotNegative(deadline, "spec.progressDeadlineSeconds", errors);
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0))
    errors.push(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
}

/** apps/validation ValidateDeploymentStrategy. */
function validateStrategy(strategy: DeploymentStrategy, errors: Errors): void {
  const field = "spec.strategy.rollingUpdate";
  switch (strategy.type) {
    case undefined:
      break;
    case "Recreate":
      if (strategy.rollingUpdate !== undefined)
        errors.push(forbidden(field, "may not be specified when strategy `type` is 'Recreate'"));
      break;
    case "RollingUpdate":
      if (strategy.rollingUpdate === undefined)
        errors.push(required(field, "this should be defaulted and never be nil"));
      else validateRollingUpdate(strategy.rollingUpdate, field, errors);
      break;
    default:
      errors.push(notSupported("spec.strategy", strategy, ["Recreate", "RollingUpdate"]));
  }
}

/** apps/validation ValidateRollingUpdateDeployment. */
function validateRollingUpdate(
  { maxUnavailable, maxSurge }: NonNullable<DeploymentStrategy["rollingUpdate"]>,
  field: string,
  errors: Errors,
): void {
  validatePositiveIntOrPercent(maxUnavailable, `${field}.maxUnavailable`, errors);
  validatePositiveIntOrPercent(maxSurge, `${field}.maxSurge`, errors);
  if (isZero(maxUnavailable) && isZero(maxSurge))
    errors.push(invalid(`${field}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  validateNotMoreThan100Percent(maxUnavailable, `${field}.maxUnavailable`, errors);
}
