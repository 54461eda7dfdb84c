/** Hints of the plugins that look at claims and volumes (kubernetes pkg/scheduler/framework/plugins, EventsToRegister). */
import { deepEqual } from "../../machinery/equality.ts";
import type {
  KubeObject,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from "../../machinery/kinds/index.ts";
import { annotationOf } from "../../machinery/meta.ts";
import { value } from "../../machinery/quantity.ts";
import type { CSIDriver, CSIStorageCapacity, VolumeAttachment } from "../framework/listers.ts";
import { claimNameOf } from "../framework/pod-info.ts";
import { driverOfInline } from "../plugins/csi-migration.ts";
import type { Hint, Interest } from "./index.ts";

/** A claim of the pod has come or changed. */
const isItsClaim: Hint = (pod, _, object) => {
  const { namespace, name } = (object as PersistentVolumeClaim).metadata;
  return namespace === pod.metadata.namespace && claimNamesOf(pod).includes(name);
};

function claimNamesOf({ spec, metadata }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap((volume) => claimNameOf(metadata.name, volume) ?? []);
}

/** volume_binding.go, isSchedulableAfterStorageClassChange. */
const classUsable: Hint = (_, old, object) =>
  old === null || !deepEqual((old as StorageClass).allowedTopologies, (object as StorageClass).allowedTopologies);

/** volume_zone.go, isSchedulableAfterStorageClassAdded. */
const classWaits: Hint = (_, __, object) => (object as StorageClass).volumeBindingMode === "WaitForFirstConsumer";

const ZONE_LABELS = [
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
];

/** volume_zone.go, isSchedulableAfterPersistentVolumeChange. */
const zoneChanged: Hint = (_, old, object) =>
  old === null ||
  ZONE_LABELS.some(
    (key) => (old as PersistentVolume).metadata.labels?.[key] !== (object as PersistentVolume).metadata.labels?.[key],
  );

/** volume_binding.go, isSchedulableAfterCSINodeChange. */
const migrated: Hint = (_, old, object) =>
  old === null || migratedPlugins(old) !== migratedPlugins(object as KubeObject);

function migratedPlugins(object: KubeObject): string | null {
  return annotationOf(object, "storage.alpha.kubernetes.io/migrated-plugins");
}

/** volume_binding.go, isSchedulableAfterCSIDriverChange: it publishes no longer what is free. */
const capacityIgnored: Hint = (pod, old, object) =>
  (old as CSIDriver | null)?.spec?.storageCapacity === true &&
  (object as CSIDriver).spec?.storageCapacity !== true &&
  (pod.spec.volumes ?? []).some(
    ({ csi }) => (csi as { driver?: string } | undefined)?.driver === object!.metadata.name,
  );

/** volume_binding.go, isSchedulableAfterCSIStorageCapacityChange. */
const capacityGrew: Hint = (_, old, object) => {
  if (old === null) return true;
  const before = limitOf(old as CSIStorageCapacity);
  const now = limitOf(object as CSIStorageCapacity);
  return now !== undefined && (before === undefined || value(now) > value(before));
};

function limitOf({ capacity, maximumVolumeSize }: CSIStorageCapacity) {
  return maximumVolumeSize ?? capacity;
}

/** nodevolumelimits/csi.go, isSchedulableAfterVolumeAttachmentDeleted: of a volume that the pod uses, or of such an inline one. */
const detached: Hint = (pod, old, _, { claims }) => {
  const { source, attacher } = (old as VolumeAttachment).spec ?? {};
  if (source?.inlineVolumeSpec !== undefined)
    return (pod.spec.volumes ?? []).some((volume) => driverOfInline(volume) === attacher);
  const volume = source?.persistentVolumeName;
  if (volume === undefined) return false;
  return claimNamesOf(pod).some((name) => claims.get(pod.metadata.namespace ?? "", name)?.spec.volumeName === volume);
};

export const STORAGE_HINTS: readonly Interest[] = [
  { plugin: "VolumeRestrictions", resource: "node", actions: ["add"], hint: null },
  { plugin: "VolumeRestrictions", resource: "claim", actions: ["add", "update"], hint: isItsClaim },
  { plugin: "NodeVolumeLimits", resource: "csiNode", actions: ["add", "update"], hint: null },
  { plugin: "NodeVolumeLimits", resource: "claim", actions: ["add"], hint: isItsClaim },
  { plugin: "NodeVolumeLimits", resource: "volumeAttachment", actions: ["delete"], hint: detached },
  { plugin: "VolumeBinding", resource: "storageClass", actions: ["add", "update"], hint: classUsable },
  { plugin: "VolumeBinding", resource: "claim", actions: ["add", "update"], hint: isItsClaim },
  { plugin: "VolumeBinding", resource: "volume", actions: ["add", "update"], hint: null },
  { plugin: "VolumeBinding", resource: "node", actions: ["add", "updateLabel"], hint: null },
  { plugin: "VolumeBinding", resource: "csiNode", actions: ["add", "update"], hint: migrated },
  { plugin: "VolumeBinding", resource: "csiDriver", actions: ["update"], hint: capacityIgnored },
  { plugin: "VolumeBinding", resource: "csiStorageCapacity", actions: ["add", "update"], hint: capacityGrew },
  { plugin: "VolumeZone", resource: "storageClass", actions: ["add"], hint: classWaits },
  { plugin: "VolumeZone", resource: "node", actions: ["add", "updateLabel"], hint: null },
  { plugin: "VolumeZone", resource: "claim", actions: ["add", "update"], hint: isItsClaim },
  { plugin: "VolumeZone", resource: "volume", actions: ["add", "update"], hint: zoneChanged },
];
