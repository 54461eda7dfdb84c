import { check } from "../../harness/schema.ts";
import { ConfigSchema, type ConfigSpec } from "./config.ts";
import type { ConfigChanges } from "./paces.ts";
import {
  type ControlPlaneScenario,
  ControlPlaneScenarioSchema,
  type ControlPlaneSystem,
  type ManifestSpec,
} from "./scenario.ts";

/** A configuration with what the changes leave out as in the real cluster. */
export function configWith(changes: ConfigChanges): ConfigSpec {
  const checked = check(ConfigSchema, changes);
  if (checked.kind === "flawed") throw new Error(`changes of a configuration: ${JSON.stringify(checked.flaws)}`);
  return checked.value;
}

/** A whole scenario, with what is left out at its default. Throws where it does not fit the schema. */
export function scenarioWith(parts: object): ControlPlaneScenario {
  const checked = check(ControlPlaneScenarioSchema, {
    suite: "control-plane",
    system: {},
    phases: { chaosMs: 0 },
    ...parts,
  });
  if (checked.kind === "flawed") throw new Error(`a scenario of the control plane: ${JSON.stringify(checked.flaws)}`);
  return checked.value;
}

/** A system with what is left out at its default. */
export function systemWith(parts: object): ControlPlaneSystem {
  return scenarioWith({ system: parts }).system;
}

/** Objects in the order in which a person would apply them: namespaces, and what others name, first. */
export function inOrderOfKinds(objects: readonly ManifestSpec[]): readonly ManifestSpec[] {
  const rank = ({ kind }: ManifestSpec) => {
    const at = FIRST.indexOf(String(kind));
    return at < 0 ? FIRST.length : at;
  };
  return objects.toSorted((a, b) => rank(a) - rank(b));
}

const FIRST = [
  "Namespace",
  "CustomResourceDefinition",
  "PriorityClass",
  "StorageClass",
  "PersistentVolume",
  "ConfigMap",
  "Secret",
  "PersistentVolumeClaim",
  "Service",
  "PodDisruptionBudget",
];
