import { DATABASES, type Database } from "../../models/controllers/database-operator/types.ts";
import type { PersistentVolumeClaim, Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterContext, ClusterProperty } from "../cluster/cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf, type Stored } from "../cluster/ledger.ts";
import { isDeleting, isReady, joinKey, namespaceOf } from "../cluster/objects.ts";
import { type Programs, programsOf } from "../cluster/programs.ts";
import { isObserved, whyNotReady } from "./converging.ts";

const LABEL = "example.com/database";
const STORAGE = "example.com/storage";
const STORAGE_CLASS = "disk";

/**
 * L17, of an operator: each database has the instances that it wants and no others, each with a claim of the size that is
 * wanted and started with it; of one that is gone, no claim is left.
 */
export const operatorDatabasesConverge: ClusterProperty = {
  id: "workloads/operator-databases-converge",
  kind: "eventually",
  source:
    "Sieve: the end state with faults equals that without; rabbitmq cluster-operator#782, cassandra-operator#398; Kubernetes documentation, Operator pattern",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const programs = programsOf(context);
    return ledger.with({
      pending() {
        // Nobody has to make anything of them where the operator does not run.
        if (!hasOperator(context)) return null;
        for (const stored of ledger.all<Database>(DATABASES).values()) {
          if (neverReady(ledger, programs, stored.object)) continue;
          const why = whyPending(ledger, stored);
          if (why !== null) return why;
        }
        return claimLeft(ledger);
      },
    });
  },
};

function hasOperator({ processes }: ClusterContext): boolean {
  return processes.some(
    ({ config }) => config.kind === "controllerManager" && config.controllers?.includes("database-operator"),
  );
}

/** Its program is not to be had, or its claims get no volumes. */
function neverReady(ledger: ClusterLedger, programs: Programs, { metadata, spec }: Database): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  const isClassThere = ledger.get("storageclasses", STORAGE_CLASS) !== undefined;
  return !isClassThere || programs.neverReady({ containers: [{ name: "database", image: spec.image }] });
}

function whyPending(ledger: ClusterLedger, { key, object: database }: Stored<Database>): string | null {
  const { metadata, spec, status } = database;
  const what = `database ${key}`;
  if (isDeleting(database)) return `${what} is being deleted`;
  const namespace = metadata.namespace ?? "";
  for (let ordinal = 0; ordinal < spec.replicas; ordinal++) {
    const name = `${metadata.name}-${ordinal}`;
    const pod = ledger.get<Pod>("pods", joinKey(namespace, name));
    if (pod === undefined) return `${what} has no instance ${name}`;
    if (isDeleting(pod.object) || !isReady(pod.object)) return `${what} is not complete: ${whyNotReady(pod)}`;
    const why = whyNotRight(ledger, database, name, pod.object);
    if (why !== null) return `${what} has instance ${name} ${why}`;
  }
  for (const resource of ["pods", "persistentvolumeclaims"])
    for (const other of ledger.all(resource).values())
      if (namespaceOf(other.key) === namespace && ordinalIn(database, other) >= spec.replicas)
        return `${what} wants ${spec.replicas} instances, and there is ${other.key} of ${resource}`;
  if (!isObserved(database) || status?.readyReplicas !== spec.replicas || status.storage !== spec.storage)
    return `the status of ${what} says ${status?.readyReplicas ?? 0} ready of ${status?.storage || "no size"}`;
  return null;
}

function whyNotRight(ledger: ClusterLedger, { spec }: Database, name: string, pod: Pod): string | null {
  const namespace = pod.metadata.namespace ?? "";
  const claim = ledger.get<PersistentVolumeClaim>("persistentvolumeclaims", joinKey(namespace, `data-${name}`));
  if (claim === undefined) return "without a claim";
  if (isDeleting(claim.object)) return "whose claim is being deleted";
  const size = String(claim.object.spec.resources?.requests?.["storage"] ?? "");
  if (size !== spec.storage) return `with a claim of ${size}, where ${spec.storage} is wanted`;
  const started = pod.metadata.annotations?.[STORAGE];
  if (started !== size) return `started with ${started}, where its claim has ${size}`;
  const image = pod.spec.containers[0]?.image;
  return image === spec.image ? null : `of ${image}, where ${spec.image} is wanted`;
}

/** The ordinal of a database's pod or claim; -1 where it is none. */
function ordinalIn({ metadata }: Database, { object }: Stored): number {
  if (object.metadata.labels?.[LABEL] !== metadata.name) return -1;
  return Number(object.metadata.name.slice(object.metadata.name.lastIndexOf("-") + 1));
}

function claimLeft(ledger: ClusterLedger): string | null {
  for (const { key, object } of ledger.all("persistentvolumeclaims").values()) {
    const name = object.metadata.labels?.[LABEL];
    if (name !== undefined && ledger.get(DATABASES, joinKey(namespaceOf(key), name)) === undefined)
      return `claim ${key} is left of database ${name}, which is gone`;
  }
  return null;
}
