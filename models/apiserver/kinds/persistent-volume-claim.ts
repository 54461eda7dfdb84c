import { deepEqual } from "../../machinery/equality.ts";
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../../machinery/kinds/index.ts";
import { compareQuantities } from "../../machinery/quantity.ts";
import type { KindRules } from "./base.ts";
import { validateLabelSelector, validateOneOf, validateQuantity } from "./common.ts";
import { type Errors, forbidden, invalid, invalidAll, notSupported, required } from "./fields.ts";
import { mapped } from "./fill.ts";
import { dnsSubdomain } from "./names.ts";
import { claimSpecDefaults } from "./pod-defaults.ts";

export const PERSISTENT_VOLUME_CLAIM: KindRules<PersistentVolumeClaim> = {
  defaults: (claim) => mapped(claim, "spec", claimSpecDefaults),
  create: (claim) => ({ ...claim, status: { phase: "Pending" } }),
  validate: ({ spec }, errors) => validateClaimSpec(spec ?? {}, "spec", errors),
  validateUpdate: validateClaimUpdate,
};

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** core/validation: of claims and volumes. */
export function validateAccessModes(modes: readonly string[] | undefined, field: string, errors: Errors): void {
  if ((modes ?? []).length === 0) errors.push(required(field, "at least 1 access mode is required"));
  for (const mode of modes ?? [])
    if (!ACCESS_MODES.includes(mode)) errors.push(notSupported(field, mode, ACCESS_MODES));
  if (modes?.includes("ReadWriteOncePod") && modes.length > 1)
    errors.push(forbidden(field, "may not use ReadWriteOncePod with other access modes"));
}

/** core/validation ValidatePersistentVolumeClaimSpec. */
export function validateClaimSpec(spec: Partial<PersistentVolumeClaimSpec>, field: string, errors: Errors): void {
  validateAccessModes(spec.accessModes, `${field}.accessModes`, errors);
  validateLabelSelector(spec.selector, `${field}.selector`, errors);
  const storage = spec.resources?.requests?.["storage"];
  const at = `${field}.resources[storage]`;
  if (storage === undefined) errors.push(required(at));
  else if (validateQuantity(storage, at, errors) && compareQuantities(storage, 0) <= 0)
    errors.push(invalid(at, String(storage), "must be greater than zero"));
  if (spec.storageClassName)
    invalidAll(errors, `${field}.storageClassName`, spec.storageClassName, dnsSubdomain(spec.storageClassName));
  validateOneOf(spec.volumeMode, ["Block", "Filesystem"], `${field}.volumeMode`, errors);
}

const MUTABLE =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

/** core/validation ValidatePersistentVolumeClaimUpdate: a volume may be named once, a class given once, a bound claim grow. */
function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, errors: Errors): void {
  if (claim.spec === old.spec) return;
  const isBound = old.status?.phase === "Bound";
  const fixed = (spec: PersistentVolumeClaimSpec) => {
    const { volumeName, storageClassName, resources, ...rest } = spec;
    const { requests: _, ...others } = resources ?? {};
    return {
      ...rest,
      volumeName: old.spec.volumeName ? volumeName : null,
      storageClassName: old.spec.storageClassName === undefined ? null : storageClassName,
      resources: isBound ? others : resources,
    };
  };
  if (!deepEqual(fixed(claim.spec), fixed(old.spec))) errors.push(forbidden("spec", MUTABLE));
  const before = old.spec.resources?.requests?.["storage"];
  const after = claim.spec.resources?.requests?.["storage"];
  const least = old.status?.capacity?.["storage"] ?? before;
  if (isBound && after !== undefined && least !== undefined && after !== before && compareQuantities(after, least) < 0)
    errors.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
}
