import { deepEqual } from "../../machinery/equality.ts";
import type { PersistentVolume, PersistentVolumeSpec } from "../../machinery/kinds/index.ts";
import type { KindRules } from "./base.ts";
import { validateOneOf, validateQuantity } from "./common.ts";
import { type Errors, forbidden, invalid, invalidAll, required } from "./fields.ts";
import { filled, mapped } from "./fill.ts";
import { dnsSubdomain } from "./names.ts";
import { validateAccessModes } from "./persistent-volume-claim.ts";
import { validateNodeSelector } from "./scheduling.ts";

export const PERSISTENT_VOLUME: KindRules<PersistentVolume> = {
  // core/v1 SetDefaults_PersistentVolume
  defaults: (volume) =>
    mapped(volume, "spec", (spec) =>
      filled(spec, { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" }),
    ),
  create: (volume) => ({ ...volume, status: { phase: "Pending" } }),
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
};

/** Fields of the spec that are not a source. */
const COMMON = [
  "capacity",
  "accessModes",
  "claimRef",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "mountOptions",
  "volumeMode",
  "nodeAffinity",
  "volumeAttributesClassName",
];

function sourceOf(spec: PersistentVolumeSpec): readonly [string, unknown][] {
  return Object.entries(spec).filter(([name]) => !COMMON.includes(name));
}

/** core/validation ValidatePersistentVolumeSpec. */
function validateVolume(volume: PersistentVolume, errors: Errors): void {
  const spec: PersistentVolumeSpec = volume.spec ?? {};
  validateAccessModes(spec.accessModes, "spec.accessModes", errors);
  const storage = spec.capacity?.["storage"];
  if (Object.keys(spec.capacity ?? {}).length === 0) errors.push(required("spec.capacity"));
  else if (storage === undefined) errors.push(required("spec.capacity", "storage capacity is required"));
  else validateQuantity(storage, "spec.capacity[storage]", errors);
  validateOneOf(
    spec.persistentVolumeReclaimPolicy,
    ["Delete", "Recycle", "Retain"],
    "spec.persistentVolumeReclaimPolicy",
    errors,
  );
  if (spec.nodeAffinity !== undefined) {
    if (spec.nodeAffinity.required === undefined)
      errors.push(required("spec.nodeAffinity.required", "must specify required node constraints"));
    else validateNodeSelector(spec.nodeAffinity.required, "spec.nodeAffinity.required", errors);
  }
  const sources = sourceOf(spec);
  if (sources.length === 0) errors.push(required("spec", "must specify a volume type"));
  for (const [name] of sources.slice(1))
    errors.push(forbidden(`spec.${name}`, "may not specify more than 1 volume type"));
  for (const name of ["hostPath", "local"] as const) {
    const source = spec[name] as { readonly path?: string } | undefined;
    if (source !== undefined && !source.path) errors.push(required(`spec.${name}.path`));
  }
  if (spec.local !== undefined && spec.nodeAffinity?.required === undefined)
    errors.push(required("spec.nodeAffinity", "Local volume requires node affinity"));
  if (spec.storageClassName)
    invalidAll(errors, "spec.storageClassName", spec.storageClassName, dnsSubdomain(spec.storageClassName));
  validateOneOf(spec.volumeMode, ["Block", "Filesystem"], "spec.volumeMode", errors);
}

/** core/validation ValidatePersistentVolumeUpdate. */
function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume, errors: Errors): void {
  if (volume.spec === old.spec) return;
  if (!deepEqual(sourceOf(volume.spec), sourceOf(old.spec)))
    errors.push(forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"));
  if (!deepEqual(volume.spec.volumeMode, old.spec.volumeMode))
    errors.push(invalid("spec.volumeMode", volume.spec.volumeMode, "field is immutable"));
  if (old.spec.nodeAffinity !== undefined && !deepEqual(volume.spec.nodeAffinity, old.spec.nodeAffinity))
    errors.push(
      invalid(
        "spec.nodeAffinity",
        volume.spec.nodeAffinity,
        "field is immutable, except for updating from beta label to GA",
      ),
    );
}
