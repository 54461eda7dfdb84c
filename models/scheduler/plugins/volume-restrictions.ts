import { mapGet, mapHas } from "../../kernel/index.ts";
import type { Json, Pod, Volume } from "../../machinery/kinds/index.ts";
import type { Listers } from "../framework/listers.ts";
import { found, type Plugin, refusal } from "../framework/plugin.ts";
import { SKIP, type Status, unresolvable, unschedulable } from "../framework/status.ts";
import { notFound } from "./claims.ts";

interface RestrictionState {
  /** Its claims that only one pod may use, `namespace/name`. */
  readonly exclusive: readonly string[];
  /** How many uses of them there are by others. */
  readonly uses: number;
}

type Fields = { readonly [field: string]: Json };

const DISK_CONFLICT = unschedulable("node(s) had no available disk");
const ALREADY_USED = unschedulable(
  "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
);
const RESTRICTED = ["gcePersistentDisk", "awsElasticBlockStore", "rbd", "iscsi"];

/** plugins/volumerestrictions/volume_restrictions.go. */
export const volumeRestrictions: Plugin<RestrictionState> = {
  name: "VolumeRestrictions",
  preFilter: ({ pod, snapshot, listers }) => {
    const isRestricted = (pod.pod.spec.volumes ?? []).some((volume) =>
      RESTRICTED.some((source) => fieldsOf(volume, source) !== null),
    );
    const exclusive = exclusiveClaims(pod.pod, listers);
    if ("code" in exclusive) return refusal(exclusive);
    const uses = exclusive.filter((key) => mapHas(snapshot.claims, key)).length;
    return !isRestricted && uses === 0 ? refusal(SKIP) : found({ exclusive, uses });
  },
  withPod: (state, _, other, __, change) => {
    const uses = other.claims.filter((key) => state.exclusive.includes(key)).length;
    return { exclusive: state.exclusive, uses: state.uses + change * uses };
  },
  filter: (state, cycle, { pods }) => {
    if (pods.some(({ pod }) => hasDiskConflict(cycle.pod.pod, pod))) return DISK_CONFLICT;
    if (state !== null) return state.uses > 0 ? ALREADY_USED : null;
    const exclusive = exclusiveClaims(cycle.pod.pod, cycle.listers);
    if ("code" in exclusive) return exclusive;
    return exclusive.some((key) => (mapGet(cycle.snapshot.claims, key) ?? 0) > 0) ? ALREADY_USED : null;
  },
};

/** volume_restrictions.go, readWriteOncePodPVCsForPod. */
function exclusiveClaims({ spec, metadata }: Pod, { claims }: Listers): readonly string[] | Status {
  const keys: string[] = [];
  for (const { persistentVolumeClaim } of spec.volumes ?? []) {
    if (persistentVolumeClaim === undefined) continue;
    const { namespace = "" } = metadata;
    const claim = claims.get(namespace, persistentVolumeClaim.claimName);
    if (claim === null) return unresolvable(notFound("persistentvolumeclaim", persistentVolumeClaim.claimName));
    if (claim.spec.accessModes?.includes("ReadWriteOncePod")) keys.push(`${namespace}/${claim.metadata.name}`);
  }
  return keys;
}

/** volume_restrictions.go, satisfyVolumeConflicts. */
export function hasDiskConflict({ spec }: Pod, other: Pod): boolean {
  const others = other.spec.volumes ?? [];
  return others.length > 0 && (spec.volumes ?? []).some((volume) => others.some((two) => isConflict(volume, two)));
}

/** volume_restrictions.go, isVolumeConflict: the same disk, unless both only read it where the disk allows that. */
function isConflict(one: Volume, two: Volume): boolean {
  return (
    isShared(one, two, "gcePersistentDisk", true, (a, b) => a["pdName"] === b["pdName"]) ||
    isShared(one, two, "awsElasticBlockStore", false, (a, b) => a["volumeID"] === b["volumeID"]) ||
    isShared(one, two, "iscsi", true, (a, b) => a["iqn"] === b["iqn"]) ||
    isShared(one, two, "rbd", true, (a, b) => {
      const monitors = (b["monitors"] ?? []) as readonly string[];
      const overlap = ((a["monitors"] ?? []) as readonly string[]).some((monitor) => monitors.includes(monitor));
      return overlap && (a["pool"] ?? "rbd") === (b["pool"] ?? "rbd") && a["image"] === b["image"];
    })
  );
}

function isShared(
  one: Volume,
  two: Volume,
  source: string,
  mayRead: boolean,
  isSame: (one: Fields, two: Fields) => boolean,
): boolean {
  const left = fieldsOf(one, source);
  const right = fieldsOf(two, source);
  if (left === null || right === null || !isSame(left, right)) return false;
  return !(mayRead && left["readOnly"] === true && right["readOnly"] === true);
}

function fieldsOf(volume: Volume, source: string): Fields | null {
  const fields = volume[source];
  return typeof fields === "object" && fields !== null ? (fields as Fields) : null;
}
