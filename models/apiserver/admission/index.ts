import type { AdmissionPlugin } from "../strategy.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { nodeRestriction, taintNodesByCondition } from "./nodes.ts";
import { defaultTolerationSeconds, serviceAccount } from "./pods.ts";
import { priority } from "./priority.ts";
import { defaultStorageClass, storageObjectInUseProtection } from "./storage.ts";

export { authorize, nodeOf } from "./authorize.ts";

/** The plugins in their order (kubernetes pkg/kubeapiserver/options/plugins.go, AllOrderedPlugins). */
export const ADMISSION: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  priority,
  defaultTolerationSeconds,
  storageObjectInUseProtection,
  defaultStorageClass,
];
