/** What a pod may say about nodes (kubernetes pkg/apis/core/validation/validation.go: tolerations, affinity, spread). */
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from "../../machinery/kinds/index.ts";
import { validateLabelSelector, validateOneOf } from "./common.ts";
import { duplicate, type Errors, forbidden, invalid, invalidAll, notSupported, required } from "./fields.ts";
import { validateLabels } from "./meta.ts";
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from "./names.ts";

export function validateScheduling(spec: PodSpec, field: string, errors: Errors): void {
  validateLabels(spec.nodeSelector, `${field}.nodeSelector`, errors);
  validateTolerations(spec.tolerations ?? [], `${field}.tolerations`, errors);
  validateAffinity(spec.affinity ?? {}, `${field}.affinity`, errors);
  validateSpread(spec.topologySpreadConstraints ?? [], `${field}.topologySpreadConstraints`, errors);
  const gates = new Set<string>();
  (spec.schedulingGates ?? []).forEach(({ name }, index) => {
    const at = `${field}.schedulingGates[${index}]`;
    invalidAll(errors, at, name ?? "", qualifiedName(name ?? ""));
    if (gates.has(name)) errors.push(duplicate(at, name));
    gates.add(name);
  });
  if (gates.size > 0 && spec.nodeName)
    errors.push(forbidden(`${field}.nodeName`, "cannot be set until all schedulingGates have been cleared"));
}

