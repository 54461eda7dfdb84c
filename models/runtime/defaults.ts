import type { RuntimeConfig } from "./types.ts";

/** What a runtime is configured with where nothing else is said. */
export const RUNTIME_DEFAULTS: Omit<RuntimeConfig, "id" | "node" | "kubelet" | "podCIDR"> = Object.freeze({
  kind: "runtime" as const,
  runtime: "docker" as const,
  liveRestore: false,
  behaviours: [],
  sandboxUs: 150_000,
  createUs: 0,
  startUs: 0,
});
