/** What volumes must say (kubernetes pkg/apis/core/validation/validation.go, ValidateVolumes). */
import type { Json, Volume } from "../../machinery/kinds/index.ts";
import { duplicate, type Errors, forbidden, invalid, invalidAll, required } from "./fields.ts";
import { configKey, dnsLabel, dnsSubdomain } from "./names.ts";

/** Checks the volumes of a pod, and gives their names. */
export function validateVolumes(volumes: readonly Volume[], field: string, errors: Errors): ReadonlySet<string> {
  const names = new Set<string>();
  volumes.forEach((volume, index) => {
    const at = `${field}[${index}]`;
    if (!volume.name) errors.push(required(`${at}.name`));
    else {
      invalidAll(errors, `${at}.name`, volume.name, dnsLabel(volume.name));
      if (names.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
      names.add(volume.name);
    }
    validateSource(volume, at, errors);
  });
  return names;
}

interface Items {
  readonly items?: readonly { readonly key?: string; readonly path?: string }[];
}

/** validateVolumeSource: one source. */
function validateSource(volume: Volume, field: string, errors: Errors): void {
  const sources = Object.keys(volume).filter((key) => key !== "name");
  if (sources.length === 0) errors.push(required(field, "must specify a volume type"));
  for (const extra of sources.slice(1))
    errors.push(forbidden(`${field}.${extra}`, "may not specify more than 1 volume type"));
  const { hostPath, configMap, secret, persistentVolumeClaim, ephemeral } = volume;
  if (hostPath !== undefined) validateHostPath(hostPath as { path?: string }, `${field}.hostPath`, errors);
  if (configMap !== undefined) {
    if (!(configMap as { name?: string }).name) errors.push(required(`${field}.configMap.name`));
    validateItems(configMap as Items, `${field}.configMap`, errors);
  }
  if (secret !== undefined) {
    if (!(secret as { secretName?: string }).secretName) errors.push(required(`${field}.secret.secretName`));
    validateItems(secret as Items, `${field}.secret`, errors);
  }
  if (persistentVolumeClaim !== undefined) {
    const { claimName } = persistentVolumeClaim;
    if (!claimName) errors.push(required(`${field}.persistentVolumeClaim.claimName`));
    else invalidAll(errors, `${field}.persistentVolumeClaim.claimName`, claimName, dnsSubdomain(claimName));
  }
  if (ephemeral !== undefined && (ephemeral as { volumeClaimTemplate?: Json }).volumeClaimTemplate === undefined)
    errors.push(required(`${field}.ephemeral.volumeClaimTemplate`));
}

/** validateHostPathVolumeSource. */
function validateHostPath(source: { readonly path?: string }, field: string, errors: Errors): void {
  if (!source.path) errors.push(required(`${field}.path`));
  else if (source.path.split("/").includes(".."))
    errors.push(invalid(`${field}.path`, source.path, "must not contain '..'"));
}

/** validateKeyToPath. */
function validateItems(source: Items, field: string, errors: Errors): void {
  (source.items ?? []).forEach(({ key, path }, index) => {
    const at = `${field}.items[${index}]`;
    if (!key) errors.push(required(`${at}.key`));
    else invalidAll(errors, `${at}.key`, key, configKey(key));
    if (!path) errors.push(required(`${at}.path`));
    else if (path.startsWith("/")) errors.push(invalid(`${at}.path`, path, "must be a relative path"));
    else if (path.split("/").includes("..")) errors.push(invalid(`${at}.path`, path, "must not contain '..'"));
  });
}
