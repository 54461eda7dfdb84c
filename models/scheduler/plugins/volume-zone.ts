import type { PersistentVolume, Pod } from "../../machinery/kinds/index.ts";
import { annotationOf } from "../../machinery/meta.ts";
import type { Listers } from "../framework/listers.ts";
import { labelIn } from "../framework/node-affinity.ts";
import { found, type Plugin, refusal } from "../framework/plugin.ts";
import { SKIP, type Status, unresolvable } from "../framework/status.ts";
import { notFound } from "./claims.ts";

/** Labels of a volume that say where it can be used: by key, the values that a node may have. */
interface VolumePlace {
  readonly key: string;
  readonly values: readonly string[];
}

const OLD_ZONE = "failure-domain.beta.kubernetes.io/zone";
const OLD_REGION = "failure-domain.beta.kubernetes.io/region";
const ZONE = "topology.kubernetes.io/zone";
const REGION = "topology.kubernetes.io/region";
const LABELS = [OLD_ZONE, OLD_REGION, ZONE, REGION];
const CONFLICT = unresolvable("node(s) had no available volume zone");

/** plugins/volumezone/volume_zone.go. */
export const volumeZone: Plugin<readonly VolumePlace[]> = {
  name: "VolumeZone",
  preFilter: ({ pod, listers }) => {
    const places = placesOf(pod.pod, listers);
    if ("code" in places) return refusal(places);
    return places.length === 0 ? refusal(SKIP) : found(places);
  },
  filter: (state, { pod, listers }, { node: { metadata } }) => {
    if ((pod.pod.spec.volumes ?? []).length === 0) return null;
    if (!LABELS.some((key) => labelIn(metadata.labels, key) !== undefined)) return null;
    const places = state ?? placesOf(pod.pod, listers);
    if ("code" in places) return places;
    for (const { key, values } of places) {
      const value = labelIn(metadata.labels, key) ?? labelIn(metadata.labels, newerLabel(key));
      if (value === undefined || !values.includes(value)) return CONFLICT;
    }
    return null;
  },
};

/** volume_zone.go, translateToGALabel. */
function newerLabel(key: string): string {
  if (key === OLD_REGION) return REGION;
  return key === OLD_ZONE ? ZONE : key;
}

/** volume_zone.go, getPVbyPod. */
function placesOf(pod: Pod, { claims, volumes, classes }: Listers): readonly VolumePlace[] | Status {
  const places: VolumePlace[] = [];
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim === undefined) continue;
    const name = persistentVolumeClaim.claimName;
    if (name === "") return unresolvable("PersistentVolumeClaim had no name");
    const claim = claims.get(pod.metadata.namespace ?? "", name);
    if (claim === null) return unresolvable(notFound("persistentvolumeclaims", name));
    const { volumeName = "" } = claim.spec;
    if (volumeName === "") {
      const className = annotationOf(claim, "volume.beta.kubernetes.io/storage-class") ?? claim.spec.storageClassName;
      if (className === undefined || className === "")
        return unresolvable("PersistentVolumeClaim had no pv name and storageClass name");
      const storageClass = classes.get("", className);
      if (storageClass === null) return unresolvable(notFound("storageclasses.storage.k8s.io", className));
      const mode = storageClass.volumeBindingMode;
      if (mode === undefined) return unresolvable(`VolumeBindingMode not set for StorageClass "${className}"`);
      if (mode === "WaitForFirstConsumer") continue;
      return unresolvable("PersistentVolume had no name");
    }
    const volume = volumes.get("", volumeName);
    if (volume === null) return unresolvable(notFound("persistentvolumes", volumeName));
    places.push(...placesOfVolume(volume));
  }
  return places;
}

/** volume_zone.go, getPVTopologies; component-helpers volume/helpers, LabelZonesToSet: zones are joined by `__`. */
function placesOfVolume({ metadata }: PersistentVolume): readonly VolumePlace[] {
  return LABELS.flatMap((key) => {
    const value = labelIn(metadata.labels, key);
    if (value === undefined) return [];
    const values = value.split("__").map((zone) => zone.trim());
    return values.includes("") ? [] : [{ key, values }];
  });
}
