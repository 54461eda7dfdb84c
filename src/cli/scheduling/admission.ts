import { defaultClassOf } from "../../../models/apiserver/admission/storage.ts";
import { SYSTEM_PRIORITY_CLASSES } from "../../../models/apiserver/kinds/index.ts";
import type {
  KubeObject,
  PersistentVolumeClaim,
  Pod,
  PriorityClass,
  StorageClass,
} from "../../../models/machinery/kinds/index.ts";
import { annotationOf } from "../../../models/machinery/meta.ts";

/** The objects with what admission would have given them, were they not from files. */
export function admitted(objects: readonly KubeObject[]): readonly KubeObject[] {
  const priorities = ofKind<PriorityClass>(objects, "PriorityClass");
  const storage = defaultClassOf(ofKind<StorageClass>(objects, "StorageClass"));
  return objects.map((object) => {
    if (object.kind === "Pod") return withPriority(object as Pod, priorities);
    if (object.kind === "PersistentVolumeClaim" && storage !== null)
      return withClass(object as PersistentVolumeClaim, storage);
    return object;
  });
}

export function ofKind<O extends KubeObject>(objects: readonly KubeObject[], kind: O["kind"]): readonly O[] {
  return objects.filter((object) => object.kind === kind) as unknown as readonly O[];
}

/**
 * A pod's priority and policy are those of its class, or else of the default one: of several, that of the lowest value
 * (plugin/pkg/admission/priority/admission.go).
 */
function withPriority(pod: Pod, classes: readonly PriorityClass[]): Pod {
  if (pod.spec.priority !== undefined) return pod;
  const name = pod.spec.priorityClassName ?? "";
  const found =
    name === ""
      ? classes.filter(({ globalDefault }) => globalDefault === true).toSorted((one, two) => one.value - two.value)[0]
      : classes.find(({ metadata }) => metadata.name === name);
  const priority = found?.value ?? SYSTEM_PRIORITY_CLASSES[name];
  if (priority === undefined) return pod;
  const preemptionPolicy = pod.spec.preemptionPolicy ?? found?.preemptionPolicy;
  return { ...pod, spec: { ...pod.spec, priority, ...(preemptionPolicy !== undefined && { preemptionPolicy }) } };
}

/**
 * A claim that says nothing of its class has the default one (plugin/pkg/admission/storage/storageclass/setdefault); the
 * controller of volumes gives it to older ones, too, as long as they have no volume.
 */
function withClass(claim: PersistentVolumeClaim, { metadata }: StorageClass): PersistentVolumeClaim {
  const { storageClassName, volumeName = "" } = claim.spec;
  const isOld = annotationOf(claim, "volume.beta.kubernetes.io/storage-class") !== null;
  if (storageClassName !== undefined || volumeName !== "" || isOld) return claim;
  return { ...claim, spec: { ...claim.spec, storageClassName: metadata.name } };
}
