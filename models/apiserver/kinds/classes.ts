/** StorageClasses and PriorityClasses (kubernetes pkg/apis/storage, pkg/apis/scheduling). */
import { deepEqual } from "../../machinery/equality.ts";
import type { PriorityClass, StorageClass } from "../../machinery/kinds/index.ts";
import type { KindRules } from "./base.ts";
import { validateOneOf } from "./common.ts";
import { type Errors, forbidden, invalid, invalidAll, required } from "./fields.ts";
import { filled } from "./fill.ts";
import { qualifiedName } from "./names.ts";
import { validateImmutable } from "./pod-template.ts";

export const STORAGE_CLASS: KindRules<StorageClass> = {
  // storage/v1 SetDefaults_StorageClass
  defaults: (storage) => filled(storage, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" }),
  validate: validateStorageClass,
  validateUpdate: (storage, old, errors) => {
    if (!deepEqual(storage.parameters ?? {}, old.parameters ?? {}))
      errors.push(forbidden("parameters", "updates to parameters are forbidden."));
    for (const name of ["provisioner", "reclaimPolicy"] as const)
      if (storage[name] !== old[name]) errors.push(forbidden(name, `updates to ${name} are forbidden.`));
    validateImmutable(storage.volumeBindingMode, old.volumeBindingMode, "volumeBindingMode", errors);
  },
};

/** storage/validation ValidateStorageClass. */
function validateStorageClass(storage: StorageClass, errors: Errors): void {
  if (!storage.provisioner) errors.push(required("provisioner"));
  else invalidAll(errors, "provisioner", storage.provisioner, qualifiedName(storage.provisioner.toLowerCase()));
  for (const key of Object.keys(storage.parameters ?? {}))
    if (key === "") errors.push(invalid("parameters", key, "field can not be empty."));
  validateOneOf(storage.reclaimPolicy, ["Delete", "Retain"], "reclaimPolicy", errors);
  validateOneOf(storage.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"], "volumeBindingMode", errors);
}

/** The classes that the system has by itself, with their values (scheduling/v1 helpers.go). */
export const SYSTEM_PRIORITY_CLASSES: Readonly<Record<string, number>> = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
};
const USER_PRIORITY_MAX = 1_000_000_000;

export const PRIORITY_CLASS: KindRules<PriorityClass> = {
  generation: () => false,
  // scheduling/v1 SetDefaults_PriorityClass
  defaults: (priority) => filled(priority, { preemptionPolicy: "PreemptLowerPriority", value: 0 }),
  validate: validatePriorityClass,
  validateUpdate: (priority, old, errors) => {
    if (priority.value !== old.value) errors.push(forbidden("value", "may not be changed in an update."));
    validateImmutable(priority.preemptionPolicy, old.preemptionPolicy, "preemptionPolicy", errors);
  },
};

/** scheduling/validation ValidatePriorityClass. */
function validatePriorityClass(priority: PriorityClass, errors: Errors): void {
  const { name } = priority.metadata;
  const value = SYSTEM_PRIORITY_CLASSES[name ?? ""];
  if (name?.startsWith("system-")) {
    const reserved = "priority class names with 'system-' prefix are reserved for system use only. error: ";
    if (value === undefined)
      errors.push(forbidden("metadata.name", `${reserved}${name} is not a known system priority class`));
    else if (priority.value !== value)
      errors.push(forbidden("metadata.name", `${reserved}value of ${name} PriorityClass must be ${value}`));
  } else if (priority.value > USER_PRIORITY_MAX)
    errors.push(forbidden("value", `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`));
  validateOneOf(priority.preemptionPolicy, ["Never", "PreemptLowerPriority"], "preemptionPolicy", errors);
}
