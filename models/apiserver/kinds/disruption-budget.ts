import type { PodDisruptionBudget } from "../../machinery/kinds/index.ts";
import { type KindRules, specChanged } from "./base.ts";
import {
  validateLabelSelector,
  validateNotMoreThan100Percent,
  validateNotNegative,
  validateOneOf,
  validatePositiveIntOrPercent,
} from "./common.ts";
import { type Errors, invalid } from "./fields.ts";

const NO_STATUS = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

export const POD_DISRUPTION_BUDGET: KindRules<PodDisruptionBudget> = {
  generation: specChanged,
  create: (budget) => ({ ...budget, status: NO_STATUS }),
  validate: validateBudget,
  validateStatus: ({ status }, _old, errors) => {
    if (status === undefined) return;
    for (const name of ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const)
      validateNotNegative(status[name], `status.${name}`, errors);
  },
};

/** policy/validation ValidatePodDisruptionBudgetSpec. */
function validateBudget(budget: PodDisruptionBudget, errors: Errors): void {
  const spec: PodDisruptionBudget["spec"] = budget.spec ?? {};
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
    errors.push(invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
  for (const name of ["minAvailable", "maxUnavailable"] as const) {
    validatePositiveIntOrPercent(spec[name], `spec.${name}`, errors);
    validateNotMoreThan100Percent(spec[name], `spec.${name}`, errors);
  }
  validateLabelSelector(spec.selector, "spec.selector", errors);
  validateOneOf(
    spec.unhealthyPodEvictionPolicy,
    ["AlwaysAllow", "IfHealthyBudget"],
    "spec.unhealthyPodEvictionPolicy",
    errors,
  );
}
