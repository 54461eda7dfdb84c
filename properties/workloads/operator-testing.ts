import type { Loose } from "../cluster/testing.ts";

export const labels = { "example.com/database": "orders" };

/** Databases and claims for the tests of the operator's properties. */
export function database(replicas: number, more: Loose = {}): Loose {
  return {
    apiVersion: "example.com/v1",
    kind: "Database",
    metadata: { name: "orders", namespace: "default", uid: "d", generation: 1, ...more },
    spec: { replicas, image: "db:1", storage: "2Gi" },
    status: { observedGeneration: 1, readyReplicas: replicas, storage: "2Gi" },
  };
}

export const claim = (ordinal: number, storage = "2Gi"): Loose => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: `data-orders-${ordinal}`, namespace: "default", uid: `c${ordinal}`, labels },
  spec: { resources: { requests: { storage } } },
});
