import { deepEqual } from "../../machinery/equality.ts";
import type { ContainerStatus, Pod, PodSpec, Toleration } from "../../machinery/kinds/index.ts";
import { isPodTerminal, qosClass } from "../../machinery/pods.ts";
import { type KindRules, specChanged, withMetaOf } from "./base.ts";
import { type Errors, forbidden, invalid } from "./fields.ts";
import { mapped } from "./fill.ts";
import { podDefaults } from "./pod-defaults.ts";
import { validatePodSpec } from "./pod-spec.ts";

export const POD: KindRules<Pod> = {
  generation: specChanged,
  defaults: (pod) => mapped(pod, "spec", podDefaults),
  create: newPod,
  // core/pod status strategy PrepareForUpdate: kubelets do not touch the owners.
  updateStatus: (pod, old) => withMetaOf(pod, old, "ownerReferences"),
  validate: (pod, errors) => validatePodSpec(pod.spec ?? { containers: [] }, "spec", errors),
  validateUpdate: validatePodUpdate,
  validateStatus: validatePodStatusUpdate,
  gracePeriodSeconds: podGracePeriodSeconds,
  allFields: ({ metadata, spec, status }) => ({
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace ?? "",
    "spec.nodeName": spec.nodeName ?? "",
    "spec.restartPolicy": spec.restartPolicy ?? "",
    "spec.schedulerName": spec.schedulerName ?? "",
    "spec.serviceAccountName": spec.serviceAccountName ?? "",
    "spec.hostNetwork": String(spec.hostNetwork ?? false),
    "status.phase": status?.phase ?? "",
    "status.podIP": status?.podIP ?? "",
    "status.nominatedNodeName": status?.nominatedNodeName ?? "",
  }),
};

/** core/pod strategy PrepareForCreate: pending, in the class of its resources; with gates, a condition says what holds it back. */
function newPod(pod: Pod): Pod {
  const status = { phase: "Pending" as const, qosClass: qosClass(pod) };
  if ((pod.spec.schedulingGates ?? []).length === 0) return { ...pod, status };
  const condition = {
    type: "PodScheduled",
    status: "False" as const,
    reason: "SchedulingGated",
    message: "Scheduling is blocked due to non-empty scheduling gates",
  };
  return { ...pod, status: { ...status, conditions: [condition] } };
}

/**
 * core/pod strategy CheckGracefulDelete: what is asked for, else the pod's own; nothing for one that no node has, or that
 * has come to its end.
 */
function podGracePeriodSeconds(pod: Pod, requested: number | null): number {
  const wanted = requested ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  if (!pod.spec.nodeName) return 0;
  if (isPodTerminal(pod)) return 0;
  return wanted < 0 ? 1 : wanted;
}

const MUTABLE =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** core/validation ValidatePodUpdate. */
function validatePodUpdate(pod: Pod, old: Pod, errors: Errors): void {
  if (pod.spec === old.spec) return;
  validateContainerCount(pod, old, errors);
  validateActiveDeadline(pod.spec, old.spec, errors);
  validateGates(pod.spec, old.spec, errors);
  validateNewTolerations(pod.spec, old.spec, errors);
  if (errors.length === 0 && !deepEqual(immutablePart(pod.spec, old.spec), immutablePart(old.spec, old.spec)))
    errors.push(forbidden("spec", MUTABLE));
}

function validateContainerCount(pod: Pod, old: Pod, errors: Errors): void {
  for (const list of ["containers", "initContainers"] as const)
    if ((pod.spec[list] ?? []).length !== (old.spec[list] ?? []).length)
      errors.push(forbidden(`spec.${list}`, "pod updates may not add or remove containers"));
}

/** It may be set, and lowered. */
function validateActiveDeadline(spec: PodSpec, old: PodSpec, errors: Errors): void {
  const before = old.activeDeadlineSeconds;
  const after = spec.activeDeadlineSeconds;
  if (before === undefined || after === before) return;
  if (after === undefined)
    errors.push(invalid("spec.activeDeadlineSeconds", after, "must not update from a positive integer to nil value"));
  else if (after > before)
    errors.push(invalid("spec.activeDeadlineSeconds", after, "must be less than or equal to previous value"));
}

/** validateSchedulingGates on update: gates only go. */
function validateGates(spec: PodSpec, old: PodSpec, errors: Errors): void {
  const before = (old.schedulingGates ?? []).map(({ name }) => name);
  const added = (spec.schedulingGates ?? []).map(({ name }) => name).filter((name) => !before.includes(name));
  if (added.length > 0)
    errors.push(
      forbidden(
        "spec.schedulingGates",
        "only deletion is allowed, but found new scheduling gates ".concat(`'${added.sort().join(",")}'`),
      ),
    );
}

/** validateOnlyAddedTolerations: none goes, none changes but for its time. */
function validateNewTolerations(spec: PodSpec, old: PodSpec, errors: Errors): void {
  if (spec.tolerations === old.tolerations) return;
  const identity = ({ tolerationSeconds: _, ...rest }: Toleration) => rest;
  const now = spec.tolerations ?? [];
  for (const before of old.tolerations ?? [])
    if (!now.some((one) => deepEqual(identity(one), identity(before)))) {
      errors.push(
        forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"),
      );
      return;
    }
}

/** The spec with what may change put back as it was. */
function immutablePart(spec: PodSpec, old: PodSpec): object {
  const { activeDeadlineSeconds: _, tolerations: __, schedulingGates: ___, ...rest } = spec;
  const images = (list: "containers" | "initContainers") =>
    (spec[list] ?? []).map((container, index) => ({ ...container, image: old[list]?.[index]?.image ?? "" }));
  const shortened = (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...rest,
    ...((old.schedulingGates ?? []).length > 0 ? { nodeSelector: null, affinity: null } : {}),
    containers: images("containers"),
    initContainers: images("initContainers"),
    terminationGracePeriodSeconds: shortened ? old.terminationGracePeriodSeconds : spec.terminationGracePeriodSeconds,
  };
}

/** core/validation ValidatePodStatusUpdate. */
function validatePodStatusUpdate(pod: Pod, old: Pod, errors: Errors): void {
  const status = pod.status ?? {};
  const before = old.status ?? {};
  validateTransitions(status.containerStatuses, before.containerStatuses, pod.spec, "status.containerStatuses", errors);
  validateTransitions(
    status.initContainerStatuses,
    before.initContainerStatuses,
    pod.spec,
    "status.initContainerStatuses",
    errors,
  );
}

/** ValidateContainerStateTransition: what must not run again does not leave its end. */
function validateTransitions(
  statuses: readonly ContainerStatus[] | undefined,
  old: readonly ContainerStatus[] | undefined,
  spec: PodSpec,
  field: string,
  errors: Errors,
): void {
  if (spec.restartPolicy === "Always" || statuses === old) return;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  (old ?? []).forEach((before, index) => {
    const ended = before.state?.terminated;
    if (ended === undefined || sidecars.some(({ name }) => name === before.name)) return;
    if (ended.exitCode !== 0 && spec.restartPolicy === "OnFailure") return;
    const after = statuses?.find(({ name }) => name === before.name)?.state;
    if (after !== undefined && after.terminated === undefined)
      errors.push(forbidden(`${field}[${index}].state`, "may not be transitioned to non-terminated state"));
  });
}