/** ValidateTolerations. */
export function validateTolerations(tolerations: readonly Toleration[], field: string, errors: Errors): void {
  tolerations.forEach((toleration, index) => {
    const at = `${field}[${index}]`;
    const { key, operator, value, effect } = toleration;
    if (key) invalidAll(errors, `${at}.key`, key, qualifiedName(key));
    else if (operator !== "Exists")
      errors.push(
        invalid(
          `${at}.operator`,
          operator ?? "",
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (toleration.tolerationSeconds !== undefined && effect !== "NoExecute")
      errors.push(invalid(`${at}.effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    switch (operator ?? "Equal") {
      case "Equal":
        if (labelValue(value ?? "").length > 0)
          errors.push(invalid(`${at}.operator`, value, labelValue(value ?? "").join(";")));
        break;
      case "Exists":
        if (value)
          errors.push(invalid(`${at}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
        break;
      default:
        errors.push(notSupported(`${at}.operator`, operator, ["Equal", "Exists"]));
    }
    if (effect) validateOneOf(effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"], `${at}.effect`, errors);
  });
}

/** validateAffinity. */
function validateAffinity(affinity: Affinity, field: string, errors: Errors): void {
  const node = affinity.nodeAffinity;
  const needed = node?.requiredDuringSchedulingIgnoredDuringExecution;
  const requiredField = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferredField = "preferredDuringSchedulingIgnoredDuringExecution";
  if (needed !== undefined) validateNodeSelector(needed, `${field}.nodeAffinity.${requiredField}`, errors);
  (node?.preferredDuringSchedulingIgnoredDuringExecution ?? []).forEach(({ weight, preference }, index) => {
    const at = `${field}.nodeAffinity.${preferredField}[${index}]`;
    if (!(weight > 0 && weight <= 100)) errors.push(invalid(`${at}.weight`, weight ?? 0, "must be in the range 1-100"));
    validateNodeSelectorTerm(preference ?? {}, `${at}.preference`, errors);
  });
  validatePodAffinity(affinity.podAffinity ?? {}, `${field}.podAffinity`, errors);
  validatePodAffinity(affinity.podAntiAffinity ?? {}, `${field}.podAntiAffinity`, errors);
}

function validatePodAffinity(affinity: PodAffinity, field: string, errors: Errors): void {
  (affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).forEach((term, index) => {
    validatePodAffinityTerm(term, `${field}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`, errors);
  });
  (affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).forEach(({ weight, podAffinityTerm }, index) => {
    const at = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    if (!(weight > 0 && weight <= 100)) errors.push(invalid(`${at}.weight`, weight ?? 0, "must be in the range 1-100"));
    validatePodAffinityTerm(podAffinityTerm ?? { topologyKey: "" }, `${at}.podAffinityTerm`, errors);
  });
}

/** validatePodAffinityTerm. */
function validatePodAffinityTerm(term: PodAffinityTerm, field: string, errors: Errors): void {
  validateLabelSelector(term.labelSelector, `${field}.labelSelector`, errors);
  validateLabelSelector(term.namespaceSelector, `${field}.namespaceSelector`, errors);
  (term.namespaces ?? []).forEach((name, index) => {
    invalidAll(errors, `${field}.namespaces[${index}]`, name, dnsLabel(name));
  });
  validateLabelKeys(term, "matchLabelKeys", field, errors);
  validateLabelKeys(term, "mismatchLabelKeys", field, errors);
  (term.matchLabelKeys ?? []).forEach((key, i) => {
    if (term.mismatchLabelKeys?.includes(key))
      errors.push(invalid(`${field}.matchLabelKeys[${i}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys"));
  });
  if (!term.topologyKey) errors.push(required(`${field}.topologyKey`, "can not be empty"));
  invalidAll(errors, `${field}.topologyKey`, term.topologyKey ?? "", qualifiedName(term.topologyKey ?? ""));
}

/** ValidateNodeSelector. */
export function validateNodeSelector(selector: NodeSelector, field: string, errors: Errors): void {
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0)
    errors.push(required(`${field}.nodeSelectorTerms`, "must have at least one node selector term"));
  terms.forEach((term, index) => {
    const at = `${field}.nodeSelectorTerms[${index}]`;
    validateNodeSelectorTerm(term, at, errors);
    (term.matchExpressions ?? []).forEach(({ values }, nth) => {
      (values ?? []).forEach((value, i) => {
        invalidAll(errors, `${at}.matchExpressions[${nth}].values[${i}]`, value, labelValue(value));
      });
    });
  });
}

/** ValidateNodeSelectorRequirement. */
function validateNodeSelectorTerm(term: NodeSelectorTerm, field: string, errors: Errors): void {
  (term.matchExpressions ?? []).forEach(({ key, operator, values }, index) => {
    const at = `${field}.matchExpressions[${index}]`;
    const count = (values ?? []).length;
    switch (operator) {
      case "In":
      case "NotIn":
        if (count === 0) errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
        break;
      case "Exists":
      case "DoesNotExist":
        if (count > 0)
          errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        break;
      case "Gt":
      case "Lt":
        if (count !== 1)
          errors.push(required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
        break;
      default:
        errors.push(invalid(`${at}.operator`, operator ?? "", "not a valid selector operator"));
    }
    invalidAll(errors, `${at}.key`, key ?? "", qualifiedName(key ?? ""));
  });
  (term.matchFields ?? []).forEach((requirement, index) => {
    validateNodeField(requirement, `${field}.matchFields[${index}]`, errors);
  });
}

/** ValidateNodeFieldSelectorRequirement: the name is, or is not, a single one. */
function validateNodeField({ key, operator, values }: NodeSelectorRequirement, field: string, errors: Errors): void {
  if (operator !== "In" && operator !== "NotIn")
    errors.push(invalid(`${field}.operator`, operator ?? "", "not a valid selector operator"));
  else if (values?.length !== 1)
    errors.push(
      required(`${field}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
    );
  if (key !== "metadata.name") errors.push(invalid(`${field}.key`, key ?? "", "not a valid field selector key"));
  else
    (values ?? []).forEach((value, i) => {
      invalidAll(errors, `${field}.values[${i}]`, value, dnsSubdomain(value));
    });
}

/** validateTopologySpreadConstraints. */
function validateSpread(constraints: readonly TopologySpreadConstraint[], field: string, errors: Errors): void {
  const seen = new Set<string>();
  constraints.forEach((constraint, index) => {
    const at = `${field}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
    if (!(maxSkew > 0)) errors.push(invalid(`${at}.maxSkew`, maxSkew ?? 0, "must be greater than zero"));
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, "can not be empty"));
    else invalidAll(errors, `${at}.topologyKey`, topologyKey, qualifiedName(topologyKey));
    if (whenUnsatisfiable !== "DoNotSchedule" && whenUnsatisfiable !== "ScheduleAnyway")
      errors.push(
        notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable ?? "", ["DoNotSchedule", "ScheduleAnyway"]),
      );
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair)) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    seen.add(pair);
    if (minDomains !== undefined && minDomains <= 0)
      errors.push(invalid(`${at}.minDomains`, minDomains, "must be greater than zero"));
    if (minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule")
      errors.push(
        invalid(
          `${at}.minDomains`,
          minDomains,
          `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
        ),
      );
    validateOneOf(constraint.nodeAffinityPolicy, ["Honor", "Ignore"], `${at}.nodeAffinityPolicy`, errors);
    validateOneOf(constraint.nodeTaintsPolicy, ["Honor", "Ignore"], `${at}.nodeTaintsPolicy`, errors);
    validateLabelKeys(constraint, "matchLabelKeys", at, errors);
    validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`, errors);
  });
}

/** validateMatchLabelKeysInTopologySpread, validateLabelKeys: they add to a selector that is there. */
function validateLabelKeys(
  around: PodAffinityTerm | TopologySpreadConstraint,
  name: "matchLabelKeys" | "mismatchLabelKeys",
  field: string,
  errors: Errors,
): void {
  const keys = (around as PodAffinityTerm)[name] ?? [];
  if (keys.length > 0 && around.labelSelector === undefined)
    errors.push(forbidden(`${field}.${name}`, "must not be specified when labelSelector is not set"));
  keys.forEach((key, i) => {
    invalidAll(errors, `${field}.${name}[${i}]`, key, qualifiedName(key));
  });
}
