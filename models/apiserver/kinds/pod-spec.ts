import type { PodSpec, PodTemplateSpec } from "../../machinery/kinds/index.ts";
import { validateNotNegative, validateOneOf, validateResourceList } from "./common.ts";
import { type Surroundings, validateContainers, validateResources } from "./containers.ts";
import { type Errors, forbidden, invalid, invalidAll, required } from "./fields.ts";
import { validateAnnotations, validateFinalizers, validateLabels } from "./meta.ts";
import { dnsLabel, dnsSubdomain, qualifiedName } from "./names.ts";
import { validateScheduling } from "./scheduling.ts";
import { validateVolumes } from "./volumes.ts";

const RESTART_POLICIES = ["Always", "OnFailure", "Never"];
const DNS_POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

/** What differs between the places where pod specs stand. */
export interface PodSpecPlace {
  /** Claims of a StatefulSet count as volumes: names of more volumes. */
  readonly volumes?: readonly string[];
}

/** core/validation ValidatePodSpec. */
export function validatePodSpec(spec: PodSpec, field: string, errors: Errors, place: PodSpecPlace = {}): void {
  const own = validateVolumes(spec.volumes ?? [], `${field}.volumes`, errors);
  const around: Surroundings = {
    volumes: place.volumes === undefined ? own : new Set([...own, ...place.volumes]),
    names: new Set<string>(),
  };
  const containers = spec.containers ?? [];
  if (containers.length === 0) errors.push(required(`${field}.containers`));
  validateContainers(containers, `${field}.containers`, around, false, errors);
  validateContainers(spec.initContainers ?? [], `${field}.initContainers`, around, true, errors);
  if (!spec.restartPolicy) errors.push(required(`${field}.restartPolicy`));
  else validateOneOf(spec.restartPolicy, RESTART_POLICIES, `${field}.restartPolicy`, errors);
  if (!spec.dnsPolicy) errors.push(required(`${field}.dnsPolicy`));
  else validateOneOf(spec.dnsPolicy, DNS_POLICIES, `${field}.dnsPolicy`, errors);
  validateScheduling(spec, field, errors);
  validateNames(spec, field, errors);
  validateTimes(spec, field, errors);
  validateResources(spec.resources, `${field}.resources`, errors);
  validateResourceList(spec.overhead, `${field}.overhead`, errors);
  (spec.readinessGates ?? []).forEach(({ conditionType }, index) => {
    const at = `${field}.readinessGates[${index}].conditionType`;
    invalidAll(errors, at, conditionType ?? "", qualifiedName(conditionType ?? ""));
  });
  validateHostNetwork(spec, field, errors);
}

function validateNames(spec: PodSpec, field: string, errors: Errors): void {
  const check = (name: "serviceAccountName" | "nodeName" | "priorityClassName" | "schedulerName") => {
    const value = spec[name];
    if (value) invalidAll(errors, `${field}.${name}`, value, dnsSubdomain(value));
  };
  check("serviceAccountName");
  check("nodeName");
  check("priorityClassName");
  if (spec.hostname) invalidAll(errors, `${field}.hostname`, spec.hostname, dnsLabel(spec.hostname));
  if (spec.subdomain) invalidAll(errors, `${field}.subdomain`, spec.subdomain, dnsLabel(spec.subdomain));
  validateOneOf(spec.preemptionPolicy, ["Never", "PreemptLowerPriority"], `${field}.preemptionPolicy`, errors);
}

function validateTimes(spec: PodSpec, field: string, errors: Errors): void {
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647))
    errors.push(invalid(`${field}.activeDeadlineSeconds`, deadline, "must be between 1 and 2147483647, inclusive"));
  validateNotNegative(spec.terminationGracePeriodSeconds, `${field}.terminationGracePeriodSeconds`, errors);
}

/** validateHostNetwork: the ports are those of the host. */
function validateHostNetwork(spec: PodSpec, field: string, errors: Errors): void {
  if (spec.hostNetwork !== true) return;
  (spec.containers ?? []).forEach((container, index) => {
    (container.ports ?? []).forEach((port, place) => {
      if (port.hostPort !== undefined && port.hostPort !== port.containerPort)
        errors.push(
          invalid(
            `${field}.containers[${index}].ports[${place}].containerPort`,
            port.containerPort,
            "must match `hostPort` when `hostNetwork` is true",
          ),
        );
    });
  });
}

/** core/validation ValidatePodTemplateSpec. */
export function validatePodTemplate(
  template: PodTemplateSpec | undefined,
  field: string,
  errors: Errors,
  place: PodSpecPlace = {},
): void {
  const meta = template?.metadata;
  validateLabels(meta?.labels, `${field}.labels`, errors);
  validateAnnotations(meta?.annotations, `${field}.annotations`, errors);
  validateFinalizers(meta?.finalizers, `${field}.finalizers`, errors);
  const spec = template?.spec ?? { containers: [] };
  validatePodSpec(spec, `${field}.spec`, errors, place);
  if ((spec as { ephemeralContainers?: readonly unknown[] }).ephemeralContainers?.length)
    errors.push(forbidden(`${field}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template"));
}
