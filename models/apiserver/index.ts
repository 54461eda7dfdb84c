import type { Machine } from "../kernel/index.ts";
import type { KubeObject } from "../machinery/kinds/index.ts";
import { ADMISSION, authorize } from "./admission/index.ts";
import { SYSTEM_NAMESPACES } from "./bootstrap.ts";
import { SYSTEM_PRIORITY_CLASSES, strategyFor } from "./kinds/index.ts";
import { boot, step } from "./step.ts";
import { decode, encode } from "./storage/codec.ts";
import type { ApiRules } from "./turn.ts";
import type { ApiServerTypes } from "./types.ts";

export { SYSTEM_NAMESPACES } from "./bootstrap.ts";
export { apiServerConfig } from "./config.ts";
export { API_SERVER_NOTES } from "./notes.ts";
export type { ApiRules } from "./turn.ts";
export * from "./types.ts";

/**
 * An API server in front of the store: the REST verbs, the watch cache, and the rules of the registry.
 *
 * See the README for the rules, and for what is not modelled.
 *
 * @param rules what it knows of kinds, and its admission
 */
export function apiServerOf(rules: ApiRules): Machine<ApiServerTypes> {
  return {
    boot(_durable, config, reading) {
      return boot(rules, config, reading);
    },
    step(state, input) {
      return step(rules, state, input);
    },
    disk: {
      empty: null,
      write() {
        return null;
      },
      pieces(record) {
        return [record];
      },
    },
  };
}

const PRIORITY_CLASSES: readonly KubeObject[] = Object.keys(SYSTEM_PRIORITY_CLASSES)
  .sort()
  .map((name) => {
    const value = SYSTEM_PRIORITY_CLASSES[name]!;
    return { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value } as KubeObject;
  });

/** The kinds and the admission of Kubernetes. */
export const API_RULES: ApiRules = {
  strategyFor,
  admission: ADMISSION,
  authorize,
  bootstrap: [...SYSTEM_NAMESPACES, ...PRIORITY_CLASSES],
  decode,
  encode,
};

export const apiServer: Machine<ApiServerTypes> = apiServerOf(API_RULES);
