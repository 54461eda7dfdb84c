import type { Job, KubeObject, ObjectMeta, PersistentVolume, StringMap } from "../../models/machinery/kinds/index.ts";

/** Metadata that a server sets. It is in the output of `kubectl get -o yaml`, and means nothing to another cluster. */
const SERVER_META = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
  "managedFields",
  "ownerReferences",
];

const UID_LABELS = ["controller-uid", "batch.kubernetes.io/controller-uid"];

/** The object without what only the cluster that it was read from can know. */
export function withoutServerFields(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object as KubeObject & { readonly status?: unknown };
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([name]) => !SERVER_META.includes(name)),
  ) as unknown as ObjectMeta;
  const cleaned = { ...rest, metadata };
  if (object.kind === "Job") return withoutJobUid(cleaned as Job);
  if (object.kind === "PersistentVolume") return withoutClaimUid(cleaned as PersistentVolume);
  return cleaned;
}

/** A job's selector names its UID, which it will not have again. */
function withoutJobUid(job: Job): KubeObject {
  const { spec } = job;
  if (typeof spec !== "object" || spec === null || spec.manualSelector === true) return job;
  const matchLabels = spec.selector?.matchLabels;
  if (matchLabels === undefined || !UID_LABELS.some((label) => matchLabels[label] !== undefined)) return job;
  const { selector: _, ...others } = spec;
  const labels = withoutUid(spec.template?.metadata?.labels);
  const template = { ...spec.template, metadata: { ...spec.template?.metadata, labels } };
  const metadata = { ...job.metadata, labels: withoutUid(job.metadata.labels) };
  return { ...job, metadata, spec: { ...others, template } } as Job;
}

function withoutUid(labels: StringMap | undefined): StringMap {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([name]) => !UID_LABELS.includes(name)));
}

function withoutClaimUid(volume: PersistentVolume): KubeObject {
  const reference = volume.spec?.claimRef;
  if (typeof reference !== "object" || reference === null) return volume;
  const { uid: _, resourceVersion: __, ...claimRef } = reference;
  return { ...volume, spec: { ...volume.spec, claimRef } } as PersistentVolume;
}
