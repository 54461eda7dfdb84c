import { DATABASES, type Database } from "../../models/controllers/database-operator/types.ts";
import type { Micros } from "../../models/kernel/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isDeleting, joinKey } from "../cluster/objects.ts";

const LABEL = "example.com/database";

/**
 * S12, of an operator: it deletes no claim that its database wants. What was wanted only since it asked the API last cannot
 * be known to it.
 */
export const operatorSparesWantedClaims: ClusterProperty = {
  id: "workloads/operator-spares-wanted-claims",
  kind: "always",
  source: "cassandra-operator#402: a claim that is in use is deleted for a deletionTimestamp of long ago; Sieve",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    /** By database, and then by ordinal: since when it is wanted. */
    const wanted = new Map<string, readonly Micros[]>();
    /** By process and database: when it was last asked for. */
    const asked = new Map<string, Micros>();
    ledger.on<Database>(DATABASES, ({ key, before, after }) => {
      if (after === null || isDeleting(after)) wanted.delete(key);
      else {
        const old = before?.metadata.uid === after.metadata.uid ? (wanted.get(key) ?? []) : [];
        const { replicas } = after.spec;
        wanted.set(key, [...old.slice(0, replicas), ...Array(Math.max(0, replicas - old.length)).fill(context.now())]);
      }
    });
    return ledger.with({
      concerns: { changes: [], messages: ["apiCall"], notes: [] },
      onSend(process, _to, message) {
        if (message.kind !== "apiCall" || process.config.kind !== "controllerManager") return;
        const { request } = message;
        if (request.verb === "get" && request.resource === DATABASES) {
          asked.set(`${process.id} ${joinKey(request.namespace, request.name)}`, context.now());
          return;
        }
        if (request.verb !== "delete" || request.resource !== "persistentvolumeclaims") return;
        const claim = ledger.get(request.resource, joinKey(request.namespace, request.name))?.object;
        const name = claim?.metadata.labels?.[LABEL];
        const uid = request.options.preconditions?.uid;
        if (claim === undefined || name === undefined || (uid !== undefined && uid !== claim.metadata.uid)) return;
        const database = joinKey(request.namespace, name);
        const ordinal = Number(request.name.slice(request.name.lastIndexOf("-") + 1));
        const since = wanted.get(database)?.[ordinal];
        if (since === undefined || isDeleting(claim) || since >= (asked.get(`${process.id} ${database}`) ?? Infinity))
          return;
        context.violate(`${process.id} deletes claim ${request.name}, which database ${database} wants`, {
          uid: claim.metadata.uid ?? "",
          wantedForUs: context.now() - since,
        });
      },
    });
  },
};
