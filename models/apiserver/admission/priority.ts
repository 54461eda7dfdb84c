import type { KubeObject, Pod, PriorityClass } from "../../machinery/kinds/index.ts";
import { forbidden } from "../../machinery/status.ts";
import { SYSTEM_PRIORITY_CLASSES } from "../kinds/index.ts";
import type { AdmissionContext, AdmissionPlugin } from "../strategy.ts";

interface Priority {
  readonly className: string;
  readonly value: number;
  readonly preemptionPolicy: "PreemptLowerPriority" | "Never";
}

/** A pod's priority is that of its class (kubernetes plugin/pkg/admission/priority/admission.go). */
export const priority: AdmissionPlugin = {
  name: "Priority",
  admit(context, request, object, old) {
    if (request.resource !== "pods" || !("subresource" in request) || request.subresource !== "" || object === null)
      return object;
    const pod = object as Pod;
    if (request.verb !== "create") return kept(pod, old as Pod | null);
    const found = priorityOf(context, pod);
    return found === null || isPrioritised(pod, found) ? object : prioritised(pod, found);
  },
  validate(context, request, object) {
    if (request.verb === "create" && request.resource === "pods" && request.subresource === "" && object !== null)
      return podRefusal(context, object as Pod);
    if (request.resource === "priorityclasses" && object !== null)
      return classRefusal(context, object as PriorityClass);
    return null;
  },
};

/** admitPod: of the class that it names, else of the default one, else 0. Null: there is no such class. */
function priorityOf(context: AdmissionContext, pod: Pod): Priority | null {
  const name = pod.spec.priorityClassName ?? "";
  if (name === "") return defaultPriority(context);
  const named = context.get("priorityclasses", "", name) as PriorityClass | null;
  if (named !== null) return ofClass(named);
  const value = SYSTEM_PRIORITY_CLASSES[name];
  return value === undefined ? null : { className: name, value, preemptionPolicy: "PreemptLowerPriority" };
}

function ofClass({ metadata, value, preemptionPolicy }: PriorityClass): Priority {
  return { className: metadata.name, value, preemptionPolicy: preemptionPolicy ?? "PreemptLowerPriority" };
}

/** getDefaultPriority: of several, the one of the lowest value. */
function defaultPriority(context: AdmissionContext): Priority {
  let lowest: PriorityClass | null = null;
  for (const one of context.list("priorityclasses", "") as readonly PriorityClass[])
    if (one.globalDefault === true && (lowest === null || one.value < lowest.value)) lowest = one;
  return lowest === null ? { className: "", value: 0, preemptionPolicy: "PreemptLowerPriority" } : ofClass(lowest);
}

function isPrioritised(pod: Pod, { className, value, preemptionPolicy }: Priority): boolean {
  const { spec } = pod;
  return (
    (spec.priorityClassName ?? "") === className &&
    spec.priority === value &&
    spec.preemptionPolicy === preemptionPolicy
  );
}

function prioritised(pod: Pod, { className, value, preemptionPolicy }: Priority): KubeObject {
  // A priority of its own is refused by `validate`, which must still see it.
  const spec = { ...pod.spec, priority: pod.spec.priority ?? value, preemptionPolicy };
  return { ...pod, spec: className === "" ? spec : { ...spec, priorityClassName: className } } as Pod;
}

/** An update need not repeat what admission gave. */
function kept(pod: Pod, old: Pod | null): KubeObject {
  const missing = old !== null && pod.spec?.priority === undefined && old.spec.priority !== undefined;
  if (!missing) return pod;
  const policy = pod.spec.preemptionPolicy ?? old.spec.preemptionPolicy;
  const spec = { ...pod.spec, priority: old.spec.priority! };
  return { ...pod, spec: policy === undefined ? spec : { ...spec, preemptionPolicy: policy } } as Pod;
}

function podRefusal(context: AdmissionContext, pod: Pod) {
  const found = priorityOf(context, pod);
  const { name } = pod.metadata;
  if (found === null)
    return forbidden("pods", name, `no PriorityClass with name ${pod.spec.priorityClassName} was found`);
  if (pod.spec.priority === undefined || pod.spec.priority === found.value) return null;
  return forbidden(
    "pods",
    name,
    `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${found.value} from the given PriorityClass name`,
  );
}

/** validatePriorityClass: one default at most. */
function classRefusal(context: AdmissionContext, added: PriorityClass) {
  if (added.globalDefault !== true) return null;
  const other = (context.list("priorityclasses", "") as readonly PriorityClass[]).find(
    ({ metadata, globalDefault }) => globalDefault === true && metadata.name !== added.metadata.name,
  );
  if (other === undefined) return null;
  return forbidden(
    "priorityclasses",
    added.metadata.name,
    `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
  );
}
