import type { Pod } from "../../machinery/kinds/index.ts";
import { annotationOf, controllerReference, labelOf } from "../../machinery/meta.ts";
import type { Claim, Database } from "./types.ts";

/** Claims go only by the operator: without this the database would be gone before them. */
export const FINALIZER = "example.com/claims";
/** Of pods and claims: the name of their database. */
export const DATABASE_LABEL = "example.com/database";
/** Of a pod: the size of the claim with which it was started. */
export const STORAGE = "example.com/storage";
/** The class of its claims. */
export const STORAGE_CLASS = "disk";

export function podName({ metadata }: Database, ordinal: number): string {
  return `${metadata.name}-${ordinal}`;
}

export function claimName(database: Database, ordinal: number): string {
  return `data-${podName(database, ordinal)}`;
}

/** The ordinal at the end of a name. */
export function ordinalOf(name: string): number {
  return Number(name.slice(name.lastIndexOf("-") + 1));
}

export function databaseOf(object: Pod | Claim): string | null {
  return labelOf(object, DATABASE_LABEL);
}

export function sizeOf({ spec }: Claim): string {
  return String(spec.resources?.requests?.["storage"] ?? "0");
}

/** The size with which an instance was started. */
export function startedWith(pod: Pod): string {
  return annotationOf(pod, STORAGE) ?? "";
}

/** Claims have no owner: they outlive who uses them, until the operator deletes them. */
export function newClaim(database: Database, ordinal: number): Claim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: claimName(database, ordinal),
      namespace: database.metadata.namespace ?? "",
      labels: { [DATABASE_LABEL]: database.metadata.name },
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: STORAGE_CLASS,
      resources: { requests: { storage: database.spec.storage } },
    },
  };
}

export function newPod(database: Database, ordinal: number, claim: Claim): Pod {
  const name = podName(database, ordinal);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: database.metadata.namespace ?? "",
      labels: { [DATABASE_LABEL]: database.metadata.name },
      annotations: { [STORAGE]: sizeOf(claim) },
      ownerReferences: [controllerReference(database)],
    },
    spec: {
      containers: [{ name: "database", image: database.spec.image }],
      terminationGracePeriodSeconds: 5,
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim.metadata.name } }],
    },
  };
}
