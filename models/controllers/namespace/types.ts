import type { Micros } from "../../kernel/index.ts";
import type { ResourceName } from "../../machinery/api.ts";
import type { Namespace } from "../../machinery/kinds/index.ts";
import type { ControllerTurn } from "../controller.ts";

/** Durations in microseconds; in brackets, the values of kubernetes pkg/controller/namespace. */
export interface NamespaceConfig {
  /** Before the content is deleted: API servers that do not know yet of the deletion still let things in [5 s]. */
  readonly gracePeriodUs: Micros;
  /** How long is waited for finalizers of others [finalizerEstimateSeconds, 15 s]. */
  readonly finalizerEstimateSeconds: number;
  /** Resources that are not in the table, by their names: `widgets.example.com`. The real one discovers them. */
  readonly customResources: readonly ResourceName[];
}

export const NAMESPACE_DEFAULTS: NamespaceConfig = Object.freeze({
  gracePeriodUs: 5_000_000,
  finalizerEstimateSeconds: 15,
  customResources: [],
});

/** What was found while the content was deleted. */
export interface Content {
  /** `pods has 2 resource instances` */
  readonly remaining: readonly string[];
  /** How many objects have it. */
  readonly finalizers: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
  /** When to look again, in seconds. */
  readonly estimateSeconds: number;
}

export type NamespaceTask =
  | { readonly step: "read" }
  | { readonly step: "phase" }
  | {
      readonly step: "delete";
      readonly namespace: Namespace;
      readonly left: readonly ResourceName[];
      readonly content: Content;
    }
  | {
      readonly step: "list";
      readonly namespace: Namespace;
      readonly left: readonly ResourceName[];
      readonly content: Content;
    }
  | { readonly step: "conditions"; readonly content: Content }
  | { readonly step: "finalize" };

export type NamespaceTurn = ControllerTurn<null, NamespaceConfig>;
